use crate::{HIGH_WATER, LOW_WATER, LineCodec};

// ANCHOR: struct
/// A conversation with one client, without its socket. It is told what has been received and what has
/// been sent, and says what it waits for.
///
/// While nothing is under way it owns no memory but itself.
#[derive(Debug, Default)]
pub struct Conversation {
    /// The line that has begun and not ended.
    codec: LineCodec,
    /// The answers that the kernel has not taken yet.
    unsent: Vec<u8>,
    /// So many were unsent that receiving stopped, and they are not yet few enough.
    paused: bool,
    /// The client has half-closed, or is gone: nothing more will be received.
    finished: bool,
}
// ANCHOR_END: struct

// ANCHOR: receive
impl Conversation {
    /// A conversation in which nothing has been said yet.
    pub fn new() -> Conversation {
        Conversation::default()
    }

    /// These bytes have come: the answers to the lines that they complete are owed from now on.
    pub fn receive(&mut self, bytes: &[u8]) {
        if !self.finished {
            let answers = self.codec.feed(bytes);
            self.append(answers);
        }
    }

    /// The client has half-closed: it says nothing more, and may still listen.
    pub fn finish(&mut self) {
        if !self.finished {
            self.finished = true;
            let last = self.codec.finish();
            self.append(last);
        }
    }

    fn append(&mut self, answers: Vec<u8>) {
        if self.unsent.is_empty() {
            self.unsent = answers;
        } else {
            self.unsent.extend_from_slice(&answers);
        }
        if self.unsent.len() >= HIGH_WATER {
            self.paused = true;
        }
    }
    // ANCHOR_END: receive

    // ANCHOR: sent
    /// The answers that have not been sent yet, the oldest first.
    pub fn unsent(&self) -> &[u8] {
        &self.unsent
    }

    /// The kernel has taken the first `count` of the unsent bytes.
    pub fn sent(&mut self, count: usize) {
        if count < self.unsent.len() {
            self.unsent.drain(..count);
        } else {
            self.unsent = Vec::new();
        }
        if self.unsent.len() < LOW_WATER {
            self.paused = false;
        }
    }

    /// The client has reset the connection or vanished: nobody is left to answer. Whatever else is
    /// reported of it changes nothing any more.
    pub fn abort(&mut self) {
        self.finished = true;
        self.unsent = Vec::new();
    }
    // ANCHOR_END: sent

    // ANCHOR: wants
    /// Is there something to be received?
    pub fn wants_read(&self) -> bool {
        !self.finished && !self.paused
    }

    /// Is there something to be sent?
    pub fn wants_write(&self) -> bool {
        !self.unsent.is_empty()
    }

    /// Is the conversation over, and the connection to be closed? If not, it wants something.
    pub fn is_done(&self) -> bool {
        self.finished && self.unsent.is_empty()
    }
}
// ANCHOR_END: wants

#[cfg(test)]
mod tests {
    use super::{Conversation, HIGH_WATER};

    #[test]
    fn an_idle_conversation_owns_no_memory_but_itself() {
        assert!(size_of::<Conversation>() <= 56);
        let mut conversation = Conversation::new();
        conversation.receive(&[b'\n'; HIGH_WATER]);
        conversation.sent(HIGH_WATER);
        assert_eq!(conversation.unsent.capacity(), 0);
    }
}
