//! What every step needs and none is about.
//!
//! * [`Tally`]: what a client counts, to know whether all has been answered.
//! * [`command_line`]: how addresses and time-outs are written, for every program.
//! * [`client`]: what a client looks at, once it is connected.
//! * [`server`]: the servers' command line, the listening socket, the process's limits.
//! * `signals`, on Unix: what a program inherits of them, and what it may trust of that.
//!
//! What differs between two steps, their way of waiting for the kernel, stands in the steps.

pub mod client;
pub mod command_line;
pub mod server;
#[cfg(unix)]
pub mod signals;
mod tally;

pub use conversation::{LineCodec, MAX_LINE, rot13};
pub use tally::Tally;
