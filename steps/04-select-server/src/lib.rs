// ANCHOR: head
//! Step 04, what its servers share: what a wait brings, and the listener's rest. They receive and
//! send as the server of step 03 does.

mod rest;

pub use rest::Rest;
use std::{thread, time::Duration};

/// Is there a bit for it in a set of `select(2)`? FD_SETSIZE is the first descriptor without one.
pub fn has_place(socket: &impl std::os::fd::AsRawFd) -> bool {
    (socket.as_raw_fd() as usize) < nix::sys::select::FD_SETSIZE
}

/// Who is ready, as the kernel told at the end of a wait.
#[derive(Debug, Default)]
pub struct Ready {
    /// Somebody waits to be accepted.
    pub listener: bool,
    /// The same for each client, in the order of the clients; empty if nobody is.
    pub clients: Vec<Readiness>,
}

/// What would not have to wait now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Readiness {
    /// A receive: something has come, be it the end or an error.
    pub read: bool,
    /// A send: the kernel has room, or knows that there will never be any.
    pub write: bool,
}
// ANCHOR_END: head

// ANCHOR: everybody
impl Ready {
    /// The kernel does not say who is ready: it has no memory for the question (ENOMEM), or the
    /// limit of descriptors has been lowered since, and so many must not be asked about in one
    /// `poll(2)` (EINVAL). It may be over soon, and it may stay. Until then everybody is asked, as in
    /// step 03, but with a sleep before: to ask them all takes less than a tenth of that time.
    pub fn everybody(clients: usize) -> Ready {
        let number = u32::try_from(clients).unwrap_or(u32::MAX);
        thread::sleep(SLEEP + SLEEP_FOR_EACH * number);
        let both = Readiness {
            read: true,
            write: true,
        };
        Ready {
            listener: true,
            clients: vec![both; clients],
        }
    }
}

/// How long [`Ready::everybody`] sleeps: short enough that a client hardly notices.
const SLEEP: Duration = Duration::from_millis(10);
/// And for each client: a receive in vain takes about half a microsecond.
const SLEEP_FOR_EACH: Duration = Duration::from_micros(10);
// ANCHOR_END: everybody
