//! Signals: as events, and as what must not disturb a loop that waits for others.
//!
//! Signals belong to the process: each test has one of its own.

#![cfg(unix)]

mod support;

use event_loop_server::{Event, EventBase, What};
use nix::sys::pthread::{pthread_kill, pthread_self};
use nix::sys::signal::Signal;
use signal_hook::consts::{
    SIGALRM, SIGCHLD, SIGHUP, SIGIO, SIGKILL, SIGPROF, SIGURG, SIGUSR1, SIGUSR2, SIGVTALRM,
    SIGWINCH,
};
use signal_hook::low_level::raise;
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};
use support::asleep::ThisThread;
use support::{Log, base, silent, speak, turn};

/// An event that waits for `signal`, added, and what it is told.
fn noting(base: &mut EventBase, signal: i32) -> (Event, Log<What>) {
    let log = Log::new();
    let noted = log.clone();
    let event = base.evsignal_new(signal, move |_, _, what| noted.note(what));
    let event = event.expect("there is such a signal");
    base.event_add(event, None).expect("it can be watched");
    (event, log)
}

#[test]
fn a_signal_wakes_a_sleeping_loop() {
    let mut base = base();
    let event = base.evsignal_new(SIGUSR1, |base, event, what| {
        assert_eq!(what, What::SIGNAL);
        base.event_free(event);
    });
    let event = event.expect("there is such a signal");
    base.event_add(event, None).expect("it can be watched");
    let the_loop = ThisThread::current();
    thread::scope(|scope| {
        scope.spawn(|| {
            the_loop.until_asleep();
            // To the thread that raises it, not to the one that sleeps.
            raise(SIGUSR1).expect("it is handled");
        });
        base.dispatch().expect("it can wait");
    });
}

#[test]
fn a_signal_is_told_as_often_as_it_is_noticed_not_as_often_as_it_came() {
    let mut base = base();
    let (_, log) = noting(&mut base, SIGUSR2);
    for times in [1, 5, 64, 200] {
        for _ in 0..times {
            raise(SIGUSR2).expect("it is handled");
        }
        turn(&mut base);
        turn(&mut base);
        assert_eq!(log.take(), [What::SIGNAL], "after {times}");
    }
}

#[test]
fn a_signal_is_told_to_all_who_wait_for_it() {
    let mut base = base();
    let ((one, first), (_, second)) = (noting(&mut base, SIGWINCH), noting(&mut base, SIGWINCH));
    raise(SIGWINCH).expect("it is handled");
    turn(&mut base);
    assert_eq!((first.take().len(), second.take().len()), (1, 1));
    base.event_free(one);
    raise(SIGWINCH).expect("it is handled");
    turn(&mut base);
    assert_eq!((first.take().len(), second.take().len()), (0, 1));
}

#[test]
fn a_signal_is_not_told_while_the_event_is_deleted() {
    let mut base = base();
    let (event, log) = noting(&mut base, SIGVTALRM);
    base.event_del(event);
    raise(SIGVTALRM).expect("it is handled");
    turn(&mut base);
    assert_eq!(log.take(), []);
}

#[test]
fn after_its_event_has_been_freed_a_signal_does_nothing_at_all() {
    let mut base = base();
    let owned = Rc::new(());
    let watched = Rc::downgrade(&owned);
    let event = base.evsignal_new(SIGHUP, move |_, _, _| panic!("{owned:?} has been freed"));
    let event = event.expect("there is such a signal");
    base.event_add(event, None).expect("it can be watched");
    raise(SIGHUP).expect("it is handled");
    base.event_free(event);
    assert!(watched.upgrade().is_none());
    // By default, it would end the process.
    raise(SIGHUP).expect("it is handled");
    turn(&mut base);
    base.dispatch().expect("nothing to wait for");
}

#[test]
fn a_signal_that_comes_before_the_event_is_added_is_told() {
    let (mut base, log) = (base(), Log::new());
    let noted = log.clone();
    let event = base.evsignal_new(SIGPROF, move |_, _, what| noted.note(what));
    let event = event.expect("there is such a signal");
    raise(SIGPROF).expect("it is handled");
    base.event_add(event, None).expect("it can be watched");
    turn(&mut base);
    assert_eq!(log.take(), [What::SIGNAL]);
}

#[test]
fn a_signal_that_the_system_does_not_have_is_an_error() {
    let mut base = base();
    assert!(base.evsignal_new(12_345, |_, _, _| {}).is_err());
    base.dispatch().expect("nothing to wait for");
}

#[test]
#[should_panic(expected = "signal")]
fn a_signal_that_cannot_be_handled_is_a_mistake() {
    let _ = base().evsignal_new(SIGKILL, |_, _, _| {});
}

/// Has `signal` interrupt the loop of this thread in its sleep, a few times, while `base` runs. Its
/// handler does nothing. Then speaks to whoever waits for it.
fn interrupted(base: &mut EventBase, signal: i32, peer: &UnixStream) {
    let came = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal, Arc::clone(&came)).expect("there is such a signal");
    let signal = Signal::try_from(signal).expect("there is such a signal");
    let (the_loop, address) = (ThisThread::current(), pthread_self());
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..3 {
                the_loop.until_asleep();
                pthread_kill(address, signal).expect("it lives");
                while !came.swap(false, SeqCst) {
                    thread::yield_now();
                }
            }
            the_loop.until_asleep();
            speak(peer);
        });
        base.dispatch().expect("it goes on waiting");
    });
}

#[test]
fn a_signal_that_is_none_of_its_business_does_not_end_the_loop() {
    let (mut base, log) = (base(), Log::new());
    let ((socket, peer), noted) = (silent(), log.clone());
    let event = base.event_new(socket, What::READ, move |_, _, what| noted.note(what));
    base.event_add(event, None).expect("it can be watched");
    interrupted(&mut base, SIGALRM, &peer);
    assert_eq!(log.take(), [What::READ]);
}

#[test]
fn a_signal_does_not_make_a_timer_come_too_soon() {
    let (mut base, log) = (base(), Log::new());
    let (socket, peer) = silent();
    let time = Duration::from_millis(200);
    let (noted, start) = (log.clone(), Instant::now());
    base.once(time, move |_| noted.note(start.elapsed() >= time));
    let event = base.event_new(socket, What::READ, |_, _, _| {});
    base.event_add(event, None).expect("it can be watched");
    interrupted(&mut base, SIGIO, &peer);
    assert_eq!(log.take(), [true]);
}

#[test]
fn a_signal_event_that_is_silent_times_out() {
    let mut base = base();
    let (event, log) = noting(&mut base, SIGCHLD);
    base.event_add(event, Some(Duration::ZERO)).expect("it may");
    turn(&mut base);
    assert_eq!(log.take(), [What::TIMEOUT]);
}

#[test]
fn a_signal_that_comes_as_the_time_passes_is_told_as_well() {
    let mut base = base();
    // It comes after the loop has waited, and before the time-out is told.
    base.once(Duration::ZERO, |_| raise(SIGURG).expect("it is handled"));
    let (event, log) = noting(&mut base, SIGURG);
    base.event_add(event, Some(Duration::ZERO)).expect("it may");
    turn(&mut base);
    assert_eq!(log.take(), [What::TIMEOUT]);
    // By the next turn the signal is there, and the time-out has passed once more.
    turn(&mut base);
    assert_eq!(log.take(), [What::SIGNAL | What::TIMEOUT]);
}
