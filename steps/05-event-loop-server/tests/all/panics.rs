//! A callback that panics: the loop ends, and the base is as good as before, without that event.

use crate::support::asleep::run_until_asleep;
use crate::support::{Log, base, sees_the_end, silent, spoken_to, turn};
use event_loop_server::{EventBase, What};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::Duration;

/// Runs the loop until a callback panics.
fn panics(base: &mut EventBase) {
    let ended = catch_unwind(AssertUnwindSafe(|| base.dispatch()));
    let panic = ended.expect_err("nobody has panicked");
    assert_eq!(panic.downcast_ref(), Some(&"on purpose"));
}

#[test]
fn its_event_is_freed_and_the_others_go_on() {
    let (mut base, log) = (base(), Log::new());
    let mut peers = Vec::new();
    for _ in 0..3 {
        let (socket, peer) = silent();
        let noted = log.clone();
        let wait = What::WRITE | What::PERSIST;
        let event = base.event_new(socket, wait, move |_, event, _| {
            noted.note(event);
            if noted.len() == 1 {
                panic!("on purpose");
            }
        });
        base.event_add(event, None).expect("it can be watched");
        peers.push(peer);
    }
    panics(&mut base);
    let panicked = log.take()[0];
    assert!(!base.has(panicked));
    let closed = peers.iter().filter(|peer| sees_the_end(peer));
    assert_eq!(closed.count(), 1, "its socket is closed with it");
    // The first of them must not panic as well.
    log.note(panicked);
    turn(&mut base);
    assert_eq!(log.len(), 3);
}

#[test]
fn what_its_callback_owns_is_dropped_and_nothing_keeps_the_loop_awake() {
    for wait in [What::READ, What::READ | What::PERSIST] {
        let mut base = base();
        let owned = Rc::new(());
        let watched = Rc::downgrade(&owned);
        let (socket, _peer) = spoken_to();
        let source = Rc::clone(&socket);
        let event = base.event_new(source, wait, move |_, _, _| {
            let _owned = &owned;
            panic!("on purpose");
        });
        base.event_add(event, Some(Duration::ZERO)).expect("it may");
        panics(&mut base);
        assert!(watched.upgrade().is_none());
        base.dispatch().expect("nothing to wait for");
        // The socket is still open, and ready.
        run_until_asleep(&mut base);
        assert_eq!(Rc::strong_count(&socket), 1);
    }
}

#[test]
fn a_timer_that_panics_is_freed_and_the_others_are_told() {
    let (mut base, log) = (base(), Log::new());
    base.once(Duration::ZERO, |_| panic!("on purpose"));
    let timer = base.evtimer_new(What::PERSIST, |_, _, _| panic!("on purpose"));
    base.event_add(timer, Some(Duration::ZERO)).expect("it may");
    let noted = log.clone();
    base.once(Duration::ZERO, move |_| noted.note(()));
    for _ in 0..2 {
        panics(&mut base);
    }
    base.dispatch().expect("it can wait");
    assert_eq!(log.take(), [()]);
}

#[test]
fn an_event_that_has_freed_itself_may_panic_and_its_place_may_be_taken() {
    let mut base = base();
    let (socket, _peer) = spoken_to();
    let (other, other_peer) = silent();
    let event = base.event_new(socket, What::READ, move |base, event, _| {
        base.event_free(event);
        let next = base.event_new(Rc::clone(&other), What::READ, |_, _, _| {});
        base.event_add(next, None).expect("it can be watched");
        panic!("on purpose");
    });
    base.event_add(event, None).expect("it can be watched");
    panics(&mut base);
    assert!(!sees_the_end(&other_peer), "the new one was freed");
}
