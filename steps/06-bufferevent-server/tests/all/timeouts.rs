//! Time-outs: which are told, what they leave, and when they do not run.
//!
//! That something takes at least so long can be relied on; that it takes less, never.

use crate::calls::{Calls, Told};
use crate::peer::{Peer, babble, given, narrow_pair, pair};
use crate::support::asleep::run_until_asleep;
use crate::support::{Base, Log, base, turn};
use bufferevent_server::{BevEvent, BufferEvent, Handle};
use event_loop_server::{EventBase, What};
use std::time::Duration;

const READING: Told = Told::Event(BevEvent::TIMEOUT.union(BevEvent::READING));
const WRITING: Told = Told::Event(BevEvent::TIMEOUT.union(BevEvent::WRITING));

const SOON: Duration = Duration::from_millis(20);
/// More than there is room for in a narrow socket, many times over, in bytes.
const MUCH: usize = 200_000;

/// A bufferevent that receives, and whose peer takes next to nothing.
fn receiving(prepare: impl FnOnce(&mut BufferEvent)) -> (Base, Handle, Peer, Log<Told>) {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), narrow_pair());
    let handle = given(&mut base, socket, Calls::noting(&log), |bev| {
        bev.enable(What::READ);
        prepare(bev);
    });
    (base, handle, peer, log)
}

/// Runs the loop for so long that every time-out has passed that runs.
fn run_for_long(base: &mut EventBase) {
    base.once(5 * SOON, EventBase::loopbreak);
    base.dispatch().expect("it can wait");
}

#[test]
fn a_silent_peer_is_told_of_once_and_can_still_be_spoken_to() {
    let (mut base, handle, peer, log) = receiving(|bev| bev.set_timeouts(Some(SOON), None));
    base.dispatch().expect("it ends by itself");
    assert_eq!(log.take(), [READING]);
    let enabled = handle.with(&mut base, |bev| {
        bev.output.add(b"abc");
        bev.enabled()
    });
    assert_eq!(enabled, Some(What::WRITE));
    peer.say(b"too late");
    run_for_long(&mut base);
    assert_eq!(peer.hear(), b"abc");
    assert_eq!(log.take(), [Told::Write(0)]);
    handle.with(&mut base, |bev| bev.enable(What::READ));
    turn(&mut base);
    assert_eq!(log.take(), [Told::Read(8)]);
    base.dispatch().expect("it ends by itself");
    assert_eq!(log.take(), [READING]);
}

#[test]
fn a_peer_that_takes_nothing_is_told_of_once_and_can_still_be_heard() {
    let (mut base, handle, peer, log) = receiving(|bev| {
        bev.set_timeouts(None, Some(SOON));
        bev.output.add(&babble(MUCH));
    });
    run_for_long(&mut base);
    assert_eq!(log.take(), [WRITING]);
    assert_eq!(
        handle.with(&mut base, |bev| bev.enabled()),
        Some(What::READ)
    );
    let mut heard = peer.hear();
    peer.say(b"abc");
    run_for_long(&mut base);
    assert_eq!(log.take(), [Told::Read(3)]);
    assert_eq!(peer.hear(), b"");
    handle.with(&mut base, |bev| {
        bev.set_timeouts(None, None);
        bev.enable(What::WRITE);
    });
    while heard.len() < MUCH {
        heard.extend(peer.hear());
        turn(&mut base);
    }
    assert!(heard == babble(MUCH));
    assert_eq!(log.take(), [Told::Write(0)]);
}

#[test]
fn each_direction_has_a_time_of_its_own() {
    let (mut base, handle, _peer, log) = receiving(|bev| {
        bev.set_timeouts(Some(SOON), Some(2 * SOON));
        bev.output.add(&babble(MUCH));
    });
    base.dispatch().expect("it ends by itself");
    assert_eq!(log.take(), [READING, WRITING]);
    let (long, short) = (Some(2 * SOON), Some(SOON));
    handle.with(&mut base, |bev| {
        bev.set_timeouts(long, short);
        bev.enable(What::READ | What::WRITE);
    });
    base.dispatch().expect("it ends by itself");
    let told = log.take();
    // If this was kept from running until both had passed, they are told in the other order.
    assert!(
        told == [WRITING, READING] || told == [READING, WRITING],
        "{told:?}"
    );
}

#[test]
fn one_time_out_does_not_wait_for_the_other() {
    let hour = Duration::from_secs(3600);
    for (read, write, told) in [(SOON, hour, READING), (hour, SOON, WRITING)] {
        let (mut base, _handle, _peer, log) = receiving(|bev| {
            bev.set_timeouts(Some(read), Some(write));
            bev.output.add(&babble(MUCH));
        });
        run_for_long(&mut base);
        assert_eq!(log.take(), [told]);
    }
}

#[test]
fn with_nothing_to_be_sent_no_time_runs() {
    let (mut base, handle, peer, log) = receiving(|bev| {
        bev.set_timeouts(None, Some(SOON));
        bev.output.add(b"abc");
    });
    run_for_long(&mut base);
    assert_eq!(
        (peer.hear(), log.take()),
        (b"abc".to_vec(), vec![Told::Write(0)])
    );
    handle.with(&mut base, |bev| bev.output.add(b"def"));
    run_for_long(&mut base);
    assert_eq!(
        (peer.hear(), log.take()),
        (b"def".to_vec(), vec![Told::Write(0)])
    );
}

