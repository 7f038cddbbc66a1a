//! The loop, wakers, and cancellation: what no server can tell from outside.

#![cfg(unix)]

use async_server::{Elapsed, Runtime};
use std::cell::{Cell, RefCell};
use std::fs;
use std::future::{pending, poll_fn, ready};
use std::mem;
use std::path::Path;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::task::{Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

/// How long a test may take: a runtime that sleeps for ever is to fail, not to hang.
const PATIENCE: Duration = Duration::from_secs(10);
/// A time that does not pass in a test.
const LONG: Duration = Duration::from_secs(3600);
const SHORT: Duration = Duration::from_millis(20);

/// Runs what `main` makes of a runtime, in a thread of its own, which is left alone when it does not
/// end.
fn run<F: Future<Output = ()>>(main: impl FnOnce(Runtime) -> F + Send + 'static) {
    let (done, ended) = mpsc::channel::<()>();
    let test = thread::spawn(move || {
        let _done = done;
        Runtime::run(main).expect("there are descriptors");
    });
    // It sends nothing: it hangs up.
    let ended = ended.recv_timeout(PATIENCE);
    assert_eq!(ended, Err(RecvTimeoutError::Disconnected), "it sleeps");
    assert!(test.join().is_ok(), "it has failed, as is told above");
}

/// Everybody who can go on does so once.
async fn turn() {
    let mut is_over = false;
    poll_fn(|context| {
        if mem::replace(&mut is_over, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

async fn turns(times: usize) {
    for _ in 0..times {
        turn().await;
    }
}

/// How often a future was polled, and the waker that it got the last time.
#[derive(Clone, Default)]
struct Polled(Rc<(Cell<usize>, RefCell<Option<Waker>>)>);

impl Polled {
    fn times(&self) -> usize {
        self.0.0.get()
    }

    fn waker(&self) -> Waker {
        self.0.1.borrow().clone().expect("it was polled")
    }
}

/// A future that is never done, and does this each time that it is polled.
fn at_each_poll<A: FnMut(&Waker, usize)>(
    polled: &Polled,
    mut act: A,
) -> impl Future<Output = ()> + use<A> {
    let polled = polled.clone();
    poll_fn(move |context| {
        let Polled(noted) = &polled;
        noted.0.set(polled.times() + 1);
        noted.1.replace(Some(context.waker().clone()));
        act(context.waker(), polled.times());
        Poll::Pending
    })
}

/// Something to be owned, and whether it still is.
fn owned() -> (Rc<()>, Weak<()>) {
    let owned = Rc::new(());
    let watched = Rc::downgrade(&owned);
    (owned, watched)
}

fn is_dropped(watched: &Weak<()>) -> bool {
    watched.strong_count() == 0
}

/// Does this when it is dropped.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

// The loop

#[test]
fn a_task_that_panics_ends_alone() {
    run(|runtime| async move {
        let (owned, watched) = owned();
        runtime.spawn_detached(async move {
            let _owned = owned;
            panic!("on purpose");
        });
        turns(3).await;
        assert!(is_dropped(&watched));
    });
}

#[test]
fn a_task_that_can_always_go_on_lets_the_event_loop_have_its_turn() {
    run(|runtime| async move {
        let _spins = runtime.spawn(async {
            loop {
                turn().await;
            }
        });
        runtime.sleep(SHORT).await;
    });
}

#[test]
fn tasks_that_are_over_leave_nothing() {
    run(|runtime| async move {
        // Other tests of this process grow as well, but not each time.
        let mut least = u64::MAX;
        for _ in 0..5 {
            let before = memory();
            for _ in 0..1_000 {
                for _ in 0..1_000 {
                    runtime.spawn_detached(async {});
                }
                turn().await;
            }
            least = least.min(memory().saturating_sub(before));
        }
        // A place in the table for each of them, of a few words, would be 30,000 KiB each time.
        assert!(least < 10_000, "{least} KiB");
    });
}

/// How much memory this process has, in KiB; 0 where that cannot be seen.
fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mut lines = status.lines();
    let memory = lines.find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = memory.and_then(|memory| memory.trim().strip_suffix(" kB"));
    kibibytes.map_or(0, |it| it.parse().expect("a number"))
}

// Wakers

#[test]
fn woken_twice_it_runs_once() {
    run(|runtime| async move {
        let polled = Polled::default();
        let _task = runtime.spawn(at_each_poll(&polled, |_, _| ()));
        turn().await;
        let (waker, other) = (polled.waker(), polled.waker());
        waker.wake_by_ref();
        other.wake();
        waker.wake();
        turns(5).await;
        assert_eq!(polled.times(), 2);
    });
}

#[test]
fn woken_while_it_runs_it_runs_once_more() {
    run(|runtime| async move {
        let polled = Polled::default();
        let _task = runtime.spawn(at_each_poll(&polled, |waker, poll| {
            if poll == 1 {
                waker.wake_by_ref();
                waker.wake_by_ref();
            }
        }));
        turn().await;
        assert_eq!(polled.times(), 1, "not before the next round");
        turns(5).await;
        assert_eq!(polled.times(), 2);
    });
}

#[test]
fn woken_by_another_thread_while_it_runs_it_runs_once_more() {
    run(|runtime| async move {
        let polled = Polled::default();
        let _task = runtime.spawn(at_each_poll(&polled, |waker, poll| {
            if poll == 1 {
                let waker = waker.clone();
                let woken = thread::spawn(move || waker.wake());
                woken.join().expect("it does not panic");
            }
        }));
        turns(5).await;
        assert_eq!(polled.times(), 2);
    });
}

/// Waits until a thread sleeps, by its folder in /proc. Where there is none, that cannot be seen.
fn until_it_sleeps(thread: &Path) {
    let state = || {
        let stat = fs::read_to_string(thread.join("stat")).ok()?;
        stat.rsplit(") ").next()?.chars().next()
    };
    while state().is_some_and(|state| state != 'S') {
        thread::sleep(Duration::from_millis(1));
    }
}

/// Waits until the loop sleeps: then another thread wakes this task.
async fn asleep() {
    let this_thread = fs::canonicalize("/proc/thread-self").unwrap_or_default();
    let is_seen = Arc::new(AtomicBool::new(false));
    let mut is_watched = false;
    poll_fn(|context| {
        if is_seen.load(Ordering::SeqCst) {
            return Poll::Ready(());
        }
        if !mem::replace(&mut is_watched, true) {
            let (this_thread, waker) = (this_thread.clone(), context.waker().clone());
            let is_seen = Arc::clone(&is_seen);
            thread::spawn(move || {
                until_it_sleeps(&this_thread);
                is_seen.store(true, Ordering::SeqCst);
                waker.wake();
            });
        }
        Poll::Pending
    })
    .await;
}

#[test]
fn another_thread_wakes_a_task_while_the_loop_sleeps() {
    run(|runtime| async move {
        for _ in 0..3 {
            // Nobody else wakes this one, nor that.
            asleep().await;
            runtime.spawn(asleep()).await;
        }
    });
}

// Cancellation

#[test]
fn what_it_owns_is_dropped_before_drop_returns() {
    run(|runtime| async move {
        let noted = Rc::new(RefCell::new(Vec::new()));
        let note = |what| {
            let noted = Rc::clone(&noted);
            OnDrop(move || noted.borrow_mut().push(what))
        };
        let (first, second) = (note("first"), note("second"));
        let task = runtime.spawn(async move {
            let _first = first;
            let _second = second;
            pending::<()>().await;
        });
        turn().await;
        assert!(noted.borrow().is_empty());
        drop(task);
        assert_eq!(*noted.borrow(), ["second", "first"]);
    });
}

#[test]
fn the_destructor_of_a_cancelled_task_may_start_another() {
    run(|runtime| async move {
        let has_run = Rc::new(Cell::new(false));
        let (inner, runs) = (runtime.clone(), Rc::clone(&has_run));
        let busy = OnDrop(move || {
            let runs = Rc::clone(&runs);
            inner.spawn_detached(async move { runs.set(true) });
        });
        let task = runtime.spawn(async move {
            let _busy = busy;
            pending::<()>().await;
        });
        turn().await;
        drop(task);
        assert!(!has_run.get(), "not before the next round");
        turn().await;
        assert!(has_run.get());
    });
}

#[test]
fn the_destructor_of_a_cancelled_task_may_panic() {
    run(|runtime| async move {
        let (owned, watched) = owned();
        let bomb = OnDrop(|| panic!("on purpose"));
        let task = runtime.spawn(async move {
            let _owned = owned;
            let _bomb = bomb;
            pending::<()>().await;
        });
        turn().await;
        drop(task);
        assert!(is_dropped(&watched));
    });
}

#[test]
fn who_is_made_while_the_last_ones_are_dropped_is_dropped_as_well() {
    let (told, watched) = mpsc::channel();
    run(move |runtime| async move {
        let inner = runtime.clone();
        let at_its_drop = told.clone();
        let busy = OnDrop(move || {
            let told = at_its_drop.clone();
            let dropped = OnDrop(move || told.send("who was made").expect("it is heard"));
            // It owns the runtime that owns it.
            let owned = (dropped, inner.clone());
            inner.spawn_detached(async move {
                let _owned = owned;
                unreachable!("nobody runs any more");
            });
            at_its_drop.send("the destructor").expect("it is heard");
        });
        runtime.spawn_detached(async move {
            let _busy = busy;
            pending::<()>().await;
        });
        turn().await;
    });
    let told: Vec<_> = watched.try_iter().collect();
    assert_eq!(told, ["who was made", "the destructor"]);
}

#[test]
fn a_value_that_is_there_at_once_wins_against_no_time_at_all() {
    run(|runtime| async move {
        assert_eq!(runtime.timeout(Duration::ZERO, ready(1)).await, Ok(1));
        let late = runtime.timeout(Duration::ZERO, pending::<()>()).await;
        assert_eq!(late, Err(Elapsed));
    });
}

#[test]
fn a_value_that_comes_when_the_time_has_passed_already_wins() {
    run(|runtime| async move {
        // In the next round both are there.
        let value = async {
            turn().await;
            1
        };
        assert_eq!(runtime.timeout(Duration::ZERO, value).await, Ok(1));
    });
}

#[test]
fn when_the_time_has_passed_the_future_is_dropped() {
    run(|runtime| async move {
        let (owned, watched) = owned();
        let start = Instant::now();
        let elapsed = runtime.timeout(SHORT, async move {
            let _owned = owned;
            pending::<()>().await;
        });
        assert_eq!(elapsed.await, Err(Elapsed));
        assert!(start.elapsed() >= SHORT, "too soon");
        assert!(is_dropped(&watched));
    });
}

#[test]
fn a_task_can_be_waited_for_and_is_cancelled_when_its_time_has_passed() {
    run(|runtime| async move {
        let (owned, watched) = owned();
        let task = runtime.spawn(async move {
            let _owned = owned;
            pending::<()>().await;
        });
        assert_eq!(runtime.timeout(SHORT, task).await, Err(Elapsed));
        assert!(is_dropped(&watched));
        let task = runtime.spawn(async { 1 });
        assert_eq!(runtime.timeout(LONG, task).await, Ok(1));
    });
}
