//! Who is polled, and how often. Without a wake they do not end.

#[path = "../../../05-event-loop-server/tests/support/mod.rs"]
mod support;

use super::{Sleep, run};
use std::cell::Cell;
use std::future::{pending, poll_fn};
use std::io;
use std::rc::Rc;
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};
use support::{Log, watchdog};

const SHORT: Duration = Duration::from_millis(20);

#[test]
fn each_goes_on_when_its_own_waker_is_called() {
    let _watchdog = watchdog();
    let (log, waker) = (Log::new(), Rc::new(Cell::new(None)));
    let (noted, kept) = (log.clone(), Rc::clone(&waker));
    let mut is_asked = false;
    let first = Box::pin(poll_fn(move |context| {
        noted.note("the first");
        if is_asked {
            return Poll::Ready(Ok(()));
        }
        is_asked = true;
        kept.set(Some(context.waker().clone()));
        Poll::Pending
    }));
    let noted = log.clone();
    let second = Box::pin(async move {
        noted.note("the second");
        let until = Instant::now() + SHORT;
        Sleep { until }.await;
        noted.note("the second again");
        let waker = waker.take().expect("the first was polled");
        thread::spawn(|| waker.wake());
        Ok(())
    });
    run(vec![first, second]).expect("nobody fails");
    let all = ["the first", "the second", "the second again", "the first"];
    assert_eq!(log.take(), all);
}

#[test]
fn whoever_is_woken_after_its_end_is_not_polled() {
    let _watchdog = watchdog();
    let polls = Rc::new(Cell::new(0));
    let counted = Rc::clone(&polls);
    let done = Box::pin(poll_fn(move |context| {
        counted.set(counted.get() + 1);
        context.waker().wake_by_ref();
        Poll::Ready(Ok(()))
    }));
    let until = Instant::now() + SHORT;
    let sleep = Box::pin(async move {
        Sleep { until }.await;
        Ok(())
    });
    run(vec![done, sleep]).expect("nobody fails");
    assert_eq!(polls.get(), 1);
}

#[test]
fn nobody_at_all_is_done_at_once() {
    let _watchdog = watchdog();
    run(Vec::new()).expect("nobody fails");
}

#[test]
fn an_error_of_one_ends_all() {
    let _watchdog = watchdog();
    let failing = Box::pin(async { Err(io::Error::other("on purpose")) });
    let error = run(vec![Box::pin(pending()), failing]).expect_err("one has failed");
    assert_eq!(error.to_string(), "on purpose");
}
