// ANCHOR: head
//! Step 02, what its servers share: a conversation with one client, written the way one would
//! tell it. Each of them gives every client somebody of its own to hold this conversation.

mod stream;

use shared::LineCodec;
use std::io;
pub use stream::Stream;
// ANCHOR_END: head

// ANCHOR: converse
/// Talks with one client until it has said all, and answers all that it said. The connection, now
/// silent, is given back: whoever drops it closes it.
///
/// # Errors
///
/// When the client is gone. Nobody is left to answer then, and only this connection ends.
pub fn converse(mut stream: Stream) -> io::Result<Stream> {
    let mut codec = LineCodec::new();
    while let Some(received) = stream.receive()? {
        let answers = codec.feed(received);
        stream.send(&answers)?;
    }
    stream.send(&codec.finish())?;
    Ok(stream)
}
// ANCHOR_END: converse
