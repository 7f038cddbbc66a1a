use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use std::collections::HashSet;

/// The children that have not been reaped yet.
#[derive(Default)]
pub(crate) struct Children(HashSet<Pid>);

impl Children {
    pub(crate) fn add(&mut self, child: Pid) {
        self.0.insert(child);
    }

    /// Asks how every child ended that has ended, without waiting for the others. Until somebody
    /// asks, the kernel keeps what is left of it: a zombie (`waitpid(2)`).
    pub(crate) fn reap(&mut self) {
        // In a loop: children that end together may be told of by one SIGCHLD.
        loop {
            match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::StillAlive) | Err(_) => return,
                Ok(status) => {
                    let _ = status.pid().map(|child| self.0.remove(&child));
                }
            }
        }
    }

    /// Ends every child, and waits until it has gone.
    pub(crate) fn kill(&mut self) {
        // SIGKILL: a child has nothing to put in order, and ignores other signals if this server was
        // started with them ignored.
        for &child in &self.0 {
            let _ = kill(child, Signal::SIGKILL);
        }
        for child in self.0.drain() {
            let _ = waitpid(child, None);
        }
    }
}
