//! The load: clients who say lines as fast as they are answered, and check every byte.
//!
//! One thread serves them all, so that one core of load keeps a server on another core busy: what
//! is said and what is owed for it are prepared ([`Lines`]), and compared a receive at a time.
//!
//! The bench and the tour measure with it. In [`statistics`] are medians and percentiles.
//!
//! It knows an address and the protocol, the latter by the judge's model. It starts no program, does
//! not know whose the server is, reads no processor time by itself, and prints nothing.
#![cfg(unix)]

pub mod statistics;

mod client;
mod crowd;
mod lines;
mod round;
mod rounds;
mod shape;
mod trouble;

pub use crowd::Crowd;
pub use lines::Lines;
pub use round::{Measured, Reading, Times};
pub use shape::Load;
pub use trouble::Trouble;

use std::time::Duration;

/// How long no byte must come for a server to be given up, unless told otherwise.
pub const PATIENCE: Duration = Duration::from_secs(10);
