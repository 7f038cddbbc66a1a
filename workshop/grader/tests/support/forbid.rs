//! A system that refuses some calls: a filter, as a container has one for io_uring.

use nix::errno::Errno;
use nix::libc;
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};
use std::thread;

/// From now on neither this thread nor what it starts can make an io_uring.
#[allow(dead_code, reason = "not everybody forbids it")]
pub(crate) fn forbid_io_uring(errno: Errno) {
    forbid(&[libc::SYS_io_uring_setup], errno);
}

/// From now on these calls fail for this thread and what it starts (`seccomp(2)`).
pub(crate) fn forbid(calls: &[i64], errno: Errno) {
    filter(calls, SeccompAction::Errno(errno as u32));
}

/// From now on this comes of these calls, for this thread and what it starts.
pub(crate) fn filter(calls: &[i64], action: SeccompAction) {
    let filter = SeccompFilter::new(
        calls.iter().map(|&call| (call, vec![])).collect(),
        SeccompAction::Allow,
        action,
        std::env::consts::ARCH.try_into().expect("seccomp knows it"),
    );
    let program: BpfProgram = filter
        .and_then(BpfProgram::try_from)
        .expect("it is a filter");
    seccompiler::apply_filter(&program).expect("a process may forbid itself anything");
}

/// Does something, and starts programs, where none can be made.
#[allow(dead_code, reason = "not everybody who forbids it goes on with it")]
pub(crate) fn without_io_uring<T: Send>(errno: Errno, what: impl FnOnce() -> T + Send) -> T {
    without(&[libc::SYS_io_uring_setup], errno, what)
}

/// Does something, and starts programs, where these calls fail.
#[allow(
    dead_code,
    reason = "not everybody who forbids something goes on with it"
)]
pub(crate) fn without<T: Send>(calls: &[i64], errno: Errno, what: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let forbidden = scope.spawn(|| {
            forbid(calls, errno);
            what()
        });
        forbidden.join().expect("it does not panic")
    })
}
