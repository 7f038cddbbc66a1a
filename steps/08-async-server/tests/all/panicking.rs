//! A task that panics ends alone, as a thread does.

use crate::bell::{OnDrop, is_dropped, owned};
use crate::peer::{Peer, connection_and_peer};
use crate::running::{poll_once, run, turn, turns};
use crate::support::{LONG, Log, watchdog};
use async_server::{Runtime, Task, converse};
use std::cell::Cell;
use std::future::{pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any, set_hook, take_hook};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Once;
use std::task::{Context, Poll};

/// Something to panic with.
#[derive(Debug, PartialEq)]
struct Reason(u32);

/// A conversation, and its client.
fn client(runtime: &Runtime) -> Peer {
    let (connection, peer) = connection_and_peer(runtime);
    runtime.spawn_detached(converse(connection));
    peer
}

async fn assert_answered(peer: &Peer) {
    peer.say("Hello\n");
    while !peer.has_heard() {
        turn().await;
    }
    assert_eq!(peer.hear(6), b"Uryyb\n");
}

/// Panics when it is dropped.
fn bomb() -> OnDrop<impl FnMut()> {
    OnDrop(|| panic!("on purpose, in a destructor"))
}

/// Is done at once, and still has what it owns: an `async` block would have dropped it.
struct Holding<T>(T);

impl<T> Future for Holding<T> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}

#[test]
fn a_task_that_panics_ends_alone() {
    run(|runtime| async move {
        let peers = [(); 3].map(|()| client(&runtime));
        let (mut connection, peer) = connection_and_peer(&runtime);
        let (owned, watched) = owned();
        runtime.spawn_detached(async move {
            let _owned = owned;
            let _received = connection.receive().await.map(|_| ());
            panic!("on purpose");
        });
        peer.say("a line that the server has a bug for\n");
        for _ in 0..3 {
            for peer in &peers {
                assert_answered(peer).await;
            }
        }
        assert!(is_dropped(&watched));
        assert!(peer.sees_the_end(), "its connection is closed");
        assert_answered(&client(&runtime)).await;
    });
}

#[test]
fn as_often_as_it_happens() {
    run(|runtime| async move {
        let peer = client(&runtime);
        for _ in 0..20 {
            runtime.spawn_detached(async { panic!("on purpose") });
            runtime.spawn_detached(poll_fn(|_| -> Poll<()> { panic!("on purpose") }));
            assert_answered(&peer).await;
        }
    });
}

#[test]
fn all_that_there_is_can_be_used_after_it() {
    run(|runtime| async move {
        let inner = runtime.clone();
        let task = runtime.spawn(async move {
            let _sleep = inner.sleep(LONG);
            let _task = inner.spawn(pending::<()>());
            let (mut connection, _peer) = connection_and_peer(&inner);
            assert!(poll_once(pin!(connection.receive())).await.is_pending());
            panic!("on purpose");
        });
        turns(2).await;
        drop(task);
        runtime.sleep(std::time::Duration::ZERO).await;
        assert_eq!(runtime.spawn(async { 1 }).await, 1);
        assert_answered(&client(&runtime)).await;
    });
}

#[test]
fn a_destructor_that_panics_ends_alone() {
    run(|runtime| async move {
        let peer = client(&runtime);
        // Of a future that is done, and that panics; of a value that nobody wants.
        runtime.spawn_detached(Holding(bomb()));
        runtime.spawn_detached(async { bomb() });
        runtime.spawn_detached(async {
            let _dropped_while_it_waits = Box::pin(async {
                let _bomb = bomb();
                turn().await;
            });
            turns(2).await;
        });
        assert_answered(&peer).await;
        // Of one that is cancelled: before it has run, while it waits, while it runs.
        let owned = bomb();
        drop(runtime.spawn(async move {
            let _owned = owned;
            pending::<()>().await;
        }));
        let task = runtime.spawn(async {
            let _bomb = bomb();
            pending::<()>().await;
        });
        turn().await;
        drop(task);
        let own: Rc<Cell<Option<Task<()>>>> = Rc::default();
        let handle = Rc::clone(&own);
        own.set(Some(runtime.spawn(async move {
            drop(handle.take());
            let _bomb = bomb();
            pending::<()>().await;
        })));
        turns(2).await;
        assert_answered(&peer).await;
    });
}

#[test]
fn what_it_panics_with_may_have_a_destructor_that_panics() {
    run(|runtime| async move {
        let peer = client(&runtime);
        runtime.spawn_detached(async { panic_any(bomb()) });
        assert_answered(&peer).await;
    });
}

#[test]
fn a_value_is_told_though_a_destructor_panics_after_it() {
    run(|runtime| async move { runtime.spawn(Holding(bomb())).await });
}

#[test]
fn destructors_that_panic_at_the_end_leave_nobody_out() {
    for main_panics in [false, true] {
        let _watchdog = watchdog();
        let (owned, watched) = owned();
        let ended = catch_unwind(AssertUnwindSafe(|| {
            Runtime::run(|runtime| async move {
                for _ in 0..3 {
                    let kept = Rc::clone(&owned);
                    runtime.spawn_detached(async move {
                        let _bomb = bomb();
                        let _kept = kept;
                        pending::<()>().await;
                    });
                }
                turn().await;
                if main_panics {
                    panic_any(Reason(1));
                }
            })
        }));
        assert!(is_dropped(&watched));
        match ended {
            Ok(ended) => assert!(!main_panics && ended.is_ok()),
            Err(panic) => assert_eq!(panic.downcast_ref(), Some(&Reason(1))),
        }
    }
}

#[test]
fn whoever_joins_it_panics_with_the_same() {
    run(|runtime| async move {
        for is_early in [true, false] {
            let mut task = pin!(runtime.spawn(async {
                turn().await;
                panic_any(Reason(1));
            }));
            if is_early {
                assert_eq!(poll_once(task.as_mut()).await, Poll::Pending);
            }
            turns(3).await;
            let joined = poll_fn(|context| {
                let poll = || task.as_mut().poll(context);
                Poll::Ready(catch_unwind(AssertUnwindSafe(poll)))
            });
            let panic = joined.await.expect_err("the task has panicked");
            assert_eq!(panic.downcast_ref(), Some(&Reason(1)));
        }
    });
}

#[test]
fn whoever_waits_to_join_it_is_woken() {
    run(|runtime| async move {
        let log = Log::new();
        let noted = log.clone();
        let task = runtime.spawn(async {
            turns(2).await;
            panic!("on purpose");
        });
        runtime.spawn_detached(async move {
            let noted = OnDrop(move || noted.note("the one that joins it"));
            task.await;
            drop(noted);
            unreachable!("it is not done");
        });
        turns(6).await;
        assert_eq!(log.take(), ["the one that joins it"]);
    });
}

thread_local! {
    /// How many panics the hook was told of, in this thread.
    static TOLD: Cell<usize> = const { Cell::new(0) };
}

#[test]
fn it_is_told_once_however_many_join() {
    static COUNTED: Once = Once::new();
    COUNTED.call_once(|| {
        let hook = take_hook();
        set_hook(Box::new(move |info| {
            TOLD.set(TOLD.get() + 1);
            hook(info);
        }));
    });
    let ended = catch_unwind(|| {
        run(|runtime| async move {
            let task = runtime.spawn(async { panic_any(Reason(1)) });
            let joined = runtime.spawn(task);
            runtime.spawn(joined).await
        })
    });
    let ended: Result<(), _> = ended;
    let panic = ended.expect_err("main has joined it");
    assert_eq!(panic.downcast_ref(), Some(&Reason(1)));
    assert_eq!(TOLD.get(), 1);
}
