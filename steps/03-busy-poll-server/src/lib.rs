//! Step 03, what its server shares with those after it: the conversation over a socket that never
//! makes anybody wait. Receiving and sending do what can be done now, and come back.

mod nonblocking;

pub use nonblocking::{Client, on_readable, on_writable, prepare};
