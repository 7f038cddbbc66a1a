//! The event base, from outside: what a copy's tasks are judged by where no client can tell. Each test
//! stands by itself; what they have in common is at the end.
//! `cargo test --test library`

#![cfg(unix)]

use event_loop_server::{Event, EventBase, Loop, What};
use std::cell::{Cell, RefCell};
use std::io::{ErrorKind, Read, Write};
use std::ops::{Deref, DerefMut};
use std::os::unix::net::UnixStream;
use std::process::abort;
use std::rc::Rc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

/// A time that passes soon.
const SHORT: Duration = Duration::from_millis(20);
/// A time that does not pass in a test.
const LONG: Duration = Duration::from_secs(3600);

// Adding an event, and changing what it waits for.

#[test]
fn any_other_event_happens_once_and_can_be_added_again() {
    let (mut base, log) = (base(), Log::new());
    let (socket, _peer) = spoken_to();
    let event = noting(&mut base, &socket, What::READ, &log);
    turn(&mut base);
    turn(&mut base);
    assert_eq!(log.take(), [What::READ]);
    assert!(!base.is_pending(event));
    base.event_add(event, None).expect("it can be watched");
    assert!(base.is_pending(event));
    turn(&mut base);
    assert_eq!(log.take(), [What::READ]);
}

#[test]
fn its_own_callback_can_add_it_again() {
    let (mut base, times) = (base(), Rc::new(Cell::new(0)));
    let (socket, _peer) = spoken_to();
    let counted = Rc::clone(&times);
    let event = base.event_new(socket, What::READ, move |base, event, _| {
        assert!(!base.is_pending(event), "it has happened");
        counted.set(counted.get() + 1);
        if counted.get() < 3 {
            base.event_add(event, None).expect("it can be watched");
        }
    });
    base.event_add(event, None).expect("it can be watched");
    base.dispatch().expect("it can wait");
    assert_eq!(times.get(), 3);
}

#[test]
fn what_it_waits_for_can_be_changed_in_its_callback() {
    let (mut base, log) = (base(), Log::new());
    let (socket, _peer) = spoken_to();
    let mut next = [What::WRITE, What::READ | What::WRITE, What::READ].into_iter();
    let noted = log.clone();
    let wait = What::READ | What::PERSIST;
    let event = base.event_new(socket, wait, move |base, event, what| {
        noted.note(what);
        match next.next() {
            Some(what) => base.event_change(event, what | What::PERSIST),
            None => return base.event_free(event),
        }
        .expect("it can be watched");
    });
    base.event_add(event, None).expect("it can be watched");
    base.dispatch().expect("it can wait");
    let both = What::READ | What::WRITE;
    assert_eq!(log.take(), [What::READ, What::WRITE, both, What::READ]);
}

#[test]
fn it_can_wait_for_nothing_for_a_while() {
    let (mut base, log) = (base(), Log::new());
    let (socket, _peer) = spoken_to();
    let event = noting(&mut base, &socket, What::READ | What::PERSIST, &log);
    base.event_change(event, What::PERSIST).expect("it may");
    assert!(base.is_pending(event), "it waits, if for nothing");
    turn(&mut base);
    assert_eq!(log.take(), []);
    let reading = What::READ | What::PERSIST;
    base.event_change(event, reading).expect("it may");
    turn(&mut base);
    assert_eq!(log.take(), [What::READ]);
}

#[test]
fn a_second_event_on_a_descriptor_is_refused_and_the_first_one_goes_on() {
    let (mut base, log) = (base(), Log::new());
    let (socket, _peer) = spoken_to();
    let first = noting(&mut base, &socket, What::READ | What::PERSIST, &log);
    let refused = |base: &mut EventBase| {
        let (socket, log) = (Rc::clone(&socket), log.clone());
        let event = base.event_new(socket, What::WRITE, move |_, _, what| log.note(what));
        let error = base.event_add(event, None).expect_err("there is one");
        assert_eq!(error.kind(), ErrorKind::AlreadyExists, "{error}");
        assert!(!base.is_pending(event));
        event
    };
    let [second, third] = [(); 2].map(|()| refused(&mut base));
    // Whatever becomes of them takes nothing from the first one.
    base.event_del(second);
    base.event_free(third);
    turn(&mut base);
    assert_eq!(log.take(), [What::READ]);
    // Once that waits no longer, another one may.
    base.event_del(first);
    base.event_add(second, None).expect("it can be watched");
    base.dispatch().expect("it can wait");
    assert_eq!(log.take(), [What::WRITE]);
}

