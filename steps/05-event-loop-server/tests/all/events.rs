//! Sources: who is called back, when, and for what.

use crate::support::asleep::run_until_asleep;
use crate::support::{Log, base, drain, silent, speak, spoken_to, turn};
use event_loop_server::{Event, EventBase, What};
use std::cell::Cell;
use std::io::ErrorKind;
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::time::Duration;

/// An event for `socket`, added, that notes what it is told.
fn noting(base: &mut EventBase, socket: &Rc<UnixStream>, what: What, log: &Log<What>) -> Event {
    let log = log.clone();
    let note = move |_: &mut EventBase, _, what| log.note(what);
    let event = base.event_new(Rc::clone(socket), what, note);
    base.event_add(event, None).expect("it can be watched");
    event
}

#[test]
fn a_persistent_event_happens_again_as_long_as_it_is_ready() {
    let (mut base, log) = (base(), Log::new());
    let (socket, _peer) = spoken_to();
    let event = noting(&mut base, &socket, What::READ | What::PERSIST, &log);
    for _ in 0..3 {
        turn(&mut base);
    }
    assert_eq!(log.take(), [What::READ; 3]);
    assert!(base.is_pending(event));
    drain(&socket);
    turn(&mut base);
    assert_eq!(log.take(), []);
}

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
fn what_it_waits_for_can_be_changed_before_it_is_added() {
    let (mut base, log) = (base(), Log::new());
    let (socket, _peer) = spoken_to();
    let event = noting(&mut base, &socket, What::READ, &log);
    base.event_del(event);
    base.event_change(event, What::WRITE).expect("it is there");
    assert!(!base.is_pending(event), "to change is not to add");
    // Neither is it told, nor does the kernel wake the loop for it.
    run_until_asleep(&mut base);
    assert_eq!(log.take(), []);
    base.event_add(event, None).expect("it can be watched");
    turn(&mut base);
    assert_eq!(log.take(), [What::WRITE]);
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
fn a_persistent_event_can_be_made_to_happen_once_more_only() {
    let (mut base, log) = (base(), Log::new());
    let (socket, _peer) = spoken_to();
    let event = noting(&mut base, &socket, What::READ | What::PERSIST, &log);
    turn(&mut base);
    base.event_change(event, What::READ).expect("it may");
    turn(&mut base);
    turn(&mut base);
    assert_eq!(log.take(), [What::READ; 2]);
    assert!(!base.is_pending(event));
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

#[cfg(target_os = "linux")]
#[test]
fn what_the_kernel_cannot_watch_is_refused() {
    let mut base = base();
    let file = std::fs::File::open(env!("CARGO_MANIFEST_PATH")).expect("it is there");
    let event = base.event_new(Rc::new(file), What::READ, |_, _, _| {});
    let error = base.event_add(event, None).expect_err("always ready");
    assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error}");
    assert!(!base.is_pending(event));
    base.dispatch().expect("nothing to wait for");
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

#[test]
fn a_callback_cannot_run_the_loop_again() {
    let (mut base, log) = (base(), Log::new());
    let noted = log.clone();
    base.once(Duration::ZERO, move |base| {
        noted.note(base.dispatch().is_err());
        let noted = noted.clone();
        base.once(Duration::ZERO, move |_| noted.note(false));
    });
    base.dispatch().expect("only the inner one fails");
    assert_eq!(log.take(), [true, false], "the outer one goes on");
    base.dispatch().expect("and the next one may run");
}

#[test]
fn loopbreak_ends_the_loop_after_the_callback_and_the_rest_is_told_later() {
    let (mut base, log) = (base(), Log::new());
    let mut events = Vec::new();
    let (sockets, _peers): (Vec<_>, Vec<_>) = (0..3).map(|_| spoken_to()).unzip();
    for socket in sockets {
        let log = log.clone();
        events.push(base.event_new(socket, What::READ, move |base, _, _| {
            base.loopbreak();
            log.note("after it");
        }));
    }
    for timer in 0..3 {
        let log = log.clone();
        events.push(base.evtimer_new(What::empty(), move |base, _, _| {
            base.loopbreak();
            log.note("a timer");
            assert!(timer < 3);
        }));
    }
    for &event in &events {
        let time = Some(Duration::ZERO).filter(|_| events[3..].contains(&event));
        base.event_add(event, time).expect("it can be watched");
    }
    for told in 1..=6 {
        base.dispatch().expect("it can wait");
        assert_eq!(log.len(), told);
        let pending = events.iter().filter(|&&event| base.is_pending(event));
        assert_eq!(pending.count(), 6 - told);
    }
    base.dispatch().expect("nothing to wait for");
    assert_eq!(log.len(), 6);
}
