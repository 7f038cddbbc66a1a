//! What `block_on` promises a future, and `Sleep` whoever polls it. Without a wake they do not end.

#[path = "../../../05-event-loop-server/tests/support/mod.rs"]
mod support;

use super::{Sleep, block_on};
use std::cell::Cell;
use std::future::{poll_fn, ready};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};
use support::watchdog;

const SHORT: Duration = Duration::from_millis(20);

#[test]
fn what_is_ready_at_once_is_asked_once() {
    let _watchdog = watchdog();
    assert_eq!(block_on(ready("moved out".to_owned())), "moved out");
}

#[test]
fn who_was_woken_is_asked_once_more() {
    let _watchdog = watchdog();
    let polls = Cell::new(0);
    let answer = block_on(poll_fn(|context| {
        polls.set(polls.get() + 1);
        if polls.get() == 3 {
            return Poll::Ready(polls.get());
        }
        let waker = context.waker().clone();
        thread::spawn(move || waker.wake());
        Poll::Pending
    }));
    assert_eq!(answer, 3);
}

#[test]
fn woken_before_the_thread_sleeps_it_does_not_sleep() {
    let _watchdog = watchdog();
    let mut is_woken = false;
    block_on(poll_fn(|context| {
        if is_woken {
            return Poll::Ready(());
        }
        is_woken = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }));
}

#[test]
fn a_sleep_says_not_yet_until_its_time_has_come() {
    let _watchdog = watchdog();
    let until = Instant::now() + SHORT;
    block_on(Sleep { until });
    assert!(Instant::now() >= until, "too soon");
    block_on(Sleep { until });
}
