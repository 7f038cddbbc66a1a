//! Step 03, what its server shares with those after it: a conversation with one client in which
//! no call ever sleeps. It goes on whenever it is told that it can, and remembers where it was.

mod connection;

pub use connection::{Connection, HIGH_WATER, LOW_WATER, RECEIVE_SIZE, RECEIVES_PER_TURN};

/// How many clients a server accepts before those that are there get their turn again: enough that
/// a burst of a thousand is in within a few rounds, and nobody notices.
pub const ACCEPTS_PER_TURN: usize = 16;
