//! The handle of an event, given to another base: there, it is nobody's.

#![cfg(unix)]

mod support;

use event_loop_server::{Loop, What};
use std::cell::RefCell;
use std::io::ErrorKind;
use std::mem;
use std::rc::Rc;
use std::time::Duration;
use support::{LONG, Log, base, silent, spoken_to, turn};

#[test]
fn the_name_of_an_event_names_nothing_in_another_base() {
    let (mut mine, mut yours, log) = (base(), base(), Log::new());
    let (socket, _peer) = spoken_to();
    let (silent, _silent_peer) = silent();
    // The first of either, at the same place.
    let stranger = mine.event_new(silent, What::READ, |_, _, _| panic!("it is silent"));
    let noted = log.clone();
    let event = yours.event_new(socket, What::READ, move |_, _, what| noted.note(what));
    mine.event_add(stranger, Some(LONG)).expect("it may");
    yours.event_add(event, Some(LONG)).expect("it may");
    assert_ne!(stranger, event);
    assert!(mine.has(stranger) && yours.has(event));
    assert!(!yours.has(stranger) && !mine.has(event));

    assert!(!yours.is_pending(stranger));
    let added = yours.event_add(stranger, Some(Duration::ZERO));
    let changed = yours.event_change(stranger, What::WRITE);
    for result in [added, changed] {
        let error = result.expect_err("it is another base's");
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    }
    yours.event_remove_timer(stranger);
    yours.event_del(stranger);
    yours.event_free(stranger);
    assert!(yours.is_pending(event) && mine.is_pending(stranger));
    turn(&mut yours);
    assert_eq!(log.take(), [What::READ]);
}

#[test]
fn what_has_happened_in_one_base_is_not_told_in_another_that_takes_its_place() {
    let (mut mine, mut yours, log) = (base(), base(), Log::new());
    let mut peers = Vec::new();
    for _ in 0..2 {
        let (socket, peer) = silent();
        let event = yours.event_new(socket, What::READ, |_, _, _| panic!("it is silent"));
        yours.event_add(event, None).expect("it may");
        peers.push(peer);
    }
    // Another turn than the first, in which nothing is told of what was added before it.
    yours.run_loop(Loop::NONBLOCK).expect("it can wait");
    let yours = Rc::new(RefCell::new(yours));
    // At the same places, and both are ready.
    for _ in 0..2 {
        let (socket, peer) = spoken_to();
        let (noted, yours) = (log.clone(), Rc::clone(&yours));
        let event = mine.event_new(socket, What::READ, move |base, _, _| {
            noted.note(());
            mem::swap(base, &mut yours.borrow_mut());
        });
        mine.event_add(event, None).expect("it may");
        peers.push(peer);
    }
    mine.run_loop(Loop::ONCE).expect("it can wait");
    assert_eq!(log.len(), 1);
}
