//! What a server says to one client, without any I/O ("sans I/O"): bytes that have come go in, and
//! the bytes that are owed for them come out. Which system calls carry them is the servers' business.
//!
//! * [`rot13()`]: the work that the servers do.
//! * [`LineCodec`]: the line protocol.
//! * [`Conversation`]: the same with the answers that have not been sent yet, and with an end.
//! * The limits that every server keeps.
//!
//! ```
//! let mut conversation = conversation::Conversation::new();
//! conversation.receive(b"Hello\nBye");
//! assert_eq!(conversation.unsent(), b"Uryyb\n");
//! conversation.sent(6);
//! conversation.finish();
//! assert_eq!(conversation.unsent(), b"Olr");
//! conversation.sent(3);
//! assert!(conversation.is_done());
//! ```
//!
//! There is nothing of an operating system in it: it compiles for `wasm32-unknown-unknown`, too.

mod conversation;
mod limits;
mod line_codec;
mod rot13;

pub use conversation::Conversation;
pub use limits::{HIGH_WATER, LOW_WATER, MAX_LINE, RECEIVE_SIZE, RECEIVES_PER_TURN};
pub use line_codec::LineCodec;
pub use rot13::rot13;
