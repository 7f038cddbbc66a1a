//! Tasks, and what comes of them.

use crate::bell::{Bell, is_dropped, owned};
use crate::running::{poll_once, run, turn, turns};
use crate::support::Log;
use async_server::Runtime;
use std::cell::Cell;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;

/// Something that nobody can copy.
#[derive(Debug, PartialEq)]
struct Unique(Box<str>);

fn unique() -> Unique {
    Unique("moved out".into())
}

#[test]
fn what_comes_of_main_is_moved_out() {
    assert_eq!(run(|_| async { unique() }), unique());
}

#[test]
fn a_task_that_is_joined_early_gives_its_value_when_it_is_done() {
    run(|runtime| async move {
        let bell = Bell::default();
        let wait = bell.wait();
        let mut task = pin!(runtime.spawn(async move {
            wait.await;
            unique()
        }));
        assert_eq!(poll_once(task.as_mut()).await, Poll::Pending);
        turn().await;
        assert_eq!(poll_once(task.as_mut()).await, Poll::Pending);
        let rung = runtime.spawn(async move { bell.ring() });
        assert_eq!(task.await, unique());
        rung.await;
    });
}

#[test]
fn a_task_that_is_joined_late_has_kept_its_value() {
    run(|runtime| async move {
        let bell = Bell::default();
        let wait = bell.wait();
        let task = runtime.spawn(async move {
            wait.await;
            unique()
        });
        bell.ring();
        turns(5).await;
        assert_eq!(bell.polls(), 1, "it is done");
        assert_eq!(task.await, unique());
    });
}

#[test]
fn who_joined_last_is_told() {
    run(|runtime| async move {
        let bell = Bell::default();
        let mut task = runtime.spawn(bell.wait());
        // This task asks first, and then leaves it to another one.
        assert_eq!(poll_once(Pin::new(&mut task)).await, Poll::Pending);
        let other = runtime.spawn(task);
        turns(2).await;
        bell.ring();
        other.await;
    });
}

#[test]
fn tasks_can_be_joined_in_any_order() {
    run(|runtime| async move {
        let bells: Vec<Bell> = (0..3).map(|_| Bell::default()).collect();
        let tasks: Vec<_> = (0..3)
            .map(|number| {
                let wait = bells[number].wait();
                runtime.spawn(async move {
                    wait.await;
                    number
                })
            })
            .collect();
        let joined = runtime.spawn(async move {
            let mut values = Vec::new();
            for task in tasks.into_iter().rev() {
                values.push(task.await);
            }
            values
        });
        for number in [1, 0, 2] {
            bells[number].ring();
            turn().await;
        }
        assert_eq!(joined.await, [2, 1, 0]);
    });
}

#[test]
fn a_task_begins_in_the_next_round_and_not_where_it_is_made() {
    run(|runtime| async move {
        let log = Log::new();
        let noted = log.clone();
        let task = runtime.spawn(async move { noted.note("the task") });
        let noted = log.clone();
        runtime.spawn_detached(async move { noted.note("another") });
        log.note("its maker");
        task.await;
        turn().await;
        assert_eq!(log.take(), ["its maker", "the task", "another"]);
    });
}

#[test]
fn tasks_make_tasks_that_make_tasks() {
    fn depth(runtime: Runtime, left: u32) -> Pin<Box<dyn Future<Output = u32>>> {
        Box::pin(async move {
            match left {
                0 => 0,
                _ => 1 + runtime.spawn(depth(runtime.clone(), left - 1)).await,
            }
        })
    }
    let deep = run(|runtime| async move { runtime.spawn(depth(runtime.clone(), 1_000)).await });
    assert_eq!(deep, 1_000);
}

#[test]
fn a_value_that_nobody_takes_goes_with_its_task() {
    run(|runtime| async move {
        let (owned, watched) = owned();
        let task = runtime.spawn(async move { owned });
        turns(3).await;
        assert!(!is_dropped(&watched), "it is kept for who joins it");
        drop(task);
        assert!(is_dropped(&watched));
    });
}

#[test]
fn a_detached_task_runs_to_its_end_and_its_value_is_dropped() {
    run(|runtime| async move {
        let (bell, done, (owned, watched)) = (Bell::default(), Rc::new(Cell::new(false)), owned());
        let (wait, told) = (bell.wait(), Rc::clone(&done));
        runtime.spawn_detached(async move {
            wait.await;
            told.set(true);
            owned
        });
        turns(3).await;
        assert!(!done.get() && !is_dropped(&watched));
        bell.ring();
        turn().await;
        assert!(done.get() && is_dropped(&watched));
    });
}

#[test]
fn what_a_task_owns_is_dropped_when_it_is_done_not_when_it_is_joined() {
    run(|runtime| async move {
        let (owned, watched) = owned();
        let _task = runtime.spawn(async move {
            let _owned = owned;
            turn().await;
        });
        turns(3).await;
        assert!(is_dropped(&watched));
    });
}

#[test]
#[should_panic(expected = "`Task` polled after it was done")]
fn a_task_that_is_done_may_not_be_awaited_again() {
    run(|runtime| async move {
        let mut task = pin!(runtime.spawn(async { 1 }));
        assert_eq!(task.as_mut().await, 1);
        // Otherwise it would wait for ever.
        task.await;
    });
}
