//! Time-outs: of timers, and of events that wait for a source. Nothing here asserts that something
//! happens soon, only that it does not happen too soon.

use crate::support::asleep::run_until_asleep;
use crate::support::{LONG, Log, assert_same_place, base, drain, silent, speak, spoken_to, turn};
use event_loop_server::{Event, EventBase, What};
use std::cell::Cell;
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::time::{Duration, Instant};

const SHORT: Duration = Duration::from_millis(20);

/// An event that notes what it is told; a timer if there is no socket. It is not added.
fn noting(
    base: &mut EventBase,
    socket: Option<Rc<UnixStream>>,
    what: What,
    log: &Log<What>,
) -> Event {
    let log = log.clone();
    let note = move |_: &mut EventBase, _, what| log.note(what);
    match socket {
        Some(socket) => base.event_new(socket, what, note),
        None => base.evtimer_new(what, note),
    }
}

fn break_after(base: &mut EventBase, time: Duration) {
    base.once(time, EventBase::loopbreak);
}

#[test]
fn timers_happen_in_the_order_of_their_times_and_not_before() {
    let (mut base, log) = (base(), Log::new());
    for milliseconds in [3, 1, 2, 30] {
        let (log, added) = (log.clone(), Instant::now());
        let time = Duration::from_millis(milliseconds);
        let timer = base.evtimer_new(What::empty(), move |_, _, what| {
            assert_eq!(what, What::TIMEOUT);
            assert!(added.elapsed() >= time, "too soon");
            log.note(milliseconds);
        });
        base.event_add(timer, Some(time)).expect("a timer");
    }
    base.dispatch().expect("it can wait");
    assert_eq!(log.take(), [1, 2, 3, 30]);
}

#[test]
fn timers_of_the_same_time_happen_in_the_order_of_adding() {
    let (mut base, log) = (base(), Log::new());
    let all: Vec<usize> = (0..1_000).collect();
    for &number in &all {
        let log = log.clone();
        base.once(SHORT, move |_| log.note(number));
    }
    base.dispatch().expect("it can wait");
    assert_eq!(log.take(), all);
}

#[test]
fn a_persistent_timer_happens_again_each_time_after_the_whole_time() {
    let (mut base, times) = (base(), Rc::new(Cell::new(0)));
    let (start, counted) = (Instant::now(), Rc::clone(&times));
    let timer = base.evtimer_new(What::PERSIST, move |base, timer, _| {
        assert!(base.is_pending(timer));
        counted.set(counted.get() + 1);
        assert!(start.elapsed() >= SHORT * counted.get(), "too soon");
        if counted.get() == 3 {
            base.event_del(timer);
        }
    });
    base.event_add(timer, Some(SHORT)).expect("a timer");
    base.dispatch().expect("it can wait");
    assert_eq!(times.get(), 3);
}

#[test]
fn once_calls_back_once_and_keeps_nothing() {
    let (mut base, log) = (base(), Log::new());
    let (owned, noted) = (Rc::new(()), log.clone());
    let before = base.evtimer_new(What::empty(), |_, _, _| {});
    base.event_free(before);
    let (start, watched) = (Instant::now(), Rc::downgrade(&owned));
    base.once(SHORT, move |_| {
        let _owned = owned;
        noted.note(start.elapsed() >= SHORT);
    });
    base.dispatch().expect("it can wait");
    base.dispatch().expect("nothing to wait for");
    assert_eq!(log.take(), [true]);
    assert!(watched.upgrade().is_none());
    // The next event gets the place that its timer had.
    let after = base.evtimer_new(What::empty(), |_, _, _| {});
    assert_same_place(before, after);
}

#[test]
fn a_timer_of_no_time_at_all_leaves_the_others_their_turn() {
    let (mut base, log) = (base(), Log::new());
    let timer = noting(&mut base, None, What::PERSIST, &log);
    base.event_add(timer, Some(Duration::ZERO))
        .expect("a timer");
    let (socket, peer) = silent();
    let heard = base.event_new(socket, What::READ, |base, _, _| base.loopbreak());
    base.event_add(heard, None).expect("it can be watched");
    base.once(SHORT, move |_| speak(&peer));
    base.dispatch().expect("it can wait");
    assert!(log.len() >= 2, "it is due in every turn");
    assert!(base.is_pending(timer));
}

#[test]
fn a_timer_added_by_a_timer_has_to_wait_for_the_next_turn() {
    fn again(base: &mut EventBase, log: Log<()>) {
        base.once(Duration::ZERO, move |base| {
            log.note(());
            again(base, log);
        });
    }
    let (mut base, log) = (base(), Log::new());
    again(&mut base, log.clone());
    for _ in 0..3 {
        turn(&mut base);
    }
    assert!(log.len() >= 3);
}

#[test]
fn a_time_beyond_all_clocks_never_comes() {
    // As much as the clock can tell, and more than it can.
    for time in [Duration::from_secs(1 << 60), Duration::MAX] {
        let (mut base, log) = (base(), Log::new());
        let timer = noting(&mut base, None, What::PERSIST, &log);
        base.event_add(timer, Some(time)).expect("a timer");
        base.once(time, |_| panic!("never"));
        let (socket, peer) = silent();
        let event = noting(&mut base, Some(socket), What::READ | What::PERSIST, &log);
        base.event_add(event, Some(time))
            .expect("it can be watched");
        break_after(&mut base, SHORT);
        base.dispatch().expect("it can wait");
        assert_eq!(log.take(), []);
        assert!(base.is_pending(timer) && base.is_pending(event));
        // And the loop can sleep for as long as that.
        run_until_asleep(&mut base);
        speak(&peer);
        turn(&mut base);
        assert_eq!(log.take(), [What::READ]);
    }
}

