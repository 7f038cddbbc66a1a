//! Deleted and freed events: by their own callback, by another one, and what becomes of their
//! sources and their handles.

use crate::support::asleep::run_until_asleep;
use crate::support::{
    LONG, Log, assert_same_place, base, drain, sees_the_end, silent, speak, spoken_to, turn,
};
use event_loop_server::{Event, EventBase, What};
use std::cell::{Cell, RefCell};
use std::io::ErrorKind;
use std::os::unix::net::UnixStream;
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
fn an_event_freed_by_another_one_is_not_called_although_it_was_ready() {
    let mut base = base();
    let (_, freed) = first_does(&mut base, EventBase::event_free);
    assert_names_nothing(&mut base, freed);
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
