//! A stage on which waiting can be watched: clients on the left, moved by a hand; the kernel in the
//! middle; on the right a server of the steps, reduced to its way of waiting.
//!
//! * [`Machine`]: the scene, which goes on by one system call a [`Beat`].
//! * [`Strategy`]: the servers.
//! * [`Action`]: what the hand has a client do.
//!
//! What the servers say is the steps' own code, the crate `conversation`. In the page all of it runs
//! as a WebAssembly module; the same crate, native, draws the pictures that stand still and is held
//! against the real servers by its tests.

mod action;
mod call;
mod connection;
mod kernel;
mod machine;
mod process;
mod strategies;

pub use action::{Act, Action};
pub use connection::Queues;
pub use machine::{Beat, Counters, Machine};
pub use strategies::Strategy;