#[test]
fn a_silent_source_times_out() {
    let (mut base, log) = (base(), Log::new());
    let ((once, _peer), (again, _other_peer)) = (silent(), silent());
    let once = noting(&mut base, Some(once), What::READ, &log);
    base.event_add(once, Some(SHORT))
        .expect("it can be watched");
    base.dispatch().expect("it ends as it times out");
    assert_eq!(log.take(), [What::TIMEOUT]);
    assert!(!base.is_pending(once));
    let start = Instant::now();
    let again = noting(&mut base, Some(again), What::READ | What::PERSIST, &log);
    base.event_add(again, Some(SHORT))
        .expect("it can be watched");
    while log.len() < 3 {
        turn(&mut base);
    }
    assert!(start.elapsed() >= SHORT * 3, "too soon");
    assert_eq!(log.take(), [What::TIMEOUT; 3]);
    assert!(base.is_pending(again));
}

#[test]
fn a_source_that_times_out_is_no_longer_watched() {
    let (mut base, log) = (base(), Log::new());
    let (socket, peer) = silent();
    let event = noting(&mut base, Some(socket), What::READ, &log);
    base.event_add(event, Some(Duration::ZERO)).expect("it may");
    turn(&mut base);
    speak(&peer);
    turn(&mut base);
    assert_eq!(log.take(), [What::TIMEOUT]);
}

#[test]
fn what_happens_to_a_persistent_event_puts_its_time_out_off() {
    let mut base = base();
    let (socket, peer) = silent();
    let spoke = Rc::new(Cell::new(None));
    let (said, mut heard) = (Rc::clone(&spoke), None);
    base.once(SHORT / 2, move |_| {
        said.set(Some(Instant::now()));
        speak(&peer);
        std::mem::forget(peer);
    });
    let wait = What::READ | What::PERSIST;
    let source = Rc::clone(&socket);
    let event = base.event_new(source, wait, move |base, _, what| {
        if what.contains(What::READ) {
            drain(&socket);
            heard = spoke.get();
        } else if let Some(heard) = heard {
            assert!(heard.elapsed() >= SHORT, "it was not silent for so long");
            base.loopbreak();
        }
    });
    base.event_add(event, Some(SHORT))
        .expect("it can be watched");
    base.dispatch().expect("it can wait");
}

#[test]
fn what_happens_to_any_other_event_ends_its_time_out() {
    let (mut base, log) = (base(), Log::new());
    let (socket, _peer) = spoken_to();
    let event = noting(&mut base, Some(socket), What::READ, &log);
    // Both at once: it happens once.
    base.event_add(event, Some(Duration::ZERO)).expect("it may");
    turn(&mut base);
    assert_eq!(log.take(), [What::READ | What::TIMEOUT]);
    // Added again, it has no time-out but the one that it is given.
    base.event_change(event, What::empty()).expect("it may");
    base.event_add(event, None).expect("it can be watched");
    break_after(&mut base, SHORT);
    base.dispatch().expect("it can wait");
    assert_eq!(log.take(), []);
}

#[test]
fn a_deleted_event_does_not_time_out() {
    let (mut base, log) = (base(), Log::new());
    let (socket, _peer) = silent();
    for socket in [None, Some(socket)] {
        let event = noting(&mut base, socket, What::READ | What::PERSIST, &log);
        base.event_add(event, Some(Duration::ZERO)).expect("it may");
        base.event_del(event);
        base.dispatch().expect("nothing to wait for");
        // Neither does its old time come back when it is added again.
        base.event_add(event, None).expect("it can be watched");
        turn(&mut base);
        assert_eq!(log.take(), []);
        assert!(base.is_pending(event));
        base.event_free(event);
    }
}

#[test]
fn a_pending_event_that_is_added_again_has_the_new_time_out() {
    let (mut base, log) = (base(), Log::new());
    let (socket, _peer) = silent();
    let event = noting(&mut base, Some(socket), What::READ | What::PERSIST, &log);
    base.event_add(event, Some(Duration::ZERO)).expect("it may");
    base.event_add(event, Some(LONG)).expect("it may");
    turn(&mut base);
    assert_eq!(log.take(), []);
    base.event_add(event, Some(Duration::ZERO)).expect("it may");
    turn(&mut base);
    assert_eq!(log.take(), [What::TIMEOUT]);
}

#[test]
fn a_pending_event_that_is_added_again_without_a_time_out_keeps_its_own() {
    let (mut base, log) = (base(), Log::new());
    let (socket, _peer) = silent();
    let event = noting(&mut base, Some(socket), What::READ, &log);
    base.event_add(event, Some(Duration::ZERO)).expect("it may");
    base.event_add(event, None).expect("it may");
    turn(&mut base);
    assert_eq!(log.take(), [What::TIMEOUT]);
}

#[test]
fn a_time_out_that_is_removed_leaves_the_event_pending() {
    let (mut base, log) = (base(), Log::new());
    let (socket, peer) = silent();
    let event = noting(&mut base, Some(socket), What::READ, &log);
    base.event_remove_timer(event);
    base.event_add(event, Some(Duration::ZERO)).expect("it may");
    base.event_remove_timer(event);
    base.event_remove_timer(event);
    turn(&mut base);
    assert_eq!(log.take(), []);
    assert!(base.is_pending(event));
    speak(&peer);
    turn(&mut base);
    assert_eq!(log.take(), [What::READ]);
}
