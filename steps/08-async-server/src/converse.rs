// ANCHOR: head
use crate::Stream;
use conversation::LineCodec;
use std::io;
// ANCHOR_END: head

// ANCHOR: converse
/// Talks with one client until it has said all, and answers all that it said. The connection, now
/// silent, is given back: whoever drops it closes it.
///
/// # Errors
///
/// When the client is gone. Nobody is left to answer then, and only this connection ends.
pub async fn converse(mut stream: Stream) -> io::Result<Stream> {
    let mut codec = LineCodec::new();
    while let Some(received) = stream.receive().await? {
        let answers = codec.feed(received);
        stream.send(&answers).await?;
    }
    stream.send(&codec.finish()).await?;
    Ok(stream)
}
// ANCHOR_END: converse
