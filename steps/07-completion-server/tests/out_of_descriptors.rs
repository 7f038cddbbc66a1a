//! A process that has run out of descriptors. It is a test of its own: the limit is the process's.

#![cfg(target_os = "linux")]

#[path = "all/support.rs"]
#[allow(dead_code, reason = "not all of it is used here")]
mod support;

use completion_server::{Completion, ProvidedBuffer as Received, Ring};
use nix::libc;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use std::time::Duration;
use support::{connect, errno, listener, ring};

#[test]
fn accepting_ends_when_there_are_no_descriptors_and_can_be_started_again() {
    let Some(mut ring) = ring() else { return };
    let listener = listener();
    let _clients: Vec<_> = (0..3).map(|_| connect(&listener)).collect();
    // Fewer than are open already. The kernel looks at the limit when an accept is handed over.
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).expect("there is one");
    setrlimit(Resource::RLIMIT_NOFILE, 3, hard).expect("it may be lower");
    for _ in 0..3 {
        ring.start_accept(&listener);
        let (client, more) = ring.accepted();
        let error = client.expect_err("there are no descriptors");
        assert_eq!((errno(&error), more), (libc::EMFILE, false));
        ring.start_timeout(Duration::from_millis(1));
        assert!(
            matches!(ring.wait(), Ok(Completion::TimedOut)),
            "a rest needs none"
        );
    }
    setrlimit(Resource::RLIMIT_NOFILE, soft, hard).expect("it was so before");
    ring.start_accept(&listener);
    for _ in 0..3 {
        assert!(ring.accepted().0.is_ok(), "nobody was lost");
    }
}
