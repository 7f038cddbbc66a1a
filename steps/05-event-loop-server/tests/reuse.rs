//! In one batch, an event is freed, its socket closed, and a new event gets both its place in the
//! base and its descriptor's number. What happened to the old one must not be told to the new one.
//!
//! Which number a new descriptor gets is a matter of the whole process: this test is alone in its.

#![cfg(unix)]

mod support;

use event_loop_server::{Event, What};
use std::cell::RefCell;
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use support::{Log, assert_same_place, base, silent, speak, spoken_to, turn};

/// An event that was ready when the turn began, the number of its descriptor, and its peer.
struct Ready {
    event: Event,
    number: RawFd,
    _peer: UnixStream,
}

#[test]
fn a_new_event_is_not_told_what_happened_to_the_one_before_it() {
    let (mut base, log) = (base(), Log::new());
    let ready: Rc<RefCell<Vec<Ready>>> = Rc::default();
    let replaced = Rc::new(RefCell::new(None));
    for _ in 0..2 {
        let (socket, peer) = spoken_to();
        let number = socket.as_raw_fd();
        let (log, all, kept) = (log.clone(), Rc::clone(&ready), Rc::clone(&replaced));
        let event = base.event_new(socket, What::READ, move |base, event, _| {
            log.note("old");
            let other = all.take().into_iter().find(|it| it.event != event);
            let Some(other) = other else { return };
            base.event_free(other.event);
            let (socket, peer) = silent_at(other.number);
            let log = log.clone();
            let new = base.event_new(socket, What::READ, move |_, _, _| log.note("new"));
            assert_same_place(other.event, new);
            base.event_add(new, None).expect("it can be watched");
            *kept.borrow_mut() = Some((new, peer));
        });
        base.event_add(event, None).expect("it can be watched");
        ready.borrow_mut().push(Ready {
            event,
            number,
            _peer: peer,
        });
    }
    turn(&mut base);
    assert_eq!(log.take(), ["old"]);
    let (new, peer) = replaced.take().expect("one was replaced");
    assert!(base.is_pending(new));
    turn(&mut base);
    assert_eq!(log.take(), [""; 0]);
    speak(&peer);
    base.dispatch().expect("it can wait");
    assert_eq!(log.take(), ["new"]);
}

/// A silent socket whose descriptor has this number, which is free: new ones get the lowest free.
fn silent_at(number: RawFd) -> (Rc<UnixStream>, UnixStream) {
    let mut others = Vec::new();
    loop {
        let (socket, peer) = silent();
        if socket.as_raw_fd() == number {
            return (socket, peer);
        }
        if peer.as_raw_fd() == number {
            peer.set_nonblocking(true).expect("a socket");
            let socket = Rc::into_inner(socket).expect("nobody else has it");
            return (Rc::new(peer), socket);
        }
        others.push((socket, peer));
        assert!(others.len() < 100, "{number} is not free");
    }
}
