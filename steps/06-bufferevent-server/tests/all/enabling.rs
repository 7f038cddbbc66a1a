//! Each direction can be taken away and given back, by a callback and by others.

use crate::calls::{Calls, Told};
use crate::peer::{given, input, output, pair};
use crate::support::asleep::run_until_asleep;
use crate::support::{Log, base, turn};
use bufferevent_server::BufferEvent;
use event_loop_server::What;

#[test]
fn it_sends_from_the_beginning_and_receives_when_it_is_asked_to() {
    let (socket, _peer) = pair();
    let mut bev = BufferEvent::socket_new(socket).expect("a socket");
    assert_eq!(bev.enabled(), What::WRITE);
    bev.enable(What::all());
    assert_eq!(bev.enabled(), What::READ | What::WRITE);
    bev.disable(What::WRITE);
    assert_eq!(bev.enabled(), What::READ);
    bev.disable(What::all());
    assert_eq!(bev.enabled(), What::empty());
}

#[test]
fn nothing_is_received_while_that_is_not_enabled() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), pair());
    let handle = given(&mut base, socket, Calls::noting(&log), |_| {});
    for round in 1..4 {
        peer.say(b"abc");
        run_until_asleep(&mut base);
        assert_eq!(
            (input(&handle, &mut base), log.take()),
            (3 * (round - 1), vec![])
        );
        handle.with(&mut base, |bev| bev.enable(What::READ));
        run_until_asleep(&mut base);
        assert_eq!(log.take(), [Told::Read(3 * round)]);
        handle.with(&mut base, |bev| bev.disable(What::READ));
    }
}

#[test]
fn a_read_callback_may_have_heard_enough() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), pair());
    let calls = Calls::noting(&log).on_read(|_, bev| bev.disable(What::READ));
    let handle = given(&mut base, socket, calls, |bev| bev.enable(What::READ));
    peer.say(b"abc");
    turn(&mut base);
    peer.say(b"def");
    run_until_asleep(&mut base);
    assert_eq!(log.take(), [Told::Read(3)]);
    handle.with(&mut base, |bev| bev.enable(What::READ));
    run_until_asleep(&mut base);
    assert_eq!(log.take(), [Told::Read(6)]);
}

#[test]
fn a_write_callback_may_ask_for_more() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), pair());
    let calls = Calls::noting(&log).on_write(|_, bev| bev.enable(What::READ));
    given(&mut base, socket, calls, |bev| bev.output.add(b"Well?"));
    peer.say(b"abc");
    run_until_asleep(&mut base);
    assert_eq!(log.take(), [Told::Write(0), Told::Read(3)]);
}

#[test]
fn nothing_is_sent_while_that_is_disabled() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), pair());
    let handle = given(&mut base, socket, Calls::noting(&log), |bev| {
        bev.disable(What::WRITE);
        bev.output.add(b"abc");
    });
    run_until_asleep(&mut base);
    handle.with(&mut base, |bev| bev.output.add(b"def"));
    run_until_asleep(&mut base);
    assert_eq!((peer.hear(), log.take()), (vec![], vec![]));
    assert_eq!(output(&handle, &mut base), 6);
    handle.with(&mut base, |bev| bev.enable(What::WRITE));
    turn(&mut base);
    assert_eq!(peer.hear(), b"abcdef");
    run_until_asleep(&mut base);
    assert_eq!(log.take(), [Told::Write(0)]);
}

#[test]
fn a_callback_may_keep_what_it_has_added_to_itself() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), pair());
    let calls = Calls::noting(&log).on_read(|_, bev| {
        bev.output.add(bev.input.peek());
        match bev.input.peek() {
            b"abc" => bev.disable(What::WRITE),
            _ => bev.enable(What::WRITE),
        }
        bev.input.drain(usize::MAX);
    });
    given(&mut base, socket, calls, |bev| bev.enable(What::READ));
    peer.say(b"abc");
    run_until_asleep(&mut base);
    assert_eq!((peer.hear(), log.take()), (vec![], vec![Told::Read(3)]));
    peer.say(b"de");
    run_until_asleep(&mut base);
    assert_eq!(peer.hear(), b"abcde");
    assert_eq!(log.take(), [Told::Read(2), Told::Write(0)]);
}

#[test]
fn one_of_two_that_are_ready_may_be_told_not_to_receive_by_the_other() {
    let (mut base, log) = (base(), Log::new());
    let handles: Log<bufferevent_server::Handle> = Log::new();
    let mut peers = Vec::new();
    for _ in 0..2 {
        let (socket, peer) = pair();
        peer.say(b"abc");
        peers.push(peer);
        let others = handles.clone();
        let calls = Calls::noting(&log).on_read(move |base, _| {
            for other in others.take() {
                // None: that is this one.
                let _ = other.with(base, |bev| bev.disable(What::READ));
            }
        });
        let handle = given(&mut base, socket, calls, |bev| bev.enable(What::READ));
        handles.note(handle);
    }
    run_until_asleep(&mut base);
    assert_eq!(log.take(), [Told::Read(3)]);
}
