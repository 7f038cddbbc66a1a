//! To drop a task is to cancel it: its future goes, with all that it owns, and at once.

use crate::bell::{Bell, OnDrop, is_dropped, noting, owned};
use crate::peer::connection_and_peer;
use crate::running::{run, turn, turns};
use crate::support::{LONG, Log};
use async_server::{Runtime, Task};
use std::cell::Cell;
use std::future::pending;
use std::rc::Rc;

/// Where a task can be reached by others, and by itself.
type Handle = Rc<Cell<Option<Task<()>>>>;

#[test]
fn whatever_it_waits_for_is_waited_for_no_more() {
    run(|runtime| async move {
        let (mut connection, peer) = connection_and_peer(&runtime);
        let inner = runtime.clone();
        let sleep = runtime.spawn(async move { inner.sleep(LONG).await });
        let receive = runtime.spawn(async move { connection.receive().await.map(|_| ()) });
        let joined = runtime.spawn(sleep);
        turns(3).await;
        drop(receive);
        drop(joined);
        assert_eq!(peer.hear_all(), b"", "it is closed");
    });
}

#[test]
fn a_task_that_drops_itself_goes_when_it_comes_to_wait() {
    run(|runtime| async move {
        let (log, own, (owned, watched)) = (Log::new(), Handle::default(), owned());
        let (noted, handle) = (log.clone(), Rc::clone(&own));
        let task = runtime.spawn(async move {
            let _owned = owned;
            drop(handle.take());
            noted.note("it runs on");
            turn().await;
            noted.note("but not for long");
        });
        own.set(Some(task));
        turn().await;
        assert_eq!(log.take(), ["it runs on"]);
        assert!(is_dropped(&watched));
        turns(3).await;
        assert_eq!(log.take(), [""; 0]);
    });
}

#[test]
fn a_task_that_drops_itself_may_end_without_waiting() {
    run(|runtime| async move {
        let (own, (owned, watched)) = (Handle::default(), owned());
        let handle = Rc::clone(&own);
        let task = runtime.spawn(async move {
            let _owned = owned;
            drop(handle.take());
        });
        own.set(Some(task));
        turn().await;
        assert!(is_dropped(&watched));
    });
}

#[test]
fn one_of_two_that_are_about_to_run_may_cancel_the_other() {
    run(|runtime| async move {
        let (log, handles) = (Log::new(), Rc::new([Handle::default(), Handle::default()]));
        for number in 0..2 {
            let (noted, others) = (log.clone(), Rc::clone(&handles));
            let task = runtime.spawn(async move {
                turn().await;
                noted.note("one is left");
                drop(others[1 - number].take());
            });
            handles[number].set(Some(task));
        }
        turns(4).await;
        assert_eq!(log.take(), ["one is left"]);
    });
}

#[test]
fn a_task_of_a_cancelled_task_goes_with_it() {
    run(|runtime| async move {
        let (owned, watched) = owned();
        let inner = runtime.clone();
        let outer = runtime.spawn(async move {
            let task = inner.spawn(async move {
                let _owned = owned;
                pending::<()>().await;
            });
            task.await;
        });
        turns(3).await;
        assert!(!is_dropped(&watched));
        drop(outer);
        assert!(is_dropped(&watched));
    });
}

/// What a destructor may want of the runtime: all that there is.
fn busy_destructor(
    runtime: &Runtime,
    log: &Log<&'static str>,
    other: &Handle,
) -> impl Sized + use<> {
    let (runtime, log, other) = (runtime.clone(), log.clone(), Rc::clone(other));
    OnDrop(move || {
        drop(other.take());
        let noted = log.clone();
        runtime.spawn_detached(async move { noted.note("made by a destructor") });
        drop(runtime.spawn(async { unreachable!("it is dropped") }));
        drop(runtime.sleep(LONG));
        drop(connection_and_peer(&runtime));
        log.note("the destructor");
    })
}

#[test]
fn a_destructor_may_spawn_and_cancel_and_wait() {
    run(|runtime| async move {
        let (log, other) = (Log::new(), Handle::default());
        let noting_end = noting(&log, "the other one");
        let task = runtime.spawn(async move {
            let _noting_end = noting_end;
            pending::<()>().await;
        });
        other.set(Some(task));
        let busy = busy_destructor(&runtime, &log, &other);
        let task = runtime.spawn(async move {
            let _busy = busy;
            pending::<()>().await;
        });
        turn().await;
        drop(task);
        assert_eq!(log.take(), ["the other one", "the destructor"]);
        turn().await;
        assert_eq!(log.take(), ["made by a destructor"]);
    });
}

#[test]
fn the_destructor_of_a_task_that_is_done_may_do_the_same() {
    run(|runtime| async move {
        let (log, other) = (Log::new(), Handle::default());
        other.set(Some(runtime.spawn(pending())));
        let busy = busy_destructor(&runtime, &log, &other);
        let own = Handle::default();
        let handle = Rc::clone(&own);
        // The one drops itself before, the other does not.
        own.set(Some(runtime.spawn(async move {
            drop(handle.take());
            let _busy = busy;
            turn().await;
        })));
        let busy = busy_destructor(&runtime, &log, &other);
        runtime.spawn_detached(async move { drop(busy) });
        turns(3).await;
        let mut noted = log.take();
        noted.sort_unstable();
        let [made, destructor] = ["made by a destructor", "the destructor"];
        assert_eq!(noted, [made, made, destructor, destructor]);
    });
}

#[test]
fn the_destructor_of_a_value_that_nobody_took_may_do_the_same() {
    run(|runtime| async move {
        let (log, other) = (Log::new(), Handle::default());
        let busy = busy_destructor(&runtime, &log, &other);
        let task = runtime.spawn(async move { busy });
        turns(2).await;
        drop(task);
        turn().await;
        assert_eq!(log.take(), ["the destructor", "made by a destructor"]);
    });
}

#[test]
fn a_cancelled_task_is_told_no_value() {
    run(|runtime| async move {
        let bell = Bell::default();
        let task = runtime.spawn(bell.wait());
        turn().await;
        bell.ring();
        drop(task);
        turns(3).await;
        assert_eq!(bell.polls(), 1);
    });
}
