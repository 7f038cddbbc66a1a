//! A persistent event has its time-out again each time that it happens: its own, as it is by then.

#![cfg(unix)]

mod support;

use event_loop_server::{EventBase, Loop, What};
use std::rc::Rc;
use std::time::{Duration, Instant};
use support::asleep::run_until_asleep;
use support::{LONG, Log, base, drain, spoken_to};

const SHORT: Duration = Duration::from_millis(20);

fn run(base: &mut EventBase, how: Loop) {
    base.run_loop(how).expect("it can wait");
}

#[test]
fn whatever_happens_to_an_event_it_keeps_its_own_time_out() {
    let (mut base, log, ticks) = (base(), Log::new(), Log::new());
    let ticking = ticks.clone();
    // Due first, and due again and again.
    let clock = base.evtimer_new(What::PERSIST, move |_, _, _| ticking.note(()));
    base.event_add(clock, Some(SHORT)).expect("a timer");
    let (socket, _peer) = spoken_to();
    let (source, noted) = (Rc::clone(&socket), log.clone());
    let wait = What::READ | What::PERSIST;
    let event = base.event_new(source, wait, move |_, _, what| {
        drain(&socket);
        noted.note(what);
    });
    base.event_add(event, Some(LONG))
        .expect("it can be watched");
    while ticks.len() < 4 {
        run(&mut base, Loop::ONCE);
    }
    assert_eq!(log.take(), [What::READ]);
    assert!(base.is_pending(event));
}

#[test]
fn freeing_the_first_of_two_timers_leaves_the_other_its_time() {
    let (mut base, log) = (base(), Log::new());
    let note = |log: &Log<u8>, number| {
        let log = log.clone();
        move |_: &mut EventBase, _, _| log.note(number)
    };
    let start = Instant::now();
    let [one, other] = [1, 2].map(|number| {
        let timer = base.evtimer_new(What::PERSIST, note(&log, number));
        base.event_add(timer, Some(SHORT)).expect("a timer");
        timer
    });
    base.event_free(one);
    while log.len() < 3 {
        run(&mut base, Loop::ONCE);
    }
    // Each time after its own time-out, not after the other's, nor after none.
    assert!(start.elapsed() >= SHORT * 3, "too soon");
    assert_eq!(log.take(), [2; 3]);
    base.event_free(other);
    run(&mut base, Loop::ONCE);
    assert_eq!(log.take(), [0; 0]);
}

#[test]
fn a_persistent_timer_that_is_added_again_repeats_by_its_new_time_out() {
    let (mut base, log) = (base(), Log::new());
    let noted = log.clone();
    let timer = base.evtimer_new(What::PERSIST, move |_, _, _| noted.note(()));
    base.event_add(timer, Some(LONG)).expect("a timer");
    let start = Instant::now();
    base.event_add(timer, Some(SHORT)).expect("a timer");
    while log.len() < 3 {
        run(&mut base, Loop::ONCE);
    }
    assert!(start.elapsed() >= SHORT * 3, "too soon");
    // Without one, it waits for nothing.
    base.event_add(timer, None).expect("a timer");
    run_until_asleep(&mut base);
    assert_eq!(log.len(), 3);
}