#[test]
fn the_loop_ends_when_nothing_is_pending() {
    let (mut base, log) = (base(), Log::new());
    base.dispatch().expect("nothing to wait for");
    let (socket, peer) = silent();
    let event = noting(&mut base, &socket, What::READ, &log);
    base.event_del(event);
    base.dispatch().expect("nothing to wait for");
    base.event_add(event, None).expect("it can be watched");
    base.event_free(event);
    base.dispatch().expect("nothing to wait for");
    speak(&peer);
    base.dispatch().expect("nothing to wait for");
    assert_eq!(log.take(), []);
}

#[test]
fn adding_or_deleting_twice_counts_once() {
    let (mut base, log) = (base(), Log::new());
    let (socket, _peer) = spoken_to();
    let event = noting(&mut base, &socket, What::READ, &log);
    base.event_add(event, None).expect("it is watched already");
    let (other, _silent_peer) = silent();
    let other = noting(&mut base, &other, What::READ, &log);
    base.event_del(other);
    base.event_del(other);
    // The other event is not pending: were it counted as less than that, the loop would not begin.
    base.dispatch().expect("it can wait");
    assert_eq!(log.take(), [What::READ]);
}

// What is reported of an event that waits for it no longer.

/// Two events are ready; whoever is called first does `this` to the other. All calls, and the event
/// to which it was done.
fn first_does(base: &mut EventBase, this: fn(&mut EventBase, Event)) -> (Log<Event>, Event) {
    let (called, events) = (Log::new(), Rc::new(RefCell::new(Vec::new())));
    for _ in 0..2 {
        let (socket, peer) = spoken_to();
        let (log, events_left) = (called.clone(), Rc::clone(&events));
        let wait = What::READ | What::PERSIST;
        let event = base.event_new(socket, wait, move |base, event, _| {
            let _open = &peer;
            log.note(event);
            for other in events_left.take() {
                if other != event {
                    this(base, other);
                }
            }
        });
        base.event_add(event, None).expect("it can be watched");
        events.borrow_mut().push(event);
    }
    let both = events.borrow().clone();
    turn(base);
    let first = called.take();
    assert_eq!(first.len(), 1, "both were called");
    let other = both.into_iter().find(|event| !first.contains(event));
    (called, other.expect("there are two"))
}

#[test]
fn what_is_no_longer_waited_for_is_not_told() {
    let (mut base, log) = (base(), Log::new());
    let (sockets, _peers): (Vec<_>, Vec<_>) = [spoken_to(), spoken_to()].into_iter().unzip();
    let events = Rc::new(Cell::new([None; 2]));
    let mut both = [None; 2];
    for (index, socket) in sockets.into_iter().enumerate() {
        let (log, events) = (log.clone(), Rc::clone(&events));
        let wait = What::READ | What::PERSIST;
        let event = base.event_new(socket, wait, move |base, _, what| {
            log.note(what);
            // Both were reported. Whoever is told first makes the other wait for something else.
            let other = events.get()[1 - index].expect("both are there");
            base.event_change(other, What::PERSIST).expect("it may");
        });
        base.event_add(event, None).expect("it can be watched");
        both[index] = Some(event);
    }
    events.set(both);
    turn(&mut base);
    assert_eq!(log.take(), [What::READ]);
}

#[test]
fn an_event_freed_by_another_one_is_not_called_although_it_was_ready() {
    let mut base = base();
    let (_, freed) = first_does(&mut base, EventBase::event_free);
    assert!(!base.has(freed));
    turn(&mut base);
}

