//! A runtime that is over, for whoever has kept a clone of it, or what belongs to it. Nobody waits
//! for what cannot come any more.

use crate::bell::{Bell, OnDrop, is_dropped, owned};
use crate::peer::{Peer, connection_and_peer, pair};
use crate::running::{poll_once, run, turn, turns};
use crate::support::LONG;
use async_server::{Connection, Runtime, Sleep, Task, TcpListener, TcpStream};
use std::cell::Cell;
use std::future::pending;
use std::net;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

/// What main has given away: its runtime, a task and a sleep that were not done, a connection.
fn kept() -> (Runtime, Task<()>, Sleep, Connection, Peer) {
    run(|runtime| async move {
        let (connection, peer) = connection_and_peer(&runtime);
        let (task, sleep) = (runtime.spawn(pending()), runtime.sleep(LONG));
        turn().await;
        (runtime, task, sleep, connection, peer)
    })
}

#[test]
fn a_task_that_is_spawned_is_dropped_at_once() {
    let (runtime, ..) = kept();
    for is_detached in [true, false] {
        let (bell, (owned, watched)) = (Bell::default(), owned());
        let wait = bell.wait();
        let future = async move {
            wait.await;
            drop(owned);
        };
        let task = match is_detached {
            true => {
                runtime.spawn_detached(future);
                None
            }
            false => Some(runtime.spawn(future)),
        };
        assert!(is_dropped(&watched));
        assert_eq!(bell.polls(), 0);
        drop(task);
    }
}

#[test]
fn a_destructor_may_spawn_what_has_a_destructor_that_spawns() {
    let (runtime, ..) = kept();
    let (inner, depth) = (runtime.clone(), Rc::new(Cell::new(0)));
    let counted = Rc::clone(&depth);
    let innermost = OnDrop(move || counted.set(counted.get() + 1));
    let counted = Rc::clone(&depth);
    let mut innermost = Some(innermost);
    let outer = OnDrop(move || {
        counted.set(counted.get() + 1);
        let innermost = innermost.take();
        inner.spawn_detached(async move { drop(innermost) });
    });
    drop(runtime.spawn(async move { drop(outer) }));
    assert_eq!(depth.get(), 2);
}

#[test]
#[should_panic(expected = "`Task` awaited after its runtime has ended")]
fn a_task_that_is_spawned_cannot_be_joined() {
    let (runtime, ..) = kept();
    let task = runtime.spawn(async {});
    run(|_| task);
}

#[test]
#[should_panic(expected = "`Task` awaited after its runtime has ended")]
fn a_task_that_was_not_done_cannot_be_joined() {
    let (_runtime, task, ..) = kept();
    run(|_| task);
}

#[test]
fn a_task_that_was_done_has_kept_its_value() {
    let (task, _runtime) = run(|runtime| async move {
        let task = runtime.spawn(async { 1 });
        turns(2).await;
        (task, runtime)
    });
    assert_eq!(run(|_| task), 1);
}

#[test]
#[should_panic(expected = "`Sleep` awaited after its runtime has ended")]
fn a_new_sleep_cannot_be_awaited() {
    let (runtime, ..) = kept();
    let sleep = runtime.sleep(Duration::ZERO);
    run(|_| sleep);
}

#[test]
#[should_panic(expected = "`Sleep` awaited after its runtime has ended")]
fn a_sleep_that_was_not_over_cannot_be_awaited() {
    let (_runtime, _task, sleep, ..) = kept();
    run(|_| sleep);
}

#[test]
fn a_sleep_that_was_over_stays_so() {
    let (sleep, _runtime) = run(|runtime| async move {
        let sleep = runtime.sleep(Duration::ZERO);
        // The next one is over after it.
        runtime.sleep(Duration::ZERO).await;
        turn().await;
        (sleep, runtime)
    });
    run(|_| sleep);
}

#[test]
fn nothing_new_can_be_watched() {
    let (runtime, ..) = kept();
    let listener = net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let error = TcpListener::from_std(&runtime, listener)
        .err()
        .expect("no loop");
    assert_eq!(error.to_string(), "the runtime has ended");
    let (socket, peer) = pair();
    let error = TcpStream::from_std(&runtime, socket)
        .err()
        .expect("no loop");
    assert_eq!(error.to_string(), "the runtime has ended");
    assert_eq!(peer.hear_all(), b"", "it is closed");
}

#[test]
fn what_was_watched_is_waited_for_no_more() {
    let (connection, waited, peers) = run(|runtime| async move {
        let (connection, peer) = connection_and_peer(&runtime);
        let (mut waited, other) = connection_and_peer(&runtime);
        assert!(poll_once(pin!(waited.receive())).await.is_pending());
        (connection, waited, (peer, other))
    });
    for mut connection in [connection, waited] {
        let error = run(|_| async move { connection.receive().await.map(|_| ()) });
        let error = error.expect_err("nobody watches it");
        assert_eq!(error.to_string(), "the runtime has ended");
    }
    drop(peers);
}

#[test]
fn a_wait_that_has_begun_ends() {
    let (mut wait, _peer) = run(|runtime| async move {
        let (mut connection, peer) = connection_and_peer(&runtime);
        let mut wait = Box::pin(async move { connection.receive().await.map(|_| ()) });
        assert!(poll_once(wait.as_mut()).await.is_pending());
        (wait, peer)
    });
    let ended = run(|_| async move { poll_once(wait.as_mut()).await });
    assert!(matches!(ended, Poll::Ready(Err(_))), "{ended:?}");
}
