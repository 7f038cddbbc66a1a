//! However a wait, a task or a runtime ends, its descriptors are given back, and no waker keeps any.
//!
//! Descriptors are a matter of the whole process: this test is alone in its.

#![cfg(unix)]

#[path = "../../05-event-loop-server/tests/support/mod.rs"]
mod support;

use async_server::{Connection, Runtime, TcpListener, TcpStream, converse};
use std::cell::RefCell;
use std::future::{pending, poll_fn};
use std::net;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;
use subject::processes;
use support::watchdog;

const SOON: Duration = Duration::from_millis(5);

/// Wakers that are kept for longer than their runtimes.
type Kept = Rc<RefCell<Vec<Waker>>>;

/// Streams that end in all kinds of ways; in the end, the runtime does.
async fn live_and_die(runtime: Runtime, panics: bool, kept: Kept) {
    let waker = poll_fn(|context| Poll::Ready(context.waker().clone())).await;
    kept.borrow_mut().push(waker);
    let listener = net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let mut listener = TcpListener::from_std(&runtime, listener).expect("it can be watched");
    let given_up = runtime.timeout(SOON, listener.accept()).await;
    assert!(given_up.is_err(), "nobody has come");
    let mut clients = Vec::new();
    for way in 0..6 {
        let client = net::TcpStream::connect(address).expect("it listens");
        let (socket, _) = listener.accept().await.expect("somebody waits");
        let mut connection = Connection::new(socket);
        match way {
            // Never waited for; given up; left to a task that ends, that is cancelled, that is left.
            0 => drop(connection),
            1 => {
                let given_up = runtime.timeout(SOON, connection.receive()).await;
                assert!(given_up.is_err(), "nothing has come");
            }
            2 => {
                drop(client);
                let ended = runtime.spawn(converse(connection)).await;
                ended.expect("the client has said all");
                continue;
            }
            3 => {
                let task = runtime.spawn(converse(connection));
                runtime.sleep(SOON).await;
                drop(task);
            }
            4 => drop(runtime.spawn(converse(connection))),
            _ => runtime.spawn_detached(converse(connection)),
        }
        clients.push(client);
    }
    let unwatched = TcpStream::from_std(&runtime, clients.remove(0));
    drop(unwatched.expect("it can be watched"));
    runtime.spawn_detached(async move {
        let _clients = clients;
        let _listener = listener;
        pending::<()>().await;
    });
    runtime.sleep(SOON).await;
    assert!(!panics, "on purpose");
}

#[test]
fn every_descriptor_is_given_back() {
    let _watchdog = watchdog();
    let me = std::process::id();
    let kept = Kept::default();
    let live_and_die = |panics| {
        let kept = Rc::clone(&kept);
        let run = || Runtime::run(|runtime| live_and_die(runtime, panics, kept));
        match catch_unwind(AssertUnwindSafe(run)) {
            Ok(ended) => ended.expect("there are descriptors"),
            Err(_) => assert!(panics, "it has panicked"),
        }
    };
    live_and_die(false);
    kept.take();
    let Ok(before) = processes::descriptors(me) else {
        println!("skipped: descriptors are counted in /proc");
        return;
    };
    for round in 0..4 {
        live_and_die(round % 2 == 1);
        let after = processes::descriptors(me);
        assert_eq!(after.ok(), Some(before), "round {round}");
    }
    // Nobody hears them, from wherever they call.
    for waker in kept.take() {
        waker.wake_by_ref();
        let woken = thread::spawn(move || waker.wake());
        woken.join().expect("it does not panic");
    }
    assert_eq!(processes::descriptors(me).ok(), Some(before));
}