#[test]
fn an_event_deleted_by_another_one_is_not_called_until_it_is_added_again() {
    let mut base = base();
    let (called, deleted) = first_does(&mut base, EventBase::event_del);
    assert!(!base.is_pending(deleted));
    turn(&mut base);
    assert!(!called.take().contains(&deleted));
    base.event_add(deleted, None).expect("it can be watched");
    turn(&mut base);
    assert!(called.take().contains(&deleted));
}

#[test]
fn what_has_happened_before_it_was_deleted_is_not_told_when_it_is_added_again() {
    let (mut base, called) = (base(), Log::new());
    let both = Rc::new(RefCell::new(Vec::<(Event, Rc<UnixStream>)>::new()));
    for _ in 0..2 {
        let (socket, peer) = spoken_to();
        let (log, others, source) = (called.clone(), Rc::clone(&both), Rc::clone(&socket));
        let event = base.event_new(source, What::READ, move |base, event, _| {
            let _open = &peer;
            log.note(());
            for (other, socket) in others.take() {
                if other != event {
                    drain(&socket);
                    base.event_del(other);
                    base.event_add(other, None).expect("it can be watched");
                }
            }
        });
        base.event_add(event, None).expect("it can be watched");
        both.borrow_mut().push((event, socket));
    }
    turn(&mut base);
    assert_eq!(
        called.len(),
        1,
        "the other one has nothing to read any more"
    );
}

#[test]
fn broken_while_it_runs_once_it_tells_the_rest_the_next_time() {
    for how in [Loop::ONCE, Loop::NONBLOCK, Loop::NO_EXIT_ON_EMPTY] {
        let (mut base, log) = (base(), Log::new());
        let mut peers = Vec::new();
        for _ in 0..3 {
            let (socket, peer) = spoken_to();
            let noted = log.clone();
            let event = base.event_new(socket, What::READ, move |base, _, _| {
                noted.note(());
                base.loopbreak();
            });
            base.event_add(event, None).expect("it can be watched");
            peers.push(peer);
        }
        for told in 1..=3 {
            run(&mut base, how);
            assert_eq!(log.len(), told);
        }
    }
}

#[test]
fn a_hang_up_is_told_as_no_more_than_what_is_waited_for() {
    let (mut base, log) = (base(), Log::new());
    let (socket, peer) = silent();
    noting(&mut base, &socket, What::READ | What::PERSIST, &log);
    // The kernel reports that reading and writing would not have to wait.
    drop(peer);
    turn(&mut base);
    assert_eq!(log.take(), [What::READ]);
}

