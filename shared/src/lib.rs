//! What every step needs and none is about.
//!
//! * [`Tally`]: what a client counts, to know whether all has been answered.
//! * [`command_line`]: how addresses and time-outs are written, for every program.
//! * [`client`]: what a client looks at, once it is connected.
//! * [`server`]: the servers' command line, the listening socket, the process's limits.
//! * [`signals`]: what a program inherits of them, and what it may trust of that.
//!
//! What differs between two steps, their way of waiting for the kernel, stands in the steps.

// The one thing that is said on other systems.
#[cfg(not(unix))]
compile_error!("the steps need a Unix system; on Windows, use WSL 2");

#[cfg(unix)]
pub mod client;
#[cfg(unix)]
pub mod command_line;
#[cfg(unix)]
pub mod server;
#[cfg(unix)]
pub mod signals;
#[cfg(unix)]
mod tally;

#[cfg(unix)]
pub use tally::Tally;
