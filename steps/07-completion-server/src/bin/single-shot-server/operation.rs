// ANCHOR: head
use io_uring::types::Timespec;
use std::io;
use std::net::{TcpListener, TcpStream};
use std::rc::Rc;
// ANCHOR_END: head

// ANCHOR: in-flight
slotmap::new_key_type! {
    /// The name of an operation, from its start until it is done. Later it names nothing.
    pub(crate) struct Operation;
}

/// What the kernel needs for an operation and may still use. It is nobody else's until it is done.
pub(crate) enum InFlight<T> {
    Accept {
        _listener: Rc<TcpListener>,
    },
    Receive {
        _socket: Rc<TcpStream>,
        buffer: Vec<u8>,
        whose: T,
    },
    Send {
        _socket: Rc<TcpStream>,
        bytes: Vec<u8>,
        whose: T,
    },
    Timeout {
        _duration: Box<Timespec>,
    },
}
// ANCHOR_END: in-flight

// ANCHOR: completion
/// What came of an operation.
pub(crate) enum Completion<T> {
    /// A client has connected, or could not be accepted.
    Accepted {
        /// The client.
        client: io::Result<TcpStream>,
        /// Will more be accepted? If not, accepting must be started again.
        more: bool,
    },
    /// Something has come. `None`: nothing more will.
    Received {
        /// As it was given at the start.
        whose: T,
        /// What has come.
        bytes: io::Result<Option<Vec<u8>>>,
    },
    /// The kernel has taken some of the bytes.
    Sent {
        /// As it was given at the start.
        whose: T,
        /// As they were given at the start: all of them.
        #[allow(dead_code, reason = "the conversation has kept them as well")]
        bytes: Vec<u8>,
        /// How many of them the kernel has taken, from the first on.
        taken: io::Result<usize>,
    },
    /// The time has passed.
    TimedOut,
}
// ANCHOR_END: completion
