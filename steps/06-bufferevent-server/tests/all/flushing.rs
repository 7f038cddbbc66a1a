//! To be freed when all has been sent.

use crate::calls::{Calls, Told};
use crate::peer::{babble, given, narrow_pair, output, pair};
use crate::support::asleep::run_until_asleep;
use crate::support::{Log, base, turn};
use bufferevent_server::{BevEvent, BufferEvent};
use event_loop_server::What;
use std::time::Duration;

/// More than there is room for in a narrow socket, many times over, in bytes.
const MUCH: usize = 50_000;

#[test]
fn with_much_to_be_sent_all_of_it_is_and_nothing_is_received_any_more() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), narrow_pair());
    let said = babble(MUCH);
    let handle = given(&mut base, socket, Calls::noting(&log), |bev| {
        bev.enable(What::READ);
        bev.output.add(&said);
    });
    handle.with(&mut base, |bev| {
        // It sends, and does not receive, whoever asked for what before, or asks now.
        bev.disable(What::WRITE);
        bev.free_when_flushed();
        bev.enable(What::READ);
    });
    peer.say(b"This is not received.");
    let mut heard = Vec::new();
    while heard.len() < said.len() {
        run_until_asleep(&mut base);
        let piece = peer.hear();
        assert!(!piece.is_empty(), "the rest does not come");
        heard.extend(piece);
    }
    assert!(heard == said);
    assert!(peer.sees_the_end());
    base.dispatch().expect("nothing to wait for");
    assert_eq!(log.take(), [Told::Write(0)]);
}

#[test]
fn a_write_callback_that_adds_more_has_that_sent_as_well() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), pair());
    let mut more = 3;
    let calls = Calls::noting(&log)
        .on_read(|_, bev| {
            bev.output.add(b"some ");
            bev.free_when_flushed();
        })
        .on_write(move |_, bev| {
            more -= 1;
            if more > 0 {
                bev.output.add(b"more ");
            }
        });
    given(&mut base, socket, calls, |bev| bev.enable(What::READ));
    peer.say(b"?");
    base.dispatch().expect("it ends by itself");
    assert_eq!(peer.hear(), b"some more more ");
    assert!(peer.sees_the_end());
}

#[test]
fn a_peer_that_has_gone_is_not_waited_for() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), narrow_pair());
    let handle = given(&mut base, socket, Calls::noting(&log), |bev| {
        bev.output.add(&babble(MUCH));
    });
    handle.with(&mut base, BufferEvent::free_when_flushed);
    run_until_asleep(&mut base);
    assert!(output(&handle, &mut base) > 0);
    drop(peer);
    base.dispatch().expect("it ends by itself");
    let broken = BevEvent::ERROR | BevEvent::WRITING;
    assert_eq!(log.take(), [Told::Event(broken)]);
    assert_eq!(handle.with(&mut base, |_| ()), None);
}

#[test]
fn a_peer_that_has_gone_already_is_told_of_before_it_is_freed() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), pair());
    let handle = given(&mut base, socket, Calls::noting(&log), |_| {});
    drop(peer);
    handle.with(&mut base, |bev| {
        bev.output.add(b"abc");
        bev.free_when_flushed();
    });
    assert_eq!(log.take(), [], "whoever adds something is not called");
    base.dispatch().expect("it ends by itself");
    let broken = BevEvent::ERROR | BevEvent::WRITING;
    assert_eq!(log.take(), [Told::Event(broken)]);
    assert_eq!(handle.with(&mut base, |_| ()), None);
}

#[test]
fn whoever_is_broken_already_is_freed_at_once() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), pair());
    drop(peer);
    let calls = Calls::noting(&log).on_event(|_, bev, _| bev.free_when_flushed());
    let handle = given(&mut base, socket, calls, |bev| bev.output.add(b"abc"));
    base.dispatch().expect("it ends by itself");
    assert_eq!(log.len(), 1);
    assert_eq!(handle.with(&mut base, |_| ()), None);
}

#[test]
fn a_peer_that_takes_nothing_is_waited_for_until_the_time_out() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), narrow_pair());
    let handle = given(&mut base, socket, Calls::noting(&log), |bev| {
        bev.output.add(&babble(MUCH));
        let soon = Some(Duration::from_millis(20));
        bev.set_timeouts(soon, soon);
        bev.enable(What::READ);
        bev.free_when_flushed();
    });
    base.dispatch().expect("it ends by itself");
    let timed_out = BevEvent::TIMEOUT | BevEvent::WRITING;
    assert_eq!(log.take(), [Told::Event(timed_out)]);
    assert_eq!(handle.with(&mut base, |_| ()), None);
    assert!(peer.hear().len() < MUCH);
    assert!(peer.sees_the_end());
}

#[test]
fn a_callback_may_wait_longer_for_such_a_peer() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), narrow_pair());
    let calls = Calls::noting(&log).on_event(|base, bev, _| {
        bev.set_timeouts(None, None);
        bev.enable(What::WRITE);
        base.loopbreak();
    });
    let handle = given(&mut base, socket, calls, |bev| {
        bev.output.add(&babble(MUCH));
        bev.set_timeouts(None, Some(Duration::from_millis(20)));
        bev.free_when_flushed();
    });
    base.dispatch().expect("it can wait");
    assert_eq!(log.len(), 1);
    let mut heard = Vec::new();
    while handle.with(&mut base, |_| ()).is_some() {
        heard.extend(peer.hear());
        turn(&mut base);
    }
    heard.extend(peer.hear());
    assert!(heard == babble(MUCH));
    assert!(peer.sees_the_end());
}

#[test]
fn to_ask_for_it_at_each_event_is_not_to_wait_for_ever() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), narrow_pair());
    let calls = Calls::noting(&log).on_event(|_, bev, _| bev.free_when_flushed());
    given(&mut base, socket, calls, |bev| {
        bev.output.add(&babble(MUCH));
        let soon = Some(Duration::from_millis(20));
        bev.set_timeouts(soon, soon);
        bev.enable(What::READ);
    });
    base.dispatch().expect("it ends by itself");
    assert!(peer.hear().len() < MUCH);
    assert!(peer.sees_the_end());
}
