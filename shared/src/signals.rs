//! What a program inherits of signals from whoever started it, and what it may trust of that.

use nix::libc;
use nix::sys::signal::{SigSet, Signal};
use signal_hook::flag;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Puts right what may have been inherited wrong: after this, no signal is blocked, and SIGTERM and
/// SIGINT end the process also where it is process 1 of a container. To be called first of all, while
/// there is one thread.
///
/// As process 1 it ends with the exit status that `status` says for the signal.
pub fn put_right(status: impl Fn(i32) -> i32) {
    // Neither this nor what follows can fail for signals that exist (`sigprocmask(2)`, `sigaction(2)`).
    let _ = SigSet::empty().thread_set_mask();
    if std::process::id() == 1 {
        // For the first process of a container the kernel has no default action: what it does not
        // handle, it does not get (`pid_namespaces(7)`). Whoever it has forked, the kernel kills with
        // it.
        let always = Arc::new(AtomicBool::new(true));
        for signal in [Signal::SIGTERM, Signal::SIGINT] {
            if !is_ignored(signal) {
                let (signal, always) = (signal as i32, Arc::clone(&always));
                let _ = flag::register_conditional_shutdown(signal, status(signal), always);
            }
        }
    }
}

/// Is the signal ignored? A program is started with some ignored on purpose: SIGHUP by `nohup`, so
/// that it outlives its terminal, SIGINT by a shell, for what runs in the background. Whoever catches
/// signals leaves those alone.
#[expect(unsafe_code, reason = "nix can only ask by changing the answer")]
pub fn is_ignored(signal: Signal) -> bool {
    let mut action = std::mem::MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: without a new action nothing is changed, and the present one is written to `action`
    // (`sigaction(2)`), which is read only if that has succeeded.
    unsafe {
        libc::sigaction(signal as i32, std::ptr::null(), action.as_mut_ptr()) == 0
            && action.assume_init().sa_sigaction == libc::SIG_IGN
    }
}
