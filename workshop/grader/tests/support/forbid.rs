//! A system without io_uring: a filter that refuses to make one, as a container's does.

use nix::errno::Errno;
use nix::libc;
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};
use std::thread;

/// From now on neither this thread nor what it starts can make an io_uring (`seccomp(2)`).
pub(crate) fn forbid_io_uring(errno: Errno) {
    let filter = SeccompFilter::new(
        [(libc::SYS_io_uring_setup, vec![])].into(),
        SeccompAction::Allow,
        SeccompAction::Errno(errno as u32),
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
    thread::scope(|scope| {
        let forbidden = scope.spawn(|| {
            forbid_io_uring(errno);
            what()
        });
        forbidden.join().expect("it does not panic")
    })
}
