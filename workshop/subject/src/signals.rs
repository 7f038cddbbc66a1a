//! What this process has inherited of signals, and what its children inherit of it.
//!
//! Which signals are ignored and which are blocked is handed on from program to program
//! (`execve(2)`). Some of it is meant: `nohup` ignores SIGHUP, a shell SIGINT for what it starts in
//! the background, and both are to stay so. The rest is what somebody forgot, and changes what a
//! program sees: with SIGCHLD ignored no child can be waited for, and a signal that is blocked ends
//! nobody.

use nix::libc::{self, c_int};
use nix::sys::signal::{SigSet, SigmaskHow, Signal, pthread_sigmask};
use std::io;
use std::mem::MaybeUninit;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::ptr;
use std::sync::OnceLock;

/// The signals that ask a program to end.
const ENDING: [c_int; 4] = [libc::SIGINT, libc::SIGQUIT, libc::SIGTERM, libc::SIGHUP];

/// One past the highest signal's number on Linux; other systems have fewer.
const END: c_int = 65;

/// As it was when this program started.
struct Inherited {
    blocked: SigSet,
    children_ignored: bool,
}

static INHERITED: OnceLock<Inherited> = OnceLock::new();

/// Blocks nothing, and lets children be waited for. For the beginning of `main`: threads inherit
/// what is blocked.
pub fn put_right() {
    INHERITED.get_or_init(|| {
        let mut blocked = SigSet::empty();
        let none = SigSet::empty();
        let _ = pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&none), Some(&mut blocked));
        let children_ignored = is_ignored(libc::SIGCHLD);
        if children_ignored {
            set(libc::SIGCHLD, libc::SIG_DFL);
        }
        Inherited {
            blocked,
            children_ignored,
        }
    });
}

/// Is this signal ignored?
pub fn is_ignored(signal: c_int) -> bool {
    handler(signal) == Some(libc::SIG_IGN)
}

/// The signals that ask this program to end, without those that somebody wants it not to hear.
pub fn that_end() -> impl Iterator<Item = c_int> {
    ENDING.into_iter().filter(|&signal| !is_ignored(signal))
}

/// Lets a child begin with nothing ignored and nothing blocked, whatever this process has
/// inherited: a program under test gets the same verdict everywhere.
pub fn start_clean(command: &mut Command) {
    let clean = || {
        for signal in 1..END {
            // Refused for SIGKILL, SIGSTOP and the C library's own, which need nothing.
            set(signal, libc::SIG_DFL);
        }
        let none = SigSet::empty();
        Ok(pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&none), None)?)
    };
    before_exec(command, clean);
}

/// Ignores and blocks these, in a child that has begun clean.
pub(crate) fn ignore_and_block(ignored: &[Signal], blocked: &SigSet) -> io::Result<()> {
    for &signal in ignored {
        set(signal as c_int, libc::SIG_IGN);
    }
    Ok(pthread_sigmask(
        SigmaskHow::SIG_SETMASK,
        Some(blocked),
        None,
    )?)
}

/// Gives this one its default action.
#[cfg(target_os = "linux")]
pub(crate) fn by_default(signal: Signal) {
    set(signal as c_int, libc::SIG_DFL);
}

/// Leaves signals as they were inherited, for the program that this one is about to become.
pub(crate) fn hand_back() {
    let Some(inherited) = INHERITED.get() else {
        return;
    };
    if inherited.children_ignored {
        set(libc::SIGCHLD, libc::SIG_IGN);
    }
    let _ = pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&inherited.blocked), None);
}

/// From now on these end the process by themselves, without a handler.
pub(crate) fn stop_catching() {
    for signal in that_end() {
        set(signal, libc::SIG_DFL);
    }
}

#[allow(unsafe_code)]
fn handler(signal: c_int) -> Option<libc::sighandler_t> {
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: without a new action nothing is changed; there is room for the present one, which is
    // a plain structure whose bytes may all be zero.
    unsafe {
        let asked = libc::sigaction(signal, ptr::null(), action.as_mut_ptr());
        (asked == 0).then(|| action.assume_init().sa_sigaction)
    }
}

/// `how` is SIG_DFL or SIG_IGN.
#[allow(unsafe_code)]
fn set(signal: c_int, how: libc::sighandler_t) {
    debug_assert!(how == libc::SIG_DFL || how == libc::SIG_IGN);
    // SAFETY: neither of the two runs any code of ours in a signal handler.
    unsafe { libc::signal(signal, how) };
}

/// `prepare` may call only what is safe after `fork(2)` in a process of several threads.
#[allow(unsafe_code)]
pub(crate) fn before_exec(
    command: &mut Command,
    prepare: impl FnMut() -> io::Result<()> + Send + Sync + 'static,
) {
    // SAFETY: what the callers in this crate do between fork and exec is signal(2), sigprocmask(2),
    // close(2), setrlimit(2), setuid(2) and its like, prctl(2), landlock_restrict_self(2), what `guardian.rs` does, and arithmetic:
    // the first three are safe there (signal-safety(7)), and each of the others is one system call. Nothing
    // is allocated, no lock is taken.
    unsafe { command.pre_exec(prepare) };
}
