//! What every step needs and none is about.
//!
//! * [`rot13()`]: the work that the servers do.
//! * [`LineCodec`]: the line protocol, without any I/O in it.
//! * [`server`]: the servers' command line, the listening socket, the process's limits.
//! * `signals`, on Unix: what a program inherits of them, and what it may trust of that.
//!
//! What differs between two steps, their way of waiting for the kernel, stands in the steps.

mod line_codec;
mod rot13;
pub mod server;
#[cfg(unix)]
pub mod signals;

pub use line_codec::{LineCodec, MAX_LINE};
pub use rot13::rot13;
