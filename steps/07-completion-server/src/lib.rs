//! Step 07: completion instead of readiness, on io_uring. A [`Ring`] is told to start operations, and
//! tells when they are done. Whoever starts one gives what it needs away, and gets it back with the
//! result: what the kernel may still read or write is nobody else's.

#![cfg(target_os = "linux")]

mod buffers;
mod operation;
mod ring;
mod why_not;

pub use buffers::{BUFFER_SIZE, BUFFERS, ProvidedBuffer};
pub use operation::{Completion, Operation, is_transient};
pub use ring::Ring;
pub use why_not::why_not;
