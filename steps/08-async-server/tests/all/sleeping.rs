//! Tasks that sleep. Asserted is only that none wakes too soon.

use crate::bell::Bell;
use crate::running::{poll_once, run, turns, waits};
use crate::support::{LONG, Log};
use allocation_counter::measure;
use std::cell::Cell;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;
use std::time::{Duration, Instant};

const SHORT: Duration = Duration::from_millis(20);

#[test]
fn it_is_not_over_before_its_time() {
    run(|runtime| async move {
        for time in [Duration::ZERO, Duration::from_micros(1), SHORT] {
            let start = Instant::now();
            runtime.sleep(time).await;
            assert!(start.elapsed() >= time, "too soon");
        }
    });
}

#[test]
fn several_are_over_in_the_order_of_their_times() {
    run(|runtime| async move {
        let times = [30, 10, 20].map(Duration::from_millis);
        let sleeps = loop {
            let start = Instant::now();
            let sleeps = times.map(|time| (time, runtime.sleep(time)));
            // Unless this thread was kept from running, they have begun together.
            if start.elapsed() < Duration::from_millis(5) {
                break sleeps;
            }
        };
        let log = Log::new();
        let tasks = sleeps.map(|(time, sleep)| {
            let log = log.clone();
            runtime.spawn(async move {
                sleep.await;
                log.note(time.as_millis());
            })
        });
        for task in tasks {
            task.await;
        }
        assert_eq!(log.take(), [10, 20, 30]);
    });
}

#[test]
fn it_begins_when_it_is_made_not_when_it_is_awaited() {
    run(|runtime| async move {
        let (long_ago, later) = (runtime.sleep(SHORT), Instant::now() + SHORT);
        while Instant::now() < later {
            runtime.sleep(SHORT / 4).await;
        }
        turns(2).await;
        assert_eq!(poll_once(pin!(long_ago)).await, Poll::Ready(()));
    });
}

#[test]
fn no_time_at_all_gives_others_their_turn() {
    run(|runtime| async move {
        let bell = Bell::default();
        runtime.spawn_detached(bell.wait());
        runtime.sleep(Duration::ZERO).await;
        assert_eq!(bell.polls(), 1);
    });
}

#[test]
fn a_time_beyond_all_clocks_never_comes() {
    run(|runtime| async move {
        for time in [Duration::MAX, Duration::from_secs(1 << 60), LONG] {
            assert!(waits(pin!(runtime.sleep(time))).await, "{time:?}");
        }
    });
}

#[test]
fn one_that_is_dropped_wakes_nobody() {
    run(|runtime| async move {
        let polls = Rc::new(Cell::new(0));
        let (counted, inner) = (Rc::clone(&polls), runtime.clone());
        let task = runtime.spawn(async move {
            let mut sleep = Some(inner.sleep(SHORT));
            poll_fn(move |context| {
                counted.set(counted.get() + 1);
                if let Some(mut sleep) = sleep.take() {
                    assert!(Pin::new(&mut sleep).poll(context).is_pending());
                }
                Poll::<()>::Pending
            })
            .await;
        });
        runtime.sleep(SHORT * 2).await;
        assert_eq!(polls.get(), 1);
        drop(task);
    });
}

#[test]
fn those_that_are_dropped_leave_nothing() {
    run(|runtime| async move {
        drop(runtime.sleep(LONG));
        let left = measure(|| {
            for _ in 0..10_000 {
                drop(runtime.sleep(LONG));
            }
        });
        assert!(left.bytes_max < 1_000, "{left:?}");
        // Over, awaited, and not.
        let left = Rc::new(Cell::new(0));
        runtime.sleep(Duration::ZERO).await;
        let over = runtime.sleep(Duration::ZERO);
        runtime.sleep(SHORT).await;
        left.set(measure(|| drop(over)).bytes_current);
        assert!(left.get() < 0, "it gives its memory back");
    });
}

#[test]
fn who_polled_it_last_is_woken() {
    run(|runtime| async move {
        let mut sleep = runtime.sleep(SHORT);
        assert!(poll_once(Pin::new(&mut sleep)).await.is_pending());
        // Another task goes on waiting, and this one only for that.
        runtime.spawn(sleep).await;
        // The other way round: a task that has polled it and gives it back.
        let mut sleep = runtime.sleep(SHORT);
        let task = runtime.spawn(async move {
            assert!(poll_once(Pin::new(&mut sleep)).await.is_pending());
            Some(sleep)
        });
        let sleep = task.await.expect("it was given back");
        sleep.await;
    });
}

#[test]
fn it_may_be_polled_as_often_as_one_likes() {
    run(|runtime| async move {
        let start = Instant::now();
        let mut sleep = pin!(runtime.sleep(SHORT));
        while poll_once(sleep.as_mut()).await.is_pending() {
            turns(1).await;
        }
        assert!(start.elapsed() >= SHORT, "too soon");
        assert!(poll_once(sleep).await.is_ready(), "it stays over");
    });
}
