//! The end of a runtime: main is done, or somebody panics. Nothing is left.

use crate::bell::{OnDrop, is_dropped, noting, owned};
use crate::peer::connection_and_peer;
use crate::running::{run, turn, turns};
use crate::support::{LONG, Log, watchdog};
use allocation_counter::measure;
use async_server::Runtime;
use std::cell::RefCell;
use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

/// Tasks that wait for all kinds of things, with what they own: some of them are detached, one has
/// not run yet, one holds a task of its own.
fn left_behind(runtime: &Runtime, owned: &Rc<()>) {
    for _ in 0..3 {
        let (inner, kept) = (runtime.clone(), Rc::clone(owned));
        runtime.spawn_detached(async move {
            let _kept = kept;
            inner.sleep(LONG).await;
        });
        let (mut connection, peer) = connection_and_peer(runtime);
        let (inner, kept) = (runtime.clone(), Rc::clone(owned));
        runtime.spawn_detached(async move {
            let _peer = peer;
            let task = inner.spawn(async move {
                let _ended = connection.receive().await.map(|_| ());
                drop(kept);
            });
            task.await;
        });
    }
}

#[test]
fn whoever_is_left_when_main_is_done_is_dropped() {
    let (owned, watched) = owned();
    run(|runtime| async move {
        left_behind(&runtime, &owned);
        turns(3).await;
        // These will not even begin.
        left_behind(&runtime, &owned);
    });
    assert!(is_dropped(&watched));
}

#[test]
fn so_many_are_left_that_to_look_for_each_would_not_end() {
    let (owned, watched) = owned();
    run(|runtime| async move {
        for _ in 0..200_000 {
            let kept = Rc::clone(&owned);
            runtime.spawn_detached(async move {
                pending::<()>().await;
                drop(kept);
            });
        }
    });
    assert!(is_dropped(&watched));
}

#[test]
fn nothing_of_a_runtime_is_left_in_memory() {
    let _watchdog = watchdog();
    let rounds = || {
        let ended = Runtime::run(|runtime| async move {
            let (owned, _) = owned();
            left_behind(&runtime, &owned);
            turns(3).await;
            runtime.spawn(async {}).await;
        });
        ended.expect("there are descriptors");
    };
    // The first one leaves what belongs to the thread and the process.
    rounds();
    let left = measure(rounds);
    assert_eq!(left.bytes_current, 0, "{left:?}");
}

#[test]
fn main_is_dropped_before_those_who_are_left() {
    let log = Log::new();
    let (main, task) = (noting(&log, "main"), noting(&log, "a task"));
    run(|runtime| async move {
        runtime.spawn_detached(async move {
            let _task = task;
            pending::<()>().await;
        });
        turn().await;
        drop(main);
    });
    assert_eq!(log.take(), ["main", "a task"]);
}

#[test]
fn main_may_give_away_what_belongs_to_its_runtime() {
    let (runtime, task, sleep, connection, peer) = run(|runtime| async move {
        let (connection, peer) = connection_and_peer(&runtime);
        let task = runtime.spawn(pending::<()>());
        let sleep = runtime.sleep(LONG);
        turn().await;
        (runtime, task, sleep, connection, peer)
    });
    drop((runtime, task, sleep, connection));
    assert_eq!(peer.hear_all(), b"");
}

#[test]
fn a_panic_of_main_goes_through_run_and_drops_everybody() {
    for who in ["a task that main joins", "main", "whoever makes main"] {
        let _watchdog = watchdog();
        let (owned, watched) = owned();
        let peers = Rc::new(RefCell::new(Vec::new()));
        let kept = Rc::clone(&peers);
        let run = AssertUnwindSafe(|| {
            Runtime::run(|runtime| {
                left_behind(&runtime, &owned);
                let (mut connection, peer) = connection_and_peer(&runtime);
                peers.borrow_mut().push(peer);
                runtime.spawn_detached(async move {
                    let _owned = owned;
                    let _ended = connection.receive().await.map(|_| ());
                });
                if who == "whoever makes main" {
                    panic!("on purpose");
                }
                async move {
                    turn().await;
                    match who {
                        "main" => panic!("on purpose"),
                        _ => runtime.spawn(async { panic!("on purpose") }).await,
                    }
                }
            })
        });
        let ended: Result<std::io::Result<()>, _> = catch_unwind(run);
        let panic = ended.expect_err(who);
        let message = panic.downcast_ref::<&str>().copied().unwrap_or_default();
        assert!(message == "on purpose", "{who}: {message:?}");
        assert!(is_dropped(&watched), "{who}");
        for peer in kept.take() {
            assert_eq!(peer.hear_all(), b"", "it is closed");
        }
    }
    // And the next one runs.
    assert_eq!(
        run(|runtime| async move { runtime.spawn(async { 1 }).await }),
        1
    );
}

#[test]
fn a_panic_while_a_destructor_waits_for_its_turn_drops_it() {
    let log = Log::new();
    let noted = log.clone();
    let _watchdog = watchdog();
    let ended = catch_unwind(AssertUnwindSafe(|| {
        Runtime::run(|runtime| async move {
            let inner = runtime.clone();
            let _busy = OnDrop(move || {
                // In the middle of unwinding.
                inner.spawn_detached(pending::<()>());
                drop(inner.sleep(LONG));
                noted.note("the destructor");
            });
            panic!("on purpose");
        })
    }));
    let ended: Result<std::io::Result<()>, _> = ended;
    assert!(ended.is_err());
    assert_eq!(log.take(), ["the destructor"]);
}

#[test]
fn a_task_may_run_a_runtime_of_its_own() {
    let value = run(|runtime| async move {
        let task = runtime.spawn(async {
            Runtime::run(|inner| async move {
                inner.spawn(turn()).await;
                1
            })
        });
        turn().await;
        task.await.expect("there are descriptors")
    });
    assert_eq!(value, 1);
}
