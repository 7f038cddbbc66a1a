// ANCHOR: head
use crate::Connection;
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
pub async fn converse(mut connection: Connection) -> io::Result<Connection> {
    let mut codec = LineCodec::new();
    while let Some(received) = connection.receive().await? {
        let answers = codec.feed(received);
        connection.send(&answers).await?;
    }
    connection.send(&codec.finish()).await?;
    Ok(connection)
}
// ANCHOR_END: converse
