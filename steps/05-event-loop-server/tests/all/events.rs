//! Sources: who is called back, when, and for what.

use crate::support::asleep::run_until_asleep;
use crate::support::{Log, base, drain, spoken_to, turn};
use event_loop_server::{Event, EventBase, What};
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
