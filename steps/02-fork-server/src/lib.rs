// ANCHOR: head
//! Step 02, what its servers share: a conversation with one client, written the way one would
//! tell it. They differ in who holds it: one process for all clients, a process or a thread for each,
//! or a few threads.

mod connection;

pub use connection::Connection;
use conversation::LineCodec;
use std::io;
// ANCHOR_END: head

// ANCHOR: converse
/// Talks with one client until it has said all, and answers all that it said. The connection, now
/// silent, is returned: whoever drops it closes it.
///
/// # Errors
///
/// When the client is gone. Nobody is left to answer then, and only this connection ends.
pub fn converse(mut connection: Connection) -> io::Result<Connection> {
    let mut codec = LineCodec::new();
    while let Some(received) = connection.receive()? {
        let answers = codec.feed(received);
        connection.send(&answers)?;
    }
    connection.send(&codec.finish())?;
    Ok(connection)
}
// ANCHOR_END: converse
