//! A `connect` that says EAGAIN: that is a failure (`connect(2)`), not a connection under way.
//!
//! What a thread has forbidden itself, it cannot allow itself again: this test is alone in its file.

#![cfg(target_os = "linux")]

use bufferevent_server::BufferEvent;
use nix::errno::Errno;
use nix::libc;
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};
use std::net::{Ipv4Addr, SocketAddr};

/// From now on, `connect(2)` fails in this thread.
fn connecting_fails_with(errno: Errno) {
    let filter = SeccompFilter::new(
        [(libc::SYS_connect, vec![])].into(),
        SeccompAction::Allow,
        SeccompAction::Errno(errno as u32),
        std::env::consts::ARCH.try_into().expect("seccomp knows it"),
    );
    let program: BpfProgram = filter
        .and_then(BpfProgram::try_from)
        .expect("it is a filter");
    seccompiler::apply_filter(&program).expect("a thread may forbid itself anything");
}

#[test]
fn a_connection_for_which_something_is_used_up_fails_and_is_told_so() {
    connecting_fails_with(Errno::EAGAIN);
    let somebody = SocketAddr::from((Ipv4Addr::LOCALHOST, 40_713));
    let error = BufferEvent::connect(somebody).err();
    let error = error.expect("nothing is under way");
    assert_eq!(error.raw_os_error(), Some(Errno::EAGAIN as i32), "{error}");
}
