//! Sources that lend another descriptor each time that they are asked. The base goes by the one that
//! it was lent when the event was added.

use crate::support::asleep::run_until_asleep;
use crate::support::{Log, base, silent, speak, spoken_to, turn};
use event_loop_server::{EventBase, What};
use std::cell::Cell;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::rc::Rc;

/// A source with two sockets, which lends either.
struct Two {
    sockets: [Rc<UnixStream>; 2],
    lends: Cell<usize>,
}

impl AsFd for Two {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.sockets[self.lends.get()].as_fd()
    }
}

/// The first has something to read, the second has not.
fn two() -> (Rc<Two>, [UnixStream; 2]) {
    let ((first, first_peer), (second, second_peer)) = (spoken_to(), silent());
    let source = Two {
        sockets: [first, second],
        lends: Cell::new(0),
    };
    (Rc::new(source), [first_peer, second_peer])
}

#[test]
fn a_freed_event_watches_nothing_any_more_whatever_its_source_lends_by_then() {
    for end in [EventBase::event_free, EventBase::event_del] {
        let mut base = base();
        let (source, _peers) = two();
        let wait = What::READ | What::PERSIST;
        let event = base.event_new(Rc::clone(&source), wait, |_, _, _| {});
        base.event_add(event, None).expect("it can be watched");
        source.lends.set(1);
        end(&mut base, event);
        // The first socket is open, and ready: were it watched, this would spin.
        run_until_asleep(&mut base);
    }
}

#[test]
fn what_is_changed_is_the_watch_of_what_was_lent_first() {
    let (mut base, log) = (base(), Log::new());
    let (source, _peers) = two();
    let noted = log.clone();
    let event = base.event_new(Rc::clone(&source), What::PERSIST, move |_, _, what| {
        noted.note(what);
    });
    base.event_change(event, What::WRITE | What::PERSIST)
        .expect("it may");
    base.event_add(event, None).expect("it can be watched");
    source.lends.set(1);
    base.event_change(event, What::READ | What::PERSIST)
        .expect("it is watched");
    turn(&mut base);
    assert_eq!(log.take(), [What::READ]);
}

#[test]
fn added_again_it_watches_what_its_source_lends_now() {
    let (mut base, log) = (base(), Log::new());
    let (source, [_first, second]) = two();
    let noted = log.clone();
    let event = base.event_new(Rc::clone(&source), What::READ, move |_, _, what| {
        noted.note(what);
    });
    base.event_add(event, None).expect("it can be watched");
    source.lends.set(1);
    base.event_del(event);
    base.event_add(event, None).expect("it can be watched");
    turn(&mut base);
    assert_eq!(log.take(), [], "the second one is silent");
    speak(&second);
    turn(&mut base);
    assert_eq!(log.take(), [What::READ]);
}

#[test]
fn two_events_that_lend_the_same_in_turn_do_not_end_each_others_watch() {
    let (mut base, log) = (base(), Log::new());
    let (source, _peers) = two();
    let wait = What::READ | What::PERSIST;
    source.lends.set(1);
    let silent = base.event_new(Rc::clone(&source), wait, |_, _, _| {
        panic!("it is silent");
    });
    base.event_add(silent, None).expect("it can be watched");
    source.lends.set(0);
    let noted = log.clone();
    let ready = base.event_new(Rc::clone(&source), wait, move |_, _, what| {
        noted.note(what);
    });
    base.event_add(ready, None).expect("it can be watched");
    // By now, the source lends what the other one watches.
    base.event_free(silent);
    turn(&mut base);
    assert_eq!(log.take(), [What::READ]);
}
