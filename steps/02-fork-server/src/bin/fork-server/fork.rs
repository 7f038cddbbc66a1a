#![cfg(unix)]

use nix::sys::signal::Signal::{SIGCHLD, SIGHUP, SIGINT, SIGTERM};
use nix::sys::signal::{SigHandler, signal};
use nix::unistd::{ForkResult, Pid};
use std::io;

/// Which of the two processes this is: `fork(2)` is called once and returns twice.
pub(crate) enum Side {
    /// The one that called; its child is the other.
    Parent(Pid),
    /// The copy. It must end by `exit`: what is further down its stack is the parent's business.
    Child,
}

/// Splits this process in two. In the child, signals do again what they do by default.
///
/// # Errors
///
/// When the system has no room for another process, or this process has a second thread.
#[allow(unsafe_code)]
pub(crate) fn fork() -> io::Result<Side> {
    #[cfg(target_os = "linux")]
    if std::fs::read_dir("/proc/self/task").is_ok_and(|threads| threads.count() > 1) {
        return Err(io::Error::other("more than one thread"));
    }
    // SAFETY: only the calling thread lives on in the child. A lock that another thread held would
    // stay locked there for ever; this program has no other thread. SIG_DFL runs no code of ours.
    unsafe {
        match nix::unistd::fork() {
            Ok(ForkResult::Parent { child }) => Ok(Side::Parent(child)),
            Ok(ForkResult::Child) => {
                for inherited in [SIGTERM, SIGINT, SIGHUP, SIGCHLD] {
                    let _ = signal(inherited, SigHandler::SigDfl);
                }
                Ok(Side::Child)
            }
            Err(errno) => Err(errno.into()),
        }
    }
}
