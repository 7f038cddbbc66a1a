// ANCHOR: head
use shared::LineCodec;
use std::io::{self, ErrorKind};
use std::ops::Deref;

/// From this many unsent bytes on, nothing more is received from a client.
pub const HIGH_WATER: usize = 64 * 1024;
/// Below this many, receiving goes on.
pub const LOW_WATER: usize = 16 * 1024;

/// A conversation with one client, without its socket: what is done is told to it, and it tells what
/// is to be started next.
#[derive(Debug, Default)]
pub struct Conversation {
    codec: LineCodec,
    /// Answers that no send has been given yet.
    waiting: Vec<u8>,
    /// How many bytes a send has been given that it has not given back.
    sending: usize,
    /// So many are unsent that receiving stopped, and they are not yet few enough.
    held_back: bool,
    client: Client,
}

/// What is to be expected of a client.
#[derive(Debug, Default, PartialEq, Eq)]
enum Client {
    /// It may say more.
    #[default]
    Speaks,
    /// It has half-closed; it may still listen.
    HasSaidAll,
    /// It has reset the connection or vanished: nobody is left to answer.
    IsGone,
}
// ANCHOR_END: head

// ANCHOR: next
impl Conversation {
    /// Is a receive to be started, if none is in flight?
    pub fn wants_more(&self) -> bool {
        self.client == Client::Speaks && !self.held_back
    }

    /// What a send is to be started with, unless one is in flight. It is given away.
    pub fn to_send(&mut self) -> Option<Vec<u8>> {
        if self.sending > 0 || self.waiting.is_empty() {
            return None;
        }
        self.sending = self.waiting.len();
        Some(std::mem::take(&mut self.waiting))
    }

    /// Is nobody left to answer? Then what is in flight is to be cancelled.
    pub fn is_gone(&self) -> bool {
        self.client == Client::IsGone
    }
    // ANCHOR_END: next

    // ANCHOR: done
    /// A receive is done. `None`: the client has said all. The bytes are given back at once.
    pub fn received(&mut self, bytes: io::Result<Option<impl Deref<Target = [u8]>>>) {
        match bytes {
            _ if self.is_gone() => {}
            Ok(Some(bytes)) => {
                let answers = self.codec.feed(&bytes);
                self.owe(answers);
            }
            Ok(None) => {
                self.client = Client::HasSaidAll;
                let last = self.codec.finish();
                self.owe(last);
            }
            Err(error) if came_to_nothing(&error) => {}
            Err(_) => self.give_up(),
        }
    }

    /// A send is done: gives back what it was given, of which so many bytes are on their way.
    pub fn sent(&mut self, mut bytes: Vec<u8>, taken: io::Result<usize>) {
        self.sending = 0;
        match taken {
            _ if self.is_gone() => return,
            Ok(taken) if taken == bytes.len() => {}
            Ok(taken) => {
                bytes.drain(..taken);
                self.put_first(bytes);
            }
            Err(error) if came_to_nothing(&error) => self.put_first(bytes),
            Err(_) => return self.give_up(),
        }
        if self.waiting.len() < LOW_WATER {
            self.held_back = false;
        }
    }
    // ANCHOR_END: done

    // ANCHOR: helpers
    fn owe(&mut self, answers: Vec<u8>) {
        if self.waiting.is_empty() {
            self.waiting = answers;
        } else {
            self.waiting.extend_from_slice(&answers);
        }
        if self.waiting.len() + self.sending >= HIGH_WATER {
            self.held_back = true;
        }
    }

    fn put_first(&mut self, mut bytes: Vec<u8>) {
        bytes.append(&mut self.waiting);
        self.waiting = bytes;
    }

    fn give_up(&mut self) {
        self.client = Client::IsGone;
        self.waiting = Vec::new();
    }
}

/// Did an operation fail only because a signal came, or because all buffers were out? Then nothing
/// has happened, and a later one may succeed.
fn came_to_nothing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
        || error.raw_os_error() == Some(nix::libc::ENOBUFS)
}
// ANCHOR_END: helpers
