//! A `connect` that says EAGAIN: that is a failure (`connect(2)`), not a connection under way.
//!
//! What a thread has forbidden itself, it cannot allow itself again: this test is alone in its file.

#![cfg(target_os = "linux")]

#[path = "../../05-event-loop-server/tests/support/mod.rs"]
mod support;

use bufferevent_server::{BevEvent, BufferEvent, Callbacks};
use event_loop_server::{EventBase, What};
use nix::errno::Errno;
use nix::libc;
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use support::{Log, base};

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

/// Notes what it is told, and the reason.
struct Noting(Log<(BevEvent, Option<io::ErrorKind>)>);

impl Callbacks for Noting {
    fn event(&mut self, _: &mut EventBase, bev: &mut BufferEvent, what: BevEvent) {
        self.0.note((what, bev.error().map(io::Error::kind)));
        bev.free();
    }
}

#[test]
fn a_connection_for_which_something_is_used_up_fails_and_is_told_so() {
    let (mut base, log) = (base(), Log::new());
    connecting_fails_with(Errno::EAGAIN);
    let somebody = SocketAddr::from((Ipv4Addr::LOCALHOST, 40_713));
    let mut bev = BufferEvent::socket_connect(somebody).expect("there are descriptors");
    assert!(!bev.is_connecting());
    bev.setcb(Noting(log.clone()));
    bev.enable(What::READ);
    bev.base_set(&mut base).expect("it can be watched");
    base.dispatch().expect("it ends by itself");
    let failed = BevEvent::ERROR | BevEvent::WRITING;
    assert_eq!(log.take(), [(failed, Some(io::ErrorKind::WouldBlock))]);
}
