//! Deleted and freed events: by their own callback, by another one, and what becomes of their
//! sources and their handles.

use crate::support::asleep::run_until_asleep;
use crate::support::{
    LONG, Log, assert_same_place, base, sees_the_end, silent, speak, spoken_to, turn,
};
use event_loop_server::{Event, EventBase, What};
use std::cell::{Cell, RefCell};
use std::io::ErrorKind;
use std::rc::Rc;
use std::time::Duration;

#[test]
fn an_event_that_frees_itself_lives_until_its_callback_returns() {
    let mut base = base();
    let (socket, peer) = silent();
    let owned = Rc::new(());
    let watched = Rc::downgrade(&owned);
    let event = base.event_new(
        socket,
        What::WRITE | What::PERSIST,
        move |base, event, _| {
            base.event_free(event);
            assert!(!base.is_pending(event));
            assert_eq!(Rc::strong_count(&owned), 1, "it is still the callback's");
        },
    );
    base.event_add(event, None).expect("it can be watched");
    base.dispatch().expect("it can wait");
    assert!(watched.upgrade().is_none(), "it outlives the event");
    assert!(sees_the_end(&peer), "the socket outlives the event");
}

#[test]
fn an_event_may_put_another_one_in_its_place() {
    let (mut base, log) = (base(), Log::new());
    let (first, _first_peer) = spoken_to();
    let second = Cell::new(Some(spoken_to()));
    let noted = log.clone();
    let event = base.event_new(first, What::READ | What::PERSIST, move |base, event, _| {
        noted.note("the first");
        base.event_free(event);
        let (second, peer) = second.take().expect("it is called once");
        let noted = noted.clone();
        let next = base.event_new(second, What::READ, move |_, _, _| {
            let _open = &peer;
            noted.note("the second");
        });
        base.event_add(next, None).expect("it can be watched");
    });
    base.event_add(event, None).expect("it can be watched");
    base.dispatch().expect("it can wait");
    assert_eq!(log.take(), ["the first", "the second"]);
}

#[test]
fn an_event_that_waits_no_longer_lets_the_loop_sleep_although_it_is_ready() {
    let mut base = base();
    let ((deleted, _peer), (happened, _other_peer)) = (spoken_to(), spoken_to());
    let deleted = base.event_new(deleted, What::READ | What::PERSIST, |_, _, _| {});
    let happened = base.event_new(happened, What::READ, |_, _, _| {});
    for event in [deleted, happened] {
        base.event_add(event, None).expect("it can be watched");
    }
    turn(&mut base);
    base.event_del(deleted);
    run_until_asleep(&mut base);
}

#[test]
fn a_timer_freed_by_another_one_is_not_called_although_it_was_due() {
    let (mut base, log) = (base(), Log::new());
    let timers = Rc::new(RefCell::new(Vec::new()));
    for _ in 0..3 {
        let (log, all) = (log.clone(), Rc::clone(&timers));
        let timer = base.evtimer_new(What::PERSIST, move |base, _, _| {
            log.note(());
            for timer in all.take() {
                base.event_free(timer);
            }
        });
        timers.borrow_mut().push(timer);
    }
    for &timer in timers.borrow().iter() {
        let added = base.event_add(timer, Some(Duration::ZERO));
        added.expect("a timer");
    }
    base.dispatch().expect("it can wait");
    assert_eq!(log.len(), 1);
}

/// Nobody's handle any more.
fn assert_names_nothing(base: &mut EventBase, event: Event) {
    let added = base.event_add(event, Some(Duration::ZERO));
    let changed = base.event_change(event, What::READ);
    for result in [added, changed] {
        let error = result.expect_err("it has been freed");
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    }
    base.event_del(event);
    base.event_free(event);
    assert!(!base.is_pending(event));
}

#[test]
fn the_name_of_a_freed_event_names_nothing_even_when_its_place_is_taken() {
    let (mut base, log) = (base(), Log::new());
    let (socket, _peer) = silent();
    let old = base.event_new(Rc::clone(&socket), What::READ, |_, _, _| {});
    base.event_free(old);
    assert_names_nothing(&mut base, old);
    let noted = log.clone();
    let new = base.event_new(socket, What::WRITE, move |_, _, what| noted.note(what));
    assert_same_place(old, new);
    assert_ne!(old, new);
    assert_names_nothing(&mut base, old);
    base.event_add(new, None).expect("it can be watched");
    assert_names_nothing(&mut base, old);
    assert!(base.is_pending(new));
    base.dispatch().expect("it can wait");
    assert_eq!(log.take(), [What::WRITE]);
}

#[test]
fn a_freed_event_closes_its_source_if_nobody_else_holds_it() {
    let mut base = base();
    for is_added in [false, true] {
        let (socket, peer) = silent();
        let event = base.event_new(socket, What::READ, |_, _, _| {});
        if is_added {
            base.event_add(event, Some(LONG))
                .expect("it can be watched");
        }
        assert!(!sees_the_end(&peer));
        base.event_free(event);
        assert!(sees_the_end(&peer));
    }
}

#[test]
fn a_source_that_somebody_holds_stays_open_and_can_be_watched_anew() {
    let (mut base, log) = (base(), Log::new());
    let (socket, peer) = silent();
    let first = base.event_new(Rc::clone(&socket), What::READ, |_, _, _| {
        panic!("it has been freed");
    });
    base.event_add(first, None).expect("it can be watched");
    base.event_free(first);
    assert!(!sees_the_end(&peer));
    speak(&peer);
    let noted = log.clone();
    let second = base.event_new(socket, What::READ, move |_, _, what| noted.note(what));
    base.event_add(second, None).expect("nobody watches it");
    base.dispatch().expect("it can wait");
    assert_eq!(log.take(), [What::READ]);
}

#[test]
fn a_base_that_is_dropped_closes_all_sources_and_drops_all_callbacks() {
    let mut base = base();
    let owned = Rc::new(());
    let mut peers = Vec::new();
    for number in 0..3 {
        let (socket, peer) = silent();
        let owned = Rc::clone(&owned);
        let event = base.event_new(Rc::clone(&socket), What::READ, move |_, _, _| {
            let _both = (&owned, &socket);
        });
        // Pending, deleted, and never added.
        if number < 2 {
            base.event_add(event, Some(LONG))
                .expect("it can be watched");
        }
        if number == 1 {
            base.event_del(event);
        }
        peers.push(peer);
    }
    let owned_by_timer = Rc::clone(&owned);
    base.once(LONG, move |_| drop(owned_by_timer));
    assert_eq!(Rc::strong_count(&owned), 5);
    drop(base);
    assert_eq!(Rc::strong_count(&owned), 1);
    assert!(peers.iter().all(sees_the_end));
}
