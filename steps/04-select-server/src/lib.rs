//! Step 04, what its servers share: what a wait brings, and the listener's rest. They hold the same
//! conversation as the server of step 03, a [`busy_poll_server::Connection`] for each client.

mod rest;

pub use rest::Rest;

/// Is there a bit for it in a set of `select(2)`? FD_SETSIZE is the first descriptor without one.
#[cfg(unix)]
pub fn has_place(socket: &impl std::os::fd::AsRawFd) -> bool {
    (socket.as_raw_fd() as usize) < nix::sys::select::FD_SETSIZE
}

/// Who is ready, as the kernel told at the end of a wait.
#[derive(Debug, Default)]
pub struct Ready {
    /// Somebody waits to be accepted.
    pub listener: bool,
    /// The same for each connection, in the order of the connections; empty if nobody is.
    pub connections: Vec<Readiness>,
}

/// What would not have to wait now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Readiness {
    /// A receive: something has come, be it the end or an error.
    pub read: bool,
    /// A send: the kernel has room, or knows that there will never be any.
    pub write: bool,
}
