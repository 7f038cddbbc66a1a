//! A stage on which waiting can be watched: clients on the left, moved by a hand; the kernel in the
//! middle; on the right a server of the steps, reduced to its way of waiting.
//!
//! * [`Machine`]: the scene, which goes on by one system call a [`Beat`].
//! * [`Strategy`]: the servers.
//! * [`Action`]: what the hand has a client do.
//! * [`Show`]: a machine that can be played back, too, and drawn.
//!
//! What the servers say is the steps' own code, the crate `conversation`. In the page all of it runs
//! as a WebAssembly module; the same crate, native, draws the pictures that stand still and is held
//! against the real servers by its tests.

mod action;
mod by_fd;
mod call;
mod connection;
mod draw;
mod kernel;
mod machine;
#[cfg(any(test, target_family = "wasm"))]
mod page;
mod process;
mod show;
mod strategies;
mod words;

pub use action::{Act, Action};
pub use connection::Queues;
pub use draw::Flight;
pub use machine::{Beat, Counters, Machine};
pub use show::{At, Show, View};
pub use strategies::Strategy;
pub use words::Language;
