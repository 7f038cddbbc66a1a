//! Our futures, polled with a waker that somebody else has written. It may do anything.

use crate::peer::{connection_and_peer, pair};
use crate::running::{asleep, run, turn, turns};
use crate::support::{LONG, Log};
use async_server::{Connection, Runtime, Task, TcpStream};
use std::cell::{Cell, RefCell};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

thread_local! {
    /// What a foreign waker does. It has to be `Send`, and what belongs to a runtime is not.
    static ACT: RefCell<Option<Box<dyn FnOnce()>>> = const { RefCell::new(None) };
}

struct Foreign;

impl Wake for Foreign {
    fn wake(self: Arc<Self>) {
        let act = ACT.with_borrow_mut(Option::take);
        act.expect("it is woken once")();
    }
}

/// Polls it with a waker that does this.
fn poll_foreign<F: Future>(future: Pin<&mut F>, act: impl FnOnce() + 'static) -> Poll<F::Output> {
    ACT.set(Some(Box::new(act)));
    let waker = Waker::from(Arc::new(Foreign));
    future.poll(&mut Context::from_waker(&waker))
}

fn has_acted() -> bool {
    ACT.with_borrow(Option::is_none)
}

/// Uses the runtime for all that there is.
fn busy(runtime: &Runtime, log: &Log<&'static str>) -> impl FnOnce() + use<> {
    let (runtime, log) = (runtime.clone(), log.clone());
    let (connection, peer) = connection_and_peer(&runtime);
    let task = runtime.spawn(std::future::pending::<()>());
    move || {
        drop(connection);
        assert_eq!(peer.hear_all(), b"");
        drop(task);
        drop(runtime.sleep(LONG));
        drop(TcpStream::from_std(&runtime, pair().0).expect("it can be watched"));
        runtime.spawn_detached(async move { log.note("made by a waker") });
    }
}

#[test]
fn one_that_is_woken_by_a_socket_may_use_the_runtime() {
    run(|runtime| async move {
        let (log, (mut connection, peer)) = (Log::new(), connection_and_peer(&runtime));
        let mut wait = pin!(connection.receive());
        assert!(poll_foreign(wait.as_mut(), busy(&runtime, &log)).is_pending());
        peer.say("abc");
        while !has_acted() {
            turn().await;
        }
        turn().await;
        assert_eq!(log.take(), ["made by a waker"]);
        let received = wait.await.expect("it is connected");
        assert_eq!(received, Some(&b"abc"[..]));
    });
}

#[test]
fn one_that_is_woken_by_a_sleep_may_use_the_runtime() {
    run(|runtime| async move {
        let log = Log::new();
        let mut sleep = pin!(runtime.sleep(Duration::ZERO));
        assert!(poll_foreign(sleep.as_mut(), busy(&runtime, &log)).is_pending());
        while !has_acted() {
            turn().await;
        }
        turn().await;
        assert_eq!(log.take(), ["made by a waker"]);
        sleep.await;
    });
}

#[test]
fn one_that_is_woken_by_a_task_may_use_the_runtime() {
    run(|runtime| async move {
        let log = Log::new();
        let mut task = pin!(runtime.spawn(async { 1 }));
        assert!(poll_foreign(task.as_mut(), busy(&runtime, &log)).is_pending());
        turns(3).await;
        assert!(has_acted());
        assert_eq!(log.take(), ["made by a waker"]);
        assert_eq!(task.await, 1);
    });
}

#[test]
fn what_it_spawns_while_the_loop_would_sleep_runs() {
    run(|runtime| async move {
        let (inner, task) = (runtime.clone(), Rc::new(Cell::new(None)));
        let spawned = Rc::clone(&task);
        let mut sleep = runtime.sleep(Duration::ZERO);
        let act = move || spawned.set(Some(inner.spawn(async { 1 })));
        assert!(poll_foreign(Pin::new(&mut sleep), act).is_pending());
        asleep().await;
        let task: Task<i32> = task.take().expect("it was woken");
        assert_eq!(task.await, 1);
    });
}

#[test]
fn it_may_drop_what_has_woken_it() {
    run(|runtime| async move {
        let (connection, peer) = connection_and_peer(&runtime);
        let wait = async move |mut connection: Connection| connection.receive().await.map(|_| ());
        let wait = Rc::new(RefCell::new(Some(Box::pin(wait(connection)))));
        let dropped = Rc::clone(&wait);
        let mut taken = wait.take().expect("it is there");
        assert!(poll_foreign(taken.as_mut(), move || drop(dropped.take())).is_pending());
        wait.replace(Some(taken));
        peer.say("abc");
        while !has_acted() {
            turn().await;
        }
        assert!(wait.take().is_none());
        turns(2).await;
    });
}

#[test]
fn it_may_have_its_future_go_on_at_once() {
    run(|runtime| async move {
        let (mut connection, peer) = connection_and_peer(&runtime);
        let log = Log::new();
        let noted = log.clone();
        let wait = Box::pin(async move {
            let received = connection.receive().await.expect("it is connected");
            noted.note(received.map(<[u8]>::to_vec));
            connection.send(b"def").await.expect("it is connected");
        });
        let wait = Rc::new(RefCell::new(wait));
        let again = Rc::clone(&wait);
        let act = move || {
            let mut context = Context::from_waker(Waker::noop());
            assert!(again.borrow_mut().as_mut().poll(&mut context).is_ready());
        };
        assert!(poll_foreign(wait.borrow_mut().as_mut(), act).is_pending());
        peer.say("abc");
        while !has_acted() {
            turn().await;
        }
        assert_eq!(log.take(), [Some(b"abc".to_vec())]);
        assert_eq!(peer.hear(3), b"def");
    });
}

#[test]
fn one_that_panics_harms_nobody() {
    run(|runtime| async move {
        let (mut connection, peer) = connection_and_peer(&runtime);
        let mut wait = pin!(connection.receive());
        assert!(poll_foreign(wait.as_mut(), || panic!("on purpose")).is_pending());
        peer.say("abc");
        while !has_acted() {
            turn().await;
        }
        turn().await;
        let received = wait.await.expect("it is connected");
        assert_eq!(received, Some(&b"abc"[..]));
    });
}
