//! Out of descriptors, accept says so, and nobody who waits gets lost.
//!
//! The limit is one of the whole process: this test is alone in its.

#![cfg(target_os = "linux")]

#[path = "../../05-event-loop-server/tests/support/mod.rs"]
mod support;

use async_server::{Runtime, TcpListener};
use nix::errno::Errno;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use std::net;
use std::os::fd::AsRawFd;
use support::watchdog;

/// More than are accepted in one turn.
const CLIENTS: usize = 20;

#[test]
fn out_of_descriptors_accept_says_so_and_loses_nobody() {
    let _watchdog = watchdog();
    let ended = Runtime::run(|runtime| async move {
        let listener = net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let mut listener = TcpListener::from_std(&runtime, listener).expect("it can be watched");
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| net::TcpStream::connect(address).expect("it listens"))
            .collect();
        // New descriptors get the lowest free number. Below the last one's, none is free.
        let last = clients.last().expect("there are several").as_raw_fd();
        let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).expect("there is a limit");
        setrlimit(Resource::RLIMIT_NOFILE, last as u64 + 1, hard).expect("it is lowered");
        // As often as it is asked, also beyond one turn.
        for _ in 0..2 * CLIENTS {
            let error = listener.accept().await.err().expect("there is none");
            assert_eq!(error.raw_os_error(), Some(Errno::EMFILE as i32), "{error}");
        }
        setrlimit(Resource::RLIMIT_NOFILE, soft, hard).expect("it is what it was");
        let mut accepted = Vec::new();
        for _ in 0..CLIENTS {
            accepted.push(listener.accept().await.expect("somebody waits"));
        }
    });
    ended.expect("it was made in time");
}
