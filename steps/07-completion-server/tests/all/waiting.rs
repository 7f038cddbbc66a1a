//! What a ring tells, and when it sleeps.

use crate::support::{pair, ring};
use completion_server::Completion;
use std::io::Write;
use std::time::{Duration, Instant};

#[test]
fn with_nothing_in_flight_there_is_nothing_to_wait_for() {
    let Some(mut ring) = ring() else { return };
    assert!(ring.wait().is_err());
    ring.hand_over();
    assert!(ring.wait().is_err());
}

#[test]
fn a_rest_takes_as_long_as_it_was_asked_to() {
    const TIME: Duration = Duration::from_millis(30);
    let Some(mut ring) = ring() else { return };
    let start = Instant::now();
    ring.start_timeout(TIME);
    assert!(matches!(ring.wait(), Ok(Completion::TimedOut)));
    assert!(start.elapsed() >= TIME);
}

#[test]
fn of_two_operations_the_one_that_is_done_first_is_told_first() {
    let Some(mut ring) = ring() else { return };
    let ((first, mut first_peer), (second, mut second_peer)) = (pair(), pair());
    ring.start_receive(&first, "first");
    ring.start_receive(&second, "second");
    ring.hand_over();
    second_peer.write_all(b"!").expect("it is open");
    assert_eq!(ring.received().0, "second");
    first_peer.write_all(b"!").expect("it is open");
    assert_eq!(ring.received().0, "first");
}

/// What found no place in the queue must not wait until something else is done.
#[test]
fn all_that_was_started_is_handed_over_before_it_sleeps() {
    let Some(mut ring) = ring() else { return };
    let (silent, _peer) = pair();
    for _ in 0..1000 {
        ring.start_receive(&silent, "");
    }
    ring.hand_over();
}

/// Far more operations than either queue has places.
#[test]
fn no_operation_and_no_result_is_lost_however_many_there_are() {
    const MANY: usize = 20_000;
    let Some(mut ring) = ring() else { return };
    for _ in 0..MANY {
        ring.start_timeout(Duration::ZERO);
    }
    for _ in 0..MANY {
        assert!(matches!(ring.wait(), Ok(Completion::TimedOut)));
    }
    assert!(ring.wait().is_err(), "one was told twice");
}
