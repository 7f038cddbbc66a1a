use crate::signals::Signals;
use nix::sys::signal::{SigSet, SigmaskHow};
use nix::unistd::{ForkResult, Pid};
use std::io;

/// Which of the two processes this is: `fork(2)` is called once and returns twice.
pub(crate) enum Side {
    /// The one that called; its child is the other.
    Parent(Pid),
    /// The copy. It must end by `exit`: what is further down its stack is the parent's business.
    Child,
}

/// Splits this process in two. In the child, signals do again what they did before this program
/// caught them.
///
/// # Errors
///
/// When the system has no room for another process.
#[allow(unsafe_code)]
pub(crate) fn fork(signals: &Signals) -> io::Result<Side> {
    // A signal that comes in between would find the parent's handler in the child, and be swallowed
    // there. Blocked, it waits until the child has its own treatment of it.
    let before = SigSet::all().thread_swap_mask(SigmaskHow::SIG_BLOCK)?;
    // SAFETY: only the calling thread lives on in the child. A lock that another thread held would
    // stay locked there for ever; this program starts no other thread.
    let forked = unsafe { nix::unistd::fork() };
    if matches!(forked, Ok(ForkResult::Child)) {
        signals.give_back();
    }
    before.thread_set_mask()?;
    match forked? {
        ForkResult::Parent { child } => Ok(Side::Parent(child)),
        ForkResult::Child => Ok(Side::Child),
    }
}
