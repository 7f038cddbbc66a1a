use crate::signals::Signals;
use nix::sys::signal::{SigSet, SigmaskHow};
use nix::unistd::ForkResult;
use std::io;

/// Splits this process in two. In the child, signals do again what they did before this program
/// caught them. It must end by `exit`: what is further down its stack is the parent's business.
///
/// # Errors
///
/// When the system has no room for another process.
#[allow(unsafe_code)]
pub(crate) fn fork(signals: &Signals) -> io::Result<ForkResult> {
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
    Ok(forked?)
}
