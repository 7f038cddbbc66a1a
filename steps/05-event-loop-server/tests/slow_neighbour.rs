//! A callback that takes long: who is called back after it, in the same turn or in the next, and for
//! what. Their time-outs are judged by what was there when the loop woke up.

#![cfg(unix)]

mod support;

use event_loop_server::{Event, EventBase, Loop, What};
use std::cell::RefCell;
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::thread;
use std::time::Duration;
use support::{LONG, Log, base, drain, silent, speak, spoken_to, turn};

const SHORT: Duration = Duration::from_millis(20);
/// Time enough for the loop to begin, on any machine; a slow callback takes longer.
const ENOUGH: Duration = Duration::from_secs(1);
const BOTH: What = What::READ.union(What::TIMEOUT);

fn run(base: &mut EventBase, how: Loop) {
    base.run_loop(how).expect("it can wait");
}

/// Several events of sockets that have something to read. Whoever is called back first takes longer
/// than `timeout`, which all of them have. What they were told, in order.
fn told_after_a_slow_one(number: usize, timeout: Duration, wait: What) -> Vec<What> {
    let (mut base, log) = (base(), Log::new());
    let mut peers = Vec::new();
    for _ in 0..number {
        let (socket, peer) = spoken_to();
        let (source, noted) = (Rc::clone(&socket), log.clone());
        let event = base.event_new(source, wait, move |base, event, what| {
            if noted.len() == 0 {
                // This is what the test is about: a callback that takes long.
                thread::sleep(timeout + SHORT);
            }
            noted.note(what);
            drain(&socket);
            base.event_del(event);
        });
        base.event_add(event, Some(timeout)).expect("it may");
        peers.push(peer);
    }
    while log.len() < number {
        run(&mut base, Loop::ONCE);
    }
    log.take()
}

#[test]
fn whose_bytes_come_while_a_slow_callback_runs_is_told_of_them() {
    for wait in [What::READ, What::READ | What::PERSIST] {
        let (mut base, log) = (base(), Log::new());
        let ((neighbour, peer), (slow, _slow_peer)) = (silent(), spoken_to());
        let slow = base.event_new(slow, What::READ, move |_, _, _| {
            speak(&peer);
            // This is what the test is about: a callback that takes long.
            thread::sleep(ENOUGH + SHORT);
        });
        let noted = log.clone();
        let neighbour = base.event_new(neighbour, wait, move |base, _, what| {
            noted.note(what);
            base.loopbreak();
        });
        base.event_add(slow, None).expect("it may");
        base.event_add(neighbour, Some(ENOUGH)).expect("it may");
        base.dispatch().expect("it can wait");
        // The byte has come before the time-out had passed. By the turn in which the loop sees it,
        // both have.
        assert_eq!(log.take(), [BOTH]);
    }
}

#[test]
fn whose_bytes_have_come_before_does_not_time_out_behind_a_slow_callback() {
    for wait in [What::READ, What::READ | What::PERSIST] {
        assert_eq!(told_after_a_slow_one(4, ENOUGH, wait), [What::READ; 4]);
    }
}

#[test]
fn nor_does_it_when_more_are_ready_than_fit_into_one_batch() {
    // More than the 1,024 for which `polling` makes room by itself.
    const MANY: usize = 1_100;
    subject::raise_descriptor_limit();
    let (needed, limit) = (2 * MANY as u64 + 100, subject::descriptor_limit());
    if limit < needed {
        println!("skipped: it needs {needed} open descriptors, {limit} are allowed here");
        return;
    }
    let told = told_after_a_slow_one(MANY, ENOUGH, What::READ);
    let timed_out = told.iter().filter(|it| it.contains(What::TIMEOUT));
    assert_eq!(timed_out.count(), 0);
}

#[test]
fn what_is_ready_and_due_in_one_turn_is_told_together_and_once() {
    for wait in [What::READ, What::READ | What::PERSIST] {
        let told = told_after_a_slow_one(4, Duration::ZERO, wait);
        assert_eq!(told, [BOTH; 4]);
    }
}

#[test]
fn who_is_silent_times_out_behind_a_slow_callback() {
    let (mut base, log) = (base(), Log::new());
    let (socket, _peer) = silent();
    let noted = log.clone();
    let event = base.event_new(socket, What::READ, move |_, _, what| noted.note(what));
    base.event_add(event, Some(SHORT)).expect("it may");
    base.once(Duration::ZERO, |_| thread::sleep(SHORT * 2));
    base.dispatch().expect("it can wait");
    assert_eq!(log.take(), [What::TIMEOUT]);
}

