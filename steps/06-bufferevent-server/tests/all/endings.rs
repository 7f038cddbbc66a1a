//! The end of a connection, in order or not. Here, nobody frees anything.

use crate::calls::{Calls, Told};
use crate::peer::{babble, given, narrow_pair, output, pair};
use crate::support::asleep::run_until_asleep;
use crate::support::{Log, base, turn};
use bufferevent_server::BevEvent;
use event_loop_server::What;
use socket2::SockRef;
use std::io::{ErrorKind, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

const ENDED: Told = Told::Event(BevEvent::EOF.union(BevEvent::READING));
const BROKEN_READING: Told = Told::Event(BevEvent::ERROR.union(BevEvent::READING));
const BROKEN_WRITING: Told = Told::Event(BevEvent::ERROR.union(BevEvent::WRITING));

/// A connection, and its peer, which need not wait to close it.
fn connection() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let socket = TcpStream::connect(address).expect("it listens");
    let (peer, _) = listener.accept().expect("one has connected");
    (socket, peer)
}

/// Throws the connection away: close(2) sends a reset instead of an end (socket(7)).
fn reset(peer: TcpStream) {
    let linger = SockRef::from(&peer).set_linger(Some(Duration::ZERO));
    linger.expect("it has the option");
}

#[test]
fn the_end_is_told_once_and_the_input_is_still_there_and_the_peer_still_listens() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), pair());
    let calls = Calls::noting(&log).on_event(|_, bev, _| {
        bev.output.add(b"You said: ");
        bev.output.add(bev.input.peek());
        // Whoever asks to receive more will not be told again.
        bev.enable(What::READ);
    });
    let handle = given(&mut base, socket, calls, |bev| bev.enable(What::READ));
    peer.say(b"abc");
    peer.finish();
    turn(&mut base);
    assert_eq!(log.take(), [Told::Read(3)]);
    turn(&mut base);
    assert_eq!(log.take(), [ENDED, Told::Write(0)]);
    assert_eq!(peer.hear(), b"You said: abc");
    let length = handle.with(&mut base, |bev| {
        bev.output.add(b", and I say more");
        bev.enable(What::READ);
        bev.input.len()
    });
    assert_eq!(length, Some(3));
    run_until_asleep(&mut base);
    assert_eq!(log.take(), [Told::Write(0)]);
    assert_eq!(peer.hear(), b", and I say more");
    assert!(!peer.sees_the_end(), "nobody has freed it");
    // Nothing is waited for.
    base.dispatch().expect("it ends by itself");
}

#[test]
fn an_end_that_nobody_receives_is_not_told_and_does_not_keep_the_loop_awake() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), pair());
    let handle = given(&mut base, socket, Calls::noting(&log), |bev| {
        bev.setwatermark(What::READ, 0, 3);
        bev.enable(What::READ);
    });
    peer.say(b"abc");
    turn(&mut base);
    drop(peer);
    run_until_asleep(&mut base);
    assert_eq!(log.take(), [Told::Read(3)]);
    handle.with(&mut base, |bev| bev.input.drain(1));
    run_until_asleep(&mut base);
    assert_eq!(log.take(), [ENDED]);
}

#[test]
fn a_reset_is_told_once_with_its_reason() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), connection());
    let reasons = Log::new();
    let noted = reasons.clone();
    let calls = Calls::noting(&log).on_event(move |_, bev, _| {
        noted.note(bev.error().map(std::io::Error::kind));
        assert_eq!(bev.enabled(), What::empty());
        bev.enable(What::READ | What::WRITE);
        bev.output.add(b"Hello?");
    });
    let handle = given(&mut base, socket, calls, |bev| bev.enable(What::READ));
    assert_eq!(
        handle.with(&mut base, |bev| bev.error().is_none()),
        Some(true)
    );
    reset(peer);
    base.dispatch().expect("it ends by itself");
    assert_eq!(log.take(), [BROKEN_READING]);
    assert_eq!(reasons.take(), [Some(ErrorKind::ConnectionReset)]);
    // It is broken: nothing is tried any more, nothing is told, and the loop does not spin.
    handle.with(&mut base, |bev| {
        bev.output.add(b"Anybody?");
        bev.enable(What::READ | What::WRITE);
    });
    run_until_asleep(&mut base);
    let kept = handle.with(&mut base, |bev| (bev.output.len(), bev.error().is_some()));
    assert_eq!((log.take(), kept), (vec![], Some((14, true))));
}

#[test]
fn what_was_received_before_a_reset_is_not_lost() {
    let (mut base, log, (socket, mut peer)) = (base(), Log::new(), connection());
    let calls = Calls::noting(&log).on_read(|base, _| base.loopbreak());
    let handle = given(&mut base, socket, calls, |bev| bev.enable(What::READ));
    peer.write_all(b"abc").expect("there is room");
    base.dispatch().expect("it can wait");
    reset(peer);
    base.dispatch().expect("it ends by itself");
    assert_eq!(log.take(), [Told::Read(3), BROKEN_READING]);
    let kept = handle.with(&mut base, |bev| bev.input.peek() == b"abc");
    assert_eq!(kept, Some(true));
}

#[test]
fn a_peer_that_goes_while_it_is_sent_much_is_told_of() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), narrow_pair());
    let handle = given(&mut base, socket, Calls::noting(&log), |bev| {
        bev.output.add(&babble(50_000));
    });
    run_until_asleep(&mut base);
    assert!(output(&handle, &mut base) > 0);
    drop(peer);
    base.dispatch().expect("it ends by itself");
    assert_eq!(log.take(), [BROKEN_WRITING]);
}

#[test]
fn after_an_error_nothing_else_is_told_not_even_if_something_was_to_be_sent() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), connection());
    let handle = given(&mut base, socket, Calls::noting(&log), |bev| {
        bev.enable(What::READ)
    });
    handle.with(&mut base, |bev| bev.output.add(b"abc"));
    reset(peer);
    base.dispatch().expect("it ends by itself");
    assert_eq!(log.take(), [BROKEN_READING]);
}

/// Whoever sends first is told of the reset by that, and then sees an end in order.
#[test]
fn a_reset_while_something_is_to_be_sent_is_no_end_in_order() {
    for reads in [true, false] {
        let (mut base, log, (socket, peer)) = (base(), Log::new(), connection());
        let reasons = Log::new();
        let noted = reasons.clone();
        let calls = Calls::noting(&log).on_event(move |_, bev, _| {
            noted.note(bev.error().map(std::io::Error::kind));
        });
        let handle = given(&mut base, socket, calls, |bev| {
            bev.enable(if reads { What::READ } else { What::empty() });
        });
        reset(peer);
        handle.with(&mut base, |bev| bev.output.add(b"Hello?"));
        assert_eq!(log.take(), [], "whoever adds something is not called");
        base.dispatch().expect("it ends by itself");
        let broken = match reads {
            true => BROKEN_READING,
            false => BROKEN_WRITING,
        };
        assert_eq!(log.take(), [broken]);
        assert_eq!(reasons.take(), [Some(ErrorKind::ConnectionReset)]);
    }
}
