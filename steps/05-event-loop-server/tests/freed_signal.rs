//! An event that waits for a signal takes two descriptors, one of them for the signal's handler, and
//! gives both back.
//!
//! Which number a new descriptor gets is a matter of the whole process: this test is alone in its.

#![cfg(unix)]

use event_loop_server::EventBase;
use signal_hook::consts::SIGUSR1;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;

#[test]
fn the_handler_of_a_freed_event_keeps_no_descriptor() {
    let mut base = EventBase::new().expect("there are descriptors");
    let free_numbers = || {
        let (one, other) = UnixStream::pair().expect("there are descriptors");
        [one, other].map(|socket| socket.as_raw_fd())
    };
    let before = free_numbers();
    for _ in 0..3 {
        let event = base.evsignal_new(SIGUSR1, |_, _, _| {});
        let event = event.expect("there is such a signal");
        base.event_add(event, None).expect("it can be watched");
        assert_ne!(free_numbers(), before);
        base.event_free(event);
        assert_eq!(free_numbers(), before);
    }
}