// Time-outs. Nothing asserts that something happens soon, only that it does not happen too soon.

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
fn a_timer_of_no_time_at_all_leaves_the_others_their_turn() {
    let (mut base, log) = (base(), Log::new());
    let timer = make(&mut base, None, What::PERSIST, &log);
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
fn a_silent_source_times_out() {
    let (mut base, log) = (base(), Log::new());
    let ((once, _peer), (again, _other_peer)) = (silent(), silent());
    let once = make(&mut base, Some(once), What::READ, &log);
    base.event_add(once, Some(SHORT))
        .expect("it can be watched");
    base.dispatch().expect("it ends as it times out");
    assert_eq!(log.take(), [What::TIMEOUT]);
    assert!(!base.is_pending(once));
    let start = Instant::now();
    let again = make(&mut base, Some(again), What::READ | What::PERSIST, &log);
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
    let event = make(&mut base, Some(socket), What::READ, &log);
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
    let event = make(&mut base, Some(socket), What::READ, &log);
    // Both at once: it happens once.
    base.event_add(event, Some(Duration::ZERO)).expect("it may");
    turn(&mut base);
    assert_eq!(log.take(), [What::READ | What::TIMEOUT]);
    // Added again, it has no time-out but the one that it is given.
    base.event_change(event, What::empty()).expect("it may");
    base.event_add(event, None).expect("it can be watched");
    base.once(SHORT, EventBase::loopbreak);
    base.dispatch().expect("it can wait");
    assert_eq!(log.take(), []);
}

#[test]
fn a_deleted_event_does_not_time_out() {
    let (mut base, log) = (base(), Log::new());
    let (socket, _peer) = silent();
    for socket in [None, Some(socket)] {
        let event = make(&mut base, socket, What::READ | What::PERSIST, &log);
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
    let event = make(&mut base, Some(socket), What::READ | What::PERSIST, &log);
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
    let event = make(&mut base, Some(socket), What::READ, &log);
    base.event_add(event, Some(Duration::ZERO)).expect("it may");
    base.event_add(event, None).expect("it may");
    turn(&mut base);
    assert_eq!(log.take(), [What::TIMEOUT]);
}

#[test]
fn a_time_out_that_is_removed_leaves_the_event_pending() {
    let (mut base, log) = (base(), Log::new());
    let (socket, peer) = silent();
    let event = make(&mut base, Some(socket), What::READ, &log);
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
fn a_persistent_timer_does_not_make_up_for_what_it_has_missed() {
    let (mut base, log) = (base(), Log::new());
    let timer = base.evtimer_new(What::PERSIST, {
        let log = log.clone();
        move |base, _, _| {
            log.note("persistent");
            let log = log.clone();
            // Due in the next round, before what has all its time again.
            base.once(Duration::ZERO, move |base| {
                log.note("next round");
                base.loopbreak();
            });
        }
    });
    // Long enough for a callback to begin within it, on any machine.
    let period = Duration::from_millis(400);
    base.event_add(timer, Some(period)).expect("a timer");
    // This is what the test is about: a callback that takes long.
    base.once(period / 2, move |_| thread::sleep(period * 2));
    base.dispatch().expect("it can wait");
    assert_eq!(log.take(), ["persistent", "next round"]);
}

#[test]
fn a_persistent_timer_that_is_late_keeps_its_schedule() {
    // On a machine on which the callback is never called within the next period, there is no schedule
    // to be kept, and nothing to be seen.
    let _seen = (0..5).any(|_| is_called_again_before_another());
}

/// A timer is called late, and is due again a period after it was due. In the meantime another one is
/// added, which is due after that, and sooner than a whole period from now. False if it was too late.
fn is_called_again_before_another() -> bool {
    let (mut base, log) = (base(), Log::new());
    let period = Duration::from_millis(400);
    let (start, is_on_time) = (Instant::now(), Rc::new(Cell::new(false)));
    let timer = base.evtimer_new(What::PERSIST, {
        let (log, is_on_time) = (log.clone(), Rc::clone(&is_on_time));
        move |base, _, _| {
            if log.len() > 0 {
                log.note("again");
                return base.loopbreak();
            }
            log.note("late");
            is_on_time.set(start.elapsed() < period * 2);
            let log = log.clone();
            base.once(period * 3 / 4, move |base| {
                log.note("another");
                base.loopbreak();
            });
        }
    });
    base.event_add(timer, Some(period)).expect("a timer");
    // This is what the test is about: a callback that takes long.
    base.once(period / 2, move |_| thread::sleep(period));
    base.dispatch().expect("it can wait");
    if is_on_time.get() {
        assert_eq!(log.take(), ["late", "again"]);
    }
    is_on_time.get()
}

#[test]
fn a_time_out_beyond_the_end_of_the_clock_is_none() {
    let (mut base, log) = (base(), Log::new());
    let (socket, peer) = silent();
    let event = make(&mut base, Some(socket), What::READ, &log);
    base.event_add(event, Some(Duration::ZERO)).expect("it may");
    // In exchange for the one that it has.
    base.event_add(event, Some(Duration::MAX)).expect("it may");
    turn(&mut base);
    assert_eq!(log.take(), []);
    assert!(base.is_pending(event));
    speak(&peer);
    turn(&mut base);
    assert_eq!(log.take(), [What::READ]);
}

#[test]
fn a_time_out_that_another_callback_puts_off_or_removes_does_not_happen() {
    let put_off: fn(&mut EventBase, Event) =
        |base, event| base.event_add(event, Some(LONG)).expect("it may");
    for put_off in [put_off, EventBase::event_remove_timer] {
        let (mut base, called) = (base(), Log::new());
        let timers = Rc::new(RefCell::new(Vec::new()));
        for _ in 0..2 {
            let (log, both) = (called.clone(), Rc::clone(&timers));
            let timer = base.evtimer_new(What::PERSIST, move |base, timer, _| {
                log.note(timer);
                for other in both.take() {
                    if other != timer {
                        put_off(base, other);
                    }
                }
            });
            timers.borrow_mut().push(timer);
            base.event_add(timer, Some(Duration::ZERO))
                .expect("a timer");
        }
        turn(&mut base);
        assert_eq!(called.len(), 1, "both were due; the other one no longer");
    }
}

/// An event for `socket`, added, that notes what it is told.
fn noting(base: &mut EventBase, socket: &Rc<UnixStream>, what: What, log: &Log<What>) -> Event {
    let event = make(base, Some(Rc::clone(socket)), what, log);
    base.event_add(event, None).expect("it can be watched");
    event
}

/// The same, but it is not added; a timer if there is no socket.
fn make(
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

/// One round without sleep.
fn turn(base: &mut EventBase) {
    run(base, Loop::NONBLOCK);
}

fn run(base: &mut EventBase, how: Loop) {
    base.run_loop(how).expect("it can wait");
}

/// What callbacks have noted, in order.
struct Log<T>(Rc<RefCell<Vec<T>>>);

impl<T> Log<T> {
    fn new() -> Log<T> {
        Log(Rc::default())
    }

    fn note(&self, what: T) {
        self.0.borrow_mut().push(what);
    }

    fn len(&self) -> usize {
        self.0.borrow().len()
    }

    /// All that has been noted since it was taken last.
    fn take(&self) -> Vec<T> {
        self.0.take()
    }
}

impl<T> Clone for Log<T> {
    fn clone(&self) -> Log<T> {
        Log(Rc::clone(&self.0))
    }
}

/// A socket, to be watched, and its peer. It can be written to, and has nothing to be read.
fn silent() -> (Rc<UnixStream>, UnixStream) {
    let (socket, peer) = UnixStream::pair().expect("there are descriptors");
    socket.set_nonblocking(true).expect("a socket");
    (Rc::new(socket), peer)
}

/// The same, but its peer has said something.
fn spoken_to() -> (Rc<UnixStream>, UnixStream) {
    let (socket, peer) = silent();
    speak(&peer);
    (socket, peer)
}

fn speak(mut peer: &UnixStream) {
    peer.write_all(b"!").expect("there is room");
}

/// Reads all that has come.
fn drain(mut socket: &UnixStream) {
    while matches!(socket.read(&mut [0; 64]), Ok(1..)) {}
}

/// How long a test may take: a loop that does not end is to fail, not to hang.
const PATIENCE: Duration = Duration::from_secs(20);

/// An event base for a test that must end in time.
struct Base {
    base: EventBase,
    /// Dropped, it hangs up, and nobody watches any more.
    _watched: Sender<()>,
}

fn base() -> Base {
    let (watched, ended) = mpsc::channel();
    let test = thread::current().name().unwrap_or("a test").to_owned();
    thread::spawn(move || {
        if ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            // Nothing else ends a loop that spins. The harness does not catch what is written like this.
            let _ = writeln!(
                std::io::stderr(),
                "{test}: it has not ended within {PATIENCE:?}"
            );
            abort();
        }
    });
    Base {
        base: EventBase::new().expect("there are descriptors"),
        _watched: watched,
    }
}

impl Deref for Base {
    type Target = EventBase;

    fn deref(&self) -> &EventBase {
        &self.base
    }
}

impl DerefMut for Base {
    fn deref_mut(&mut self) -> &mut EventBase {
        &mut self.base
    }
}
