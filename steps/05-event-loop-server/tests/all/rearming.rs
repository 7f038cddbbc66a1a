//! A persistent event has its time-out again each time that it happens: its own, as it is by then.

use crate::support::asleep::run_until_asleep;
use crate::support::{LONG, Log, base};
use event_loop_server::{EventBase, Loop, What};
use std::thread;
use std::time::{Duration, Instant};

const SHORT: Duration = Duration::from_millis(20);

fn run(base: &mut EventBase, how: Loop) {
    base.run_loop(how).expect("it can wait");
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
    // Added without one, it keeps that; without any, it waits for nothing.
    base.event_add(timer, None).expect("a timer");
    while log.len() < 4 {
        run(&mut base, Loop::ONCE);
    }
    base.event_remove_timer(timer);
    run_until_asleep(&mut base);
    assert_eq!(log.len(), 4);
}

/// A period that an idle machine sleeps exactly enough to be late by a part of it, and no more.
const PERIOD: Duration = Duration::from_millis(100);

/// A persistent timer is late because a callback before it sleeps until one and a half periods have
/// passed since it was added. Is it called back again before another timer, which is due after 2.2?
/// None: the machine was so late that this says nothing.
fn is_on_schedule_after_a_slow_callback() -> Option<bool> {
    let (mut base, log) = (base(), Log::new());
    let ticking = log.clone();
    let start = Instant::now();
    let timer = base.evtimer_new(What::PERSIST, move |_, _, _| ticking.note("persistent"));
    base.event_add(timer, Some(PERIOD)).expect("a timer");
    let other = PERIOD.mul_f64(2.2).saturating_sub(start.elapsed());
    let (noted, woken) = (log.clone(), Log::new());
    base.once(other, move |base| {
        noted.note("other");
        base.loopbreak();
    });
    let noted = woken.clone();
    base.once(PERIOD / 2, move |_| {
        // This is what the test is about: a callback that takes long.
        thread::sleep(PERIOD.mul_f64(1.5).saturating_sub(start.elapsed()));
        noted.note(start.elapsed());
    });
    base.dispatch().expect("it can wait");
    let woken = woken.take();
    let is_in_time = woken[0] < PERIOD.mul_f64(1.9);
    let told = log.take();
    is_in_time.then(|| told == ["persistent", "persistent", "other"])
}

#[test]
fn a_persistent_timer_that_was_late_is_on_schedule_again() {
    // Late by half a period. Counted from then on, the next time would be after 2.5 periods.
    let tries = std::iter::repeat_with(is_on_schedule_after_a_slow_callback);
    assert_eq!(tries.take(20).find_map(|it| it), Some(true));
}
