//! The name of a bufferevent, in the hands of others; and callbacks that put others in their place.

use crate::calls::{Calls, Told};
use crate::peer::{babble, given, narrow_pair, output, pair};
use crate::support::{Log, base, turn};
use bufferevent_server::BufferEvent;
use event_loop_server::What;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::Duration;

#[test]
fn it_is_not_lent_to_whom_it_has_been_lent_already() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), pair());
    let lent = Log::new();
    let (on_read, on_write, on_event) = (lent.clone(), lent.clone(), lent.clone());
    let calls = Calls::noting(&log)
        .on_read(move |base, bev| on_read.note(bev.handle().with(base, |_| ())))
        .on_write(move |base, bev| on_write.note(bev.handle().with(base, |_| ())))
        .on_event(move |base, bev, _| on_event.note(bev.handle().with(base, |_| ())));
    let handle = given(&mut base, socket, calls, |bev| {
        bev.enable(What::READ);
        bev.output.add(b"abc");
    });
    peer.say(b"abc");
    peer.finish();
    turn(&mut base);
    turn(&mut base);
    let told = log.take();
    assert_eq!((told.len(), lent.take()), (3, vec![None; 3]), "{told:?}");
    assert_eq!(handle.with(&mut base, |_| "lent"), Some("lent"));
}

/// Whoever borrows it makes no system call for it, even where there is something to be sent and room
/// for it: sending is the loop's.
#[test]
fn to_be_lent_makes_it_send_nothing() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), narrow_pair());
    let handle = given(&mut base, socket, Calls::noting(&log), |bev| {
        bev.output.add(&babble(1 << 20));
    });
    turn(&mut base);
    assert!(!peer.hear().is_empty(), "as much as there is room for");
    let left = output(&handle, &mut base);
    assert!((1..1 << 20).contains(&left), "{left} bytes");
    assert_eq!(peer.hear(), b"");
    turn(&mut base);
    assert!(!peer.hear().is_empty(), "the loop sends it");
    assert!(output(&handle, &mut base) < left);
}

#[test]
fn a_name_taken_before_it_has_a_base_names_nothing() {
    let (mut base, (socket, _peer)) = (base(), pair());
    let bev = BufferEvent::socket_new(socket).expect("a socket");
    let too_early = bev.handle();
    assert_eq!(too_early.with(&mut base, |_| ()), None);
    let handle = bev.base_set(&mut base).expect("it can be watched");
    assert_eq!(too_early.with(&mut base, |_| ()), None);
    let another = handle.with(&mut base, |bev| bev.handle());
    let another = another.expect("it lives");
    assert_eq!(another.clone().with(&mut base, |_| ()), Some(()));
}

#[test]
fn it_is_not_lent_to_whom_another_base_is_at_hand() {
    let (mut mine, mut yours, log) = (base(), base(), Log::new());
    let ((socket, peer), (other, _other_peer)) = (pair(), pair());
    // The first of either base: their events have the same place.
    let handle = given(&mut mine, socket, Calls::noting(&log), |_| {});
    let stranger = given(&mut yours, other, Calls::noting(&log), |bev| {
        bev.enable(What::READ);
    });
    let free = |bev: &mut BufferEvent| bev.free();
    assert_eq!(handle.with(&mut yours, free), None);
    assert_eq!(handle.with(&mut yours, |bev| bev.output.add(b"abc")), None);
    // Neither the one nor the other has noticed.
    let enabled = stranger.with(&mut yours, |bev| bev.enabled());
    assert_eq!(enabled, Some(What::READ | What::WRITE));
    handle.with(&mut mine, |bev| {
        bev.output.add(b"def");
        bev.free_when_flushed();
    });
    turn(&mut mine);
    assert_eq!(peer.hear(), b"def");
}

#[test]
fn a_callback_that_panics_takes_its_bufferevent_along_and_nothing_else() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), pair());
    let calls = Calls::noting(&log).on_read(|_, _| panic!("on purpose"));
    let handle = given(&mut base, socket, calls, |bev| {
        bev.enable(What::READ);
        bev.set_timeouts(Some(Duration::from_millis(20)), None);
    });
    peer.say(b"abc");
    let ended = catch_unwind(AssertUnwindSafe(|| base.dispatch()));
    assert!(ended.is_err(), "nobody has panicked");
    assert_eq!(handle.with(&mut base, |_| ()), None);
    assert_eq!(peer.hear(), b"");
    log.take();
    // Its timer is still there, and ends itself.
    base.dispatch().expect("it ends by itself");
    assert_eq!(log.take(), []);
}

#[test]
fn two_may_wait_for_each_others_turn() {
    // The first lends the second, whose borrower asks for the first: that one is busy.
    let (mut base, log) = (base(), Log::new());
    let ((first, first_peer), (second, _second_peer)) = (pair(), pair());
    let second = given(&mut base, second, Calls::noting(&log), |_| {});
    let seen = Log::new();
    let noted = seen.clone();
    let calls = Calls::noting(&log).on_read(move |base, bev| {
        let first = bev.handle();
        let mut other = crate::support::base();
        noted.note(second.with(base, |_| first.with(&mut other, |_| ())));
    });
    given(&mut base, first, calls, |bev| bev.enable(What::READ));
    first_peer.say(b"!");
    turn(&mut base);
    assert_eq!(seen.take(), [Some(None)]);
}

#[test]
fn callbacks_may_put_others_in_their_place() {
    let (mut base, old, new, (socket, peer)) = (base(), Log::new(), Log::new(), pair());
    let owned = Rc::new(());
    let watched = Rc::downgrade(&owned);
    let noted = new.clone();
    let calls = Calls::noting(&old).on_read(move |_, bev| {
        bev.setcb(Calls::noting(&noted));
        bev.output.add(b"abc");
        assert_eq!(Rc::strong_count(&owned), 1, "it is still the callback's");
    });
    given(&mut base, socket, calls, |bev| bev.enable(What::READ));
    peer.say(b"abc");
    turn(&mut base);
    assert!(watched.upgrade().is_none(), "the old ones are still there");
    peer.say(b"def");
    turn(&mut base);
    assert_eq!(old.take(), [Told::Read(3)]);
    assert_eq!(new.take(), [Told::Write(0), Told::Read(6)]);
}

#[test]
fn whoever_else_may_put_others_in_their_place_too() {
    let (mut base, old, new, (socket, peer)) = (base(), Log::new(), Log::new(), pair());
    let handle = given(&mut base, socket, Calls::noting(&old), |bev| {
        bev.enable(What::READ)
    });
    peer.say(b"abc");
    handle.with(&mut base, |bev| bev.setcb(Calls::noting(&new)));
    turn(&mut base);
    assert_eq!((old.take(), new.take()), (vec![], vec![Told::Read(3)]));
}

#[test]
fn without_callbacks_it_receives_and_sends_all_the_same() {
    let (mut base, (socket, peer)) = (base(), pair());
    let mut bev = BufferEvent::socket_new(socket).expect("a socket");
    bev.enable(What::READ);
    let handle = bev.base_set(&mut base).expect("it can be watched");
    peer.say(b"abc");
    peer.finish();
    handle.with(&mut base, |bev| bev.output.add(b"def"));
    base.dispatch().expect("it ends by itself");
    assert_eq!(peer.hear(), b"def");
    let received = handle.with(&mut base, |bev| bev.input.peek() == b"abc");
    assert_eq!(received, Some(true));
}