#[test]
fn while_receiving_is_disabled_no_time_runs() {
    let (mut base, handle, _peer, log) = receiving(|bev| {
        bev.set_timeouts(Some(SOON), None);
        bev.disable(What::READ);
    });
    run_for_long(&mut base);
    assert_eq!(log.take(), []);
    handle.with(&mut base, |bev| bev.enable(What::READ));
    // Timers are called in the order in which they are due: this one comes before the time-out.
    let held_back = handle.clone();
    base.once(SOON / 2, move |base| {
        held_back.with(base, |bev| bev.disable(What::READ));
    });
    run_for_long(&mut base);
    assert_eq!(log.take(), []);
    handle.with(&mut base, |bev| bev.enable(What::READ));
    base.dispatch().expect("it ends by itself");
    assert_eq!(log.take(), [READING]);
}

#[test]
fn while_the_input_is_full_no_time_runs() {
    let (mut base, handle, peer, log) = receiving(|bev| {
        bev.setwatermark(What::READ, 0, 3);
        bev.set_timeouts(Some(SOON), None);
    });
    peer.say(b"abc");
    run_for_long(&mut base);
    assert_eq!(log.take(), [Told::Read(3)]);
    handle.with(&mut base, |bev| bev.input.drain(1));
    base.dispatch().expect("it ends by itself");
    assert_eq!(log.take(), [READING]);
}

#[test]
fn after_the_end_no_time_runs() {
    let (mut base, _handle, peer, log) = receiving(|bev| bev.set_timeouts(Some(SOON), None));
    peer.finish();
    run_for_long(&mut base);
    let ended = BevEvent::EOF | BevEvent::READING;
    assert_eq!(log.take(), [Told::Event(ended)]);
}

#[test]
fn time_outs_can_be_taken_back() {
    let (mut base, handle, _peer, log) = receiving(|bev| {
        bev.set_timeouts(Some(SOON), Some(SOON));
        bev.output.add(&babble(MUCH));
    });
    handle.with(&mut base, |bev| bev.set_timeouts(None, None));
    run_for_long(&mut base);
    assert_eq!(log.take(), []);
    handle.with(&mut base, |bev| bev.set_timeouts(Some(SOON), None));
    run_for_long(&mut base);
    assert_eq!(log.take(), [READING]);
}

#[test]
fn a_time_out_that_the_callback_before_it_has_taken_back_is_not_told() {
    let (mut base, log, (socket, _peer)) = (base(), Log::new(), narrow_pair());
    let calls = Calls::noting(&log).on_event(|_, bev, _| bev.set_timeouts(None, None));
    let handle = given(&mut base, socket, calls, |bev| {
        bev.enable(What::READ);
        bev.output.add(&babble(MUCH));
        // They begin together, and pass together.
        bev.set_timeouts(Some(SOON), Some(SOON));
    });
    run_for_long(&mut base);
    assert_eq!(log.take(), [READING]);
    assert_eq!(
        handle.with(&mut base, |bev| bev.enabled()),
        Some(What::WRITE)
    );
}

#[test]
fn a_time_out_beyond_the_end_of_time_is_none() {
    let (mut base, handle, peer, log) = receiving(|bev| {
        bev.set_timeouts(Some(Duration::MAX), Some(Duration::MAX));
        bev.output.add(&babble(MUCH));
    });
    run_until_asleep(&mut base);
    peer.say(b"abc");
    turn(&mut base);
    assert_eq!(log.take(), [Told::Read(3)]);
    handle.with(&mut base, |bev| {
        bev.set_timeouts(Some(SOON), Some(Duration::MAX))
    });
    run_for_long(&mut base);
    assert_eq!(log.take(), [READING]);
}

#[test]
fn a_time_that_does_not_run_keeps_nothing_alive() {
    let (mut base, handle, _peer, log) = receiving(|bev| {
        bev.set_timeouts(Some(Duration::from_secs(3600)), None);
    });
    turn(&mut base);
    handle.with(&mut base, |bev| bev.disable(What::READ));
    // An hour from now there is a timer, unless it was taken back.
    base.dispatch().expect("it ends by itself");
    assert_eq!(log.take(), []);
}

#[test]
fn a_time_out_by_itself_keeps_nothing_alive() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), pair());
    let calls = Calls::noting(&log).on_event(|_, bev, _| bev.free());
    let handle = given(&mut base, socket, calls, |bev| {
        bev.set_timeouts(Some(Duration::from_secs(3600)), Some(SOON));
        bev.enable(What::READ);
    });
    turn(&mut base);
    peer.finish();
    // An hour from now there is a timer, unless it goes with its bufferevent.
    base.dispatch().expect("it ends by itself");
    assert_eq!(handle.with(&mut base, |_| ()), None);
}

#[test]
fn bytes_that_the_loop_has_not_got_to_yet_are_no_time_out() {
    let (mut base, _handle, peer, log) = receiving(|bev| bev.set_timeouts(Some(SOON), None));
    let (socket, other) = pair();
    // This one is told alone, and takes so long that the time of the other one passes meanwhile.
    let slow = Calls::noting(&Log::new()).on_read(move |base, bev| {
        bev.free();
        std::thread::sleep(2 * SOON);
        peer.say(b"abc");
        base.once(Duration::ZERO, EventBase::loopbreak);
    });
    given(&mut base, socket, slow, |bev| bev.enable(What::READ));
    other.say(b"Now.");
    base.dispatch().expect("it can wait");
    assert_eq!(log.take(), [Told::Read(3)]);
}
