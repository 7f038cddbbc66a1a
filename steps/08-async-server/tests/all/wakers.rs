//! Who wakes a task, how often it runs for it, and what a waker keeps.

use crate::bell::{Bell, is_dropped, owned};
use crate::running::{run, turn, turns};
use std::future::pending;
use std::rc::Rc;
use std::thread;

/// Owns something for as long as it waits, and until it is dropped.
async fn wait_with<T>(_owned: Rc<()>, wait: impl Future<Output = T>) {
    wait.await;
}

#[test]
fn a_task_runs_once_at_first_and_then_only_when_it_is_woken() {
    run(|runtime| async move {
        let bell = Bell::default();
        let _task = runtime.spawn(bell.wait());
        turns(5).await;
        assert_eq!(bell.polls(), 1);
        bell.waker().wake();
        turns(5).await;
        assert_eq!(bell.polls(), 2);
        bell.waker().wake_by_ref();
        turns(5).await;
        assert_eq!(bell.polls(), 3);
    });
}

#[test]
fn whoever_is_over_is_not_woken_nor_is_who_got_its_place() {
    run(|runtime| async move {
        let (old, new) = (Bell::default(), Bell::default());
        let task = runtime.spawn(old.wait());
        turn().await;
        let waker = old.waker();
        old.ring();
        task.await;
        waker.wake_by_ref();
        turn().await;
        assert_eq!(old.polls(), 2);
        // One after its end, one in the same round as its start.
        waker.wake_by_ref();
        let _task = runtime.spawn(new.wait());
        waker.wake_by_ref();
        turns(5).await;
        assert_eq!(new.polls(), 1);
        waker.wake();
        turns(5).await;
        assert_eq!((old.polls(), new.polls()), (2, 1));
    });
}

#[test]
fn dropped_before_it_has_run_it_never_runs() {
    run(|runtime| async move {
        let (bell, (owned, watched)) = (Bell::default(), owned());
        let task = runtime.spawn(wait_with(owned, bell.wait()));
        drop(task);
        assert!(is_dropped(&watched), "at once");
        turns(5).await;
        assert_eq!(bell.polls(), 0);
    });
}

#[test]
fn dropped_after_it_was_woken_it_runs_no_more() {
    run(|runtime| async move {
        let (bell, (owned, watched)) = (Bell::default(), owned());
        let task = runtime.spawn(wait_with(owned, bell.wait()));
        turn().await;
        bell.waker().wake();
        drop(task);
        assert!(is_dropped(&watched), "at once");
        turns(5).await;
        assert_eq!(bell.polls(), 1);
    });
}

#[test]
fn a_waker_keeps_nothing_of_its_task() {
    run(|runtime| async move {
        let (bell, (owned, watched)) = (Bell::default(), owned());
        let task = runtime.spawn(wait_with(owned, bell.wait()));
        turn().await;
        let wakers = [bell.waker(), bell.waker()];
        assert!(!is_dropped(&watched));
        drop(wakers[0].clone());
        assert!(!is_dropped(&watched), "nor does it end its task");
        drop(task);
        assert!(is_dropped(&watched));
        let [waker, other] = wakers;
        drop(waker);
        let dropped = thread::spawn(move || drop(other));
        dropped.join().expect("it does not panic");
    });
}

#[test]
fn a_waker_that_outlives_its_runtime_wakes_nobody() {
    let (owned, watched) = owned();
    let waker = run(|runtime| async move {
        let bell = Bell::default();
        let wait = bell.wait();
        runtime.spawn_detached(async move {
            let _owned = owned;
            wait.await;
            pending::<()>().await;
        });
        turn().await;
        bell.waker()
    });
    assert!(is_dropped(&watched), "it keeps nothing of its runtime");
    waker.wake_by_ref();
    let other = waker.clone();
    let woken = thread::spawn(move || other.wake());
    woken.join().expect("it does not panic");
    // Neither anybody of the next one.
    let bell = Bell::default();
    let wait = bell.wait();
    run(|runtime| async move {
        let _task = runtime.spawn(wait);
        turn().await;
        waker.wake();
        turns(5).await;
    });
    assert_eq!(bell.polls(), 1);
}
