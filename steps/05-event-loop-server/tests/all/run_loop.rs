//! How long the loop runs: once, without sleep, with nothing to wait for.

use crate::support::asleep::ThisThread;
use crate::support::{LONG, Log, base, silent, speak, spoken_to};
use event_loop_server::{EventBase, Loop, What};
use std::io;
use std::thread;
use std::time::{Duration, Instant};

const SHORT: Duration = Duration::from_millis(20);

fn run(base: &mut EventBase, how: Loop) {
    base.run_loop(how).expect("it can wait");
}

/// A persistent event of something that is ready, that notes when it is called back.
fn ready(base: &mut EventBase, log: &Log<&'static str>) -> impl Sized + use<> {
    let (socket, peer) = spoken_to();
    let noted = log.clone();
    let wait = What::READ | What::PERSIST;
    let event = base.event_new(socket, wait, move |_, _, _| noted.note("ready"));
    base.event_add(event, None).expect("it can be watched");
    peer
}

#[test]
fn once_calls_back_all_that_is_ready_and_returns() {
    let (mut base, log) = (base(), Log::new());
    let _peers = [ready(&mut base, &log), ready(&mut base, &log)];
    for _ in 0..3 {
        run(&mut base, Loop::ONCE);
        assert_eq!(log.take(), ["ready"; 2]);
    }
}

#[test]
fn once_sleeps_until_something_happens() {
    let (mut base, log) = (base(), Log::new());
    let (socket, peer) = silent();
    let noted = log.clone();
    let event = base.event_new(socket, What::READ | What::PERSIST, move |_, _, _| {
        noted.note(());
    });
    base.event_add(event, None).expect("it can be watched");
    let the_loop = ThisThread::current();
    thread::scope(|scope| {
        scope.spawn(|| {
            the_loop.until_asleep();
            speak(&peer);
        });
        run(&mut base, Loop::ONCE);
    });
    assert_eq!(log.take(), [()]);
}

#[test]
fn once_sleeps_until_a_timer_is_due() {
    let (mut base, log) = (base(), Log::new());
    let (start, noted) = (Instant::now(), log.clone());
    base.once(SHORT, move |_| noted.note(start.elapsed() >= SHORT));
    base.once(LONG, |_| panic!("it is not due"));
    // A sleep may end a little early; then nobody is called back.
    while log.len() == 0 {
        run(&mut base, Loop::ONCE);
    }
    assert_eq!(log.take(), [true]);
}

#[test]
fn once_calls_back_a_persistent_timer_of_no_time_at_all_and_returns() {
    let (mut base, log) = (base(), Log::new());
    let noted = log.clone();
    let timer = base.evtimer_new(What::PERSIST, move |_, _, _| noted.note(()));
    base.event_add(timer, Some(Duration::ZERO))
        .expect("a timer");
    for _ in 0..3 {
        run(&mut base, Loop::ONCE);
        assert!(!log.take().is_empty(), "it is due");
        assert!(base.is_pending(timer));
    }
}

#[test]
fn with_nothing_pending_it_returns_at_once() {
    let mut base = base();
    let (socket, _peer) = spoken_to();
    let event = base.event_new(socket, What::READ, |_, _, _| panic!("it was not added"));
    for how in [Loop::empty(), Loop::ONCE, Loop::NONBLOCK] {
        run(&mut base, how);
        assert!(!base.is_pending(event));
    }
}

#[test]
fn nonblock_calls_back_what_is_ready_and_returns() {
    for how in [Loop::NONBLOCK, Loop::NONBLOCK | Loop::ONCE] {
        let (mut base, log) = (base(), Log::new());
        let _peer = ready(&mut base, &log);
        let noted = log.clone();
        base.once(Duration::ZERO, move |_| noted.note("a timer"));
        run(&mut base, how);
        assert_eq!(log.take(), ["ready", "a timer"]);
        run(&mut base, how);
        assert_eq!(log.take(), ["ready"]);
    }
}

#[test]
fn nonblock_does_not_sleep_when_nothing_is_ready() {
    // If it did, the watchdog would end this.
    for how in [
        Loop::NONBLOCK,
        Loop::NONBLOCK | Loop::ONCE,
        Loop::NONBLOCK | Loop::NO_EXIT_ON_EMPTY,
    ] {
        let mut base = base();
        run(&mut base, how);
        let (socket, _peer) = silent();
        let event = base.event_new(socket, What::READ, |_, _, _| panic!("it is silent"));
        base.event_add(event, Some(LONG))
            .expect("it can be watched");
        for _ in 0..3 {
            run(&mut base, how);
        }
        assert!(base.is_pending(event));
    }
}

#[test]
fn it_runs_on_with_nothing_pending_until_it_is_broken() {
    let (mut base, log) = (base(), Log::new());
    let noted = log.clone();
    // While this runs, nothing is pending; it adds a timer, which adds none and breaks the loop.
    base.once(Duration::ZERO, move |base| {
        noted.note("first");
        base.once(SHORT, move |base| {
            noted.note("second");
            base.loopbreak();
        });
    });
    run(&mut base, Loop::NO_EXIT_ON_EMPTY);
    assert_eq!(log.take(), ["first", "second"]);
}

#[test]
fn a_callback_cannot_run_the_loop_in_any_way() {
    let (mut base, log) = (base(), Log::new());
    let ways = [Loop::empty(), Loop::ONCE, Loop::NONBLOCK];
    let noted = log.clone();
    base.once(Duration::ZERO, move |base| {
        for how in ways {
            let refused = base.run_loop(how).expect_err("it runs already");
            noted.note(refused.kind());
        }
    });
    run(&mut base, Loop::ONCE);
    assert_eq!(log.take(), [io::ErrorKind::Other; 3]);
    // The outer one goes on, and others may run.
    let _peer = ready(&mut base, &Log::new());
    run(&mut base, Loop::ONCE);
}

#[test]
fn what_was_added_between_two_turns_is_told_in_the_next() {
    let (mut base, log) = (base(), Log::new());
    for _ in 0..3 {
        let _peer = ready(&mut base, &log);
        run(&mut base, Loop::ONCE);
        assert_ne!(log.take(), [""; 0]);
    }
}