#[test]
fn a_persistent_event_that_was_ready_and_due_has_all_its_time_again() {
    let (mut base, log) = (base(), Log::new());
    let (socket, _peer) = spoken_to();
    let (source, noted) = (Rc::clone(&socket), log.clone());
    let wait = What::READ | What::PERSIST;
    let event = base.event_new(source, wait, move |base, event, what| {
        drain(&socket);
        noted.note(what);
        // Its time-out is not told a second time. This one is new.
        base.event_add(event, Some(LONG)).expect("it may");
    });
    base.event_add(event, Some(Duration::ZERO)).expect("it may");
    turn(&mut base);
    turn(&mut base);
    assert_eq!(log.take(), [BOTH]);
    assert!(base.is_pending(event));
}

/// Two persistent events are ready and due. Whoever is called back first does `this` to the other.
/// What that one was told in this turn.
fn told_after(this: fn(&mut EventBase, Event, &UnixStream)) -> Vec<What> {
    let (mut base, log) = (base(), Log::new());
    let both = Rc::new(RefCell::new(Vec::<(Event, Rc<UnixStream>)>::new()));
    let mut peers = Vec::new();
    for _ in 0..2 {
        let (socket, peer) = spoken_to();
        let (source, noted, others) = (Rc::clone(&socket), log.clone(), Rc::clone(&both));
        let wait = What::READ | What::PERSIST;
        let event = base.event_new(source, wait, move |base, event, what| {
            noted.note((event, what));
            for (other, socket) in others.take() {
                if other != event {
                    this(base, other, &socket);
                }
            }
            base.event_del(event);
        });
        base.event_add(event, Some(Duration::ZERO)).expect("it may");
        both.borrow_mut().push((event, socket));
        peers.push(peer);
    }
    run(&mut base, Loop::ONCE);
    let told = log.take();
    let (first, _) = told[0];
    let others = told.into_iter().filter(|&(event, _)| event != first);
    others.map(|(_, what)| what).collect()
}

#[test]
fn what_a_neighbour_has_done_counts_for_both_kinds_of_news() {
    assert_eq!(told_after(|_, _, _| {}), [BOTH], "as it is");
    assert_eq!(told_after(|base, it, _| base.event_free(it)), []);
    assert_eq!(told_after(|base, it, _| base.event_del(it)), []);
    let told = told_after(|base, it, _| base.event_remove_timer(it));
    assert_eq!(told, [What::READ]);
    // A new time-out passes in a later turn, even if it is none at all.
    let told = told_after(|base, it, _| {
        base.event_add(it, Some(Duration::ZERO)).expect("it may");
    });
    assert_eq!(told, [What::READ]);
    let told = told_after(|base, it, _| {
        base.event_change(it, What::PERSIST).expect("it may");
    });
    assert_eq!(told, [What::TIMEOUT], "it waits for its time-out only");
    let told = told_after(|base, it, _| {
        base.event_del(it);
        base.event_add(it, Some(Duration::ZERO)).expect("it may");
    });
    assert_eq!(told, [], "what was added in this turn is told in the next");
}

#[test]
fn a_broken_loop_tells_both_together_when_it_runs_again() {
    let (mut base, log) = (base(), Log::new());
    let mut peers = Vec::new();
    for _ in 0..3 {
        let (socket, peer) = spoken_to();
        let noted = log.clone();
        let event = base.event_new(socket, What::READ, move |base, _, what| {
            noted.note(what);
            base.loopbreak();
        });
        base.event_add(event, Some(Duration::ZERO)).expect("it may");
        peers.push(peer);
    }
    for _ in 0..3 {
        base.dispatch().expect("it can wait");
        assert_eq!(log.take(), [BOTH]);
    }
}

#[test]
fn a_turn_ends_however_short_the_time_outs_that_are_added_in_it() {
    /// Each adds the next, and each is due at once.
    fn again(base: &mut EventBase, log: Log<()>) {
        base.once(Duration::ZERO, move |base| {
            log.note(());
            again(base, log);
        });
    }
    let (mut base, log, persistent) = (base(), Log::new(), Log::new());
    again(&mut base, log.clone());
    let noted = persistent.clone();
    let timer = base.evtimer_new(What::PERSIST, move |base, timer, _| {
        noted.note(());
        // Due at once, twice over.
        base.event_add(timer, Some(Duration::ZERO)).expect("it may");
    });
    base.event_add(timer, Some(Duration::ZERO)).expect("it may");
    for turns in 1..=3 {
        run(&mut base, Loop::ONCE);
        assert_eq!((log.len(), persistent.len()), (turns, turns));
    }
}
