use crate::{MAX_LINE, rot13};
use memchr::memrchr;

/// The ROT13 line protocol without any I/O: feed it the bytes that came, get the bytes owed.
///
/// The answer depends on the bytes alone, never on how TCP cut them into segments. Between two
/// lines a codec owns no memory.
///
/// ```
/// let mut codec = conversation::LineCodec::new();
/// assert_eq!(codec.feed(b"Hello\nHow"), b"Uryyb\n");
/// assert_eq!(codec.feed(b" are you?\n"), b"Ubj ner lbh?\n");
/// assert_eq!(codec.finish(), b"");
/// ```
// ANCHOR: struct
#[derive(Debug, Default)]
pub struct LineCodec {
    /// The line that has begun and not ended: at most [`MAX_LINE`] bytes, none of them a `\n`.
    unfinished: Vec<u8>,
}
// ANCHOR_END: struct

impl LineCodec {
    /// A codec that has seen nothing yet.
    pub fn new() -> LineCodec {
        LineCodec::default()
    }

    // ANCHOR: feed
    /// Takes the bytes just `received` and returns what the client is owed for them: the rotation
    /// of every line that they complete.
    ///
    /// A line that grows past [`MAX_LINE`] bytes is answered as far as it goes, with a `\n` of the
    /// server's own; the byte that was too much begins the next line.
    pub fn feed(&mut self, mut received: &[u8]) -> Vec<u8> {
        let mut answers = Vec::new();
        while !received.is_empty() {
            // A line of MAX_LINE bytes and its `\n` ends within this window, or is too long. Every
            // line that ends within it is short enough, so all of them are answered in one go, up to
            // the last `\n`.
            let room = MAX_LINE - self.unfinished.len();
            let window = &received[..received.len().min(room + 1)];
            let taken = match memrchr(b'\n', window) {
                Some(newline) => {
                    self.answer(&window[..=newline], &mut answers);
                    newline + 1
                }
                None if window.len() > room => {
                    self.answer(&window[..room], &mut answers);
                    answers.push(b'\n');
                    room
                }
                None => {
                    self.unfinished.extend_from_slice(window);
                    window.len()
                }
            };
            received = &received[taken..];
        }
        answers
    }
    // ANCHOR_END: feed

    // ANCHOR: finish
    /// The client has said all: returns what is owed for a last line without a `\n`.
    pub fn finish(&mut self) -> Vec<u8> {
        let mut answer = Vec::new();
        self.answer(b"", &mut answer);
        answer
    }

    /// Appends the rotation of the unfinished line and of `rest`, which continues it.
    fn answer(&mut self, rest: &[u8], answers: &mut Vec<u8>) {
        let start = answers.len();
        // Taken, so that its memory is given back as well.
        answers.append(&mut std::mem::take(&mut self.unfinished));
        answers.extend_from_slice(rest);
        rot13(&mut answers[start..]);
    }
    // ANCHOR_END: finish
}
