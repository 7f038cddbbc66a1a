//! Connections that a bufferevent makes itself.

use crate::calls::{Calls, Told};
use crate::support::{Base, Log, base, turn};
use bufferevent_server::{BevEvent, BufferEvent, Handle};
use event_loop_server::What;
use socket2::{Domain, Socket, Type};
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::Duration;

const CONNECTED: Told = Told::Event(BevEvent::CONNECTED);
const REFUSED: Told = Told::Event(BevEvent::ERROR.union(BevEvent::WRITING));
const TIMED_OUT: Told = Told::Event(BevEvent::TIMEOUT.union(BevEvent::WRITING));

/// How long a listener may take to have its client.
const PATIENCE: Duration = Duration::from_secs(10);

fn connecting(
    base: &mut Base,
    address: SocketAddr,
    calls: Calls,
    prepare: impl FnOnce(&mut BufferEvent),
) -> Handle {
    let mut bev = BufferEvent::connect(address).expect("there are descriptors");
    bev.setcb(calls);
    prepare(&mut bev);
    bev.base_set(base).expect("it can be watched")
}

fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    (listener, address)
}

/// An address where nobody listens, as long as the socket that has its port is not dropped.
fn deserted() -> (Socket, SocketAddr) {
    let holder = Socket::new(Domain::IPV4, Type::STREAM, None).expect("there are descriptors");
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    holder.bind(&any.into()).expect("a free port");
    let address = holder.local_addr().expect("it is bound");
    (holder, address.as_socket().expect("IPv4"))
}

#[test]
fn a_connection_is_told_of_once_by_the_loop_and_then_goes_both_ways() {
    let (mut base, log, (listener, address)) = (base(), Log::new(), listener());
    let calls = Calls::noting(&log).on_read(|base, bev| {
        base.loopbreak();
        bev.free();
    });
    let handle = connecting(&mut base, address, calls, |bev| {
        bev.enable(What::READ);
        bev.output.add(b"abc");
    });
    // Whoever adds something is not called, and nothing is sent before it is told.
    handle.with(&mut base, |bev| bev.output.add(b"def"));
    assert_eq!(log.take(), []);
    let (mut peer, _) = listener.accept().expect("one has connected");
    peer.set_nonblocking(true).expect("a socket");
    let early = peer.read(&mut [0]).expect_err("nothing was sent");
    assert_eq!(early.kind(), ErrorKind::WouldBlock);
    peer.write_all(b"I speak first").expect("there is room");
    base.dispatch().expect("it can wait");
    assert_eq!(log.take(), [CONNECTED, Told::Write(0), Told::Read(13)]);
    peer.set_nonblocking(false).expect("a socket");
    peer.set_read_timeout(Some(PATIENCE)).expect("a socket");
    let mut heard = String::new();
    peer.read_to_string(&mut heard).expect("text, and an end");
    assert_eq!(heard, "abcdef");
}

#[test]
fn its_kernel_delays_nothing_that_is_short() {
    let (mut base, (listener, address)) = (base(), listener());
    let handle = connecting(&mut base, address, Calls::noting(&Log::new()), |_| {});
    let (accepted, _) = listener.accept().expect("one has connected");
    let accepted = BufferEvent::socket_new(accepted).expect("a socket");
    let set = handle.with(&mut base, |bev| bev.socket().tcp_nodelay().ok());
    assert_eq!(
        (set, accepted.socket().tcp_nodelay().ok()),
        (Some(Some(true)), Some(true))
    );
}

#[test]
fn what_the_callback_adds_when_it_is_connected_is_sent_in_the_same_turn() {
    let (mut base, log, (listener, address)) = (base(), Log::new(), listener());
    let calls = Calls::noting(&log).on_event(|_, bev, _| {
        bev.output.add(b"abc");
        bev.free_when_flushed();
    });
    connecting(&mut base, address, calls, |_| {});
    base.dispatch().expect("it ends by itself");
    assert_eq!(log.take(), [CONNECTED, Told::Write(0)]);
    let (mut peer, _) = listener.accept().expect("one has connected");
    peer.set_read_timeout(Some(PATIENCE)).expect("a socket");
    let mut heard = String::new();
    peer.read_to_string(&mut heard).expect("text, and an end");
    assert_eq!(heard, "abc");
}

#[test]
fn a_refusal_is_told_once_by_the_loop_with_its_reason() {
    let (mut base, log, (_holder, address)) = (base(), Log::new(), deserted());
    let reasons = Log::new();
    let noted = reasons.clone();
    let calls = Calls::noting(&log).on_event(move |_, bev, _| {
        noted.note(bev.error().map(std::io::Error::kind));
    });
    let handle = connecting(&mut base, address, calls, |bev| {
        bev.enable(What::READ);
        bev.output.add(b"abc");
    });
    let unsent = handle.with(&mut base, |bev| bev.output.len());
    assert_eq!((log.take(), unsent), (vec![], Some(3)));
    base.dispatch().expect("it ends by itself");
    assert_eq!(log.take(), [REFUSED]);
    assert_eq!(reasons.take(), [Some(ErrorKind::ConnectionRefused)]);
    turn(&mut base);
    assert_eq!(log.take(), []);
}

#[cfg(target_os = "linux")]
#[test]
fn a_connection_that_fails_at_once_is_none() {
    // Nobody has a conversation with everybody: that needs no asking (`connect(2)`).
    let everybody = SocketAddr::from((Ipv4Addr::BROADCAST, 40_713));
    let error = BufferEvent::connect(everybody).err();
    let why = error.map(|error| error.kind());
    assert_eq!(why, Some(ErrorKind::NetworkUnreachable));
}

#[test]
fn a_connection_may_be_given_up_before_it_is_there() {
    let (mut base, log, (listener, address)) = (base(), Log::new(), listener());
    let handle = connecting(&mut base, address, Calls::noting(&log), |_| {});
    handle.with(&mut base, BufferEvent::free);
    base.dispatch().expect("it ends by itself");
    assert_eq!(log.take(), []);
    let (mut peer, _) = listener.accept().expect("one had connected");
    peer.set_read_timeout(Some(PATIENCE)).expect("a socket");
    assert_eq!(peer.read(&mut [0]).expect("an end"), 0);
}

#[test]
fn what_is_to_be_flushed_waits_for_the_connection() {
    let (mut base, log, (listener, address)) = (base(), Log::new(), listener());
    connecting(&mut base, address, Calls::noting(&log), |bev| {
        bev.output.add(b"abc");
        bev.free_when_flushed();
    });
    base.dispatch().expect("it ends by itself");
    assert_eq!(log.take(), [CONNECTED, Told::Write(0)]);
    let (mut peer, _) = listener.accept().expect("one has connected");
    peer.set_read_timeout(Some(PATIENCE)).expect("a socket");
    let mut heard = String::new();
    peer.read_to_string(&mut heard).expect("text, and an end");
    assert_eq!(heard, "abc");
}

#[test]
fn what_is_to_be_flushed_is_given_up_when_the_connection_is_refused() {
    let (mut base, log, (_holder, address)) = (base(), Log::new(), deserted());
    let handle = connecting(&mut base, address, Calls::noting(&log), |bev| {
        bev.output.add(b"abc");
        bev.free_when_flushed();
    });
    base.dispatch().expect("it ends by itself");
    assert_eq!(log.take(), [REFUSED]);
    assert_eq!(handle.with(&mut base, |_| ()), None);
}

/// A listener whose queue is full: who connects to it now is not answered.
#[cfg(target_os = "linux")]
fn overrun() -> (Socket, SocketAddr, std::net::TcpStream) {
    let (listener, address) = deserted();
    // A queue of 0 has room for one (`listen(2)`, and what the kernel makes of it).
    listener.listen(0).expect("it is bound");
    let first = std::net::TcpStream::connect(address).expect("it listens");
    (listener, address, first)
}

#[cfg(target_os = "linux")]
#[test]
fn a_connection_that_does_not_come_times_out_as_if_nothing_could_be_sent() {
    let (mut base, log, (_listener, address, _first)) = (base(), Log::new(), overrun());
    let handle = connecting(&mut base, address, Calls::noting(&log), |bev| {
        let (long, short) = (Duration::from_millis(1), Duration::from_millis(30));
        // Nothing can be received yet: that time does not run.
        bev.set_timeouts(Some(long), Some(short));
        bev.enable(What::READ);
        bev.output.add(b"abc");
    });
    base.dispatch().expect("it ends by itself");
    assert_eq!(log.take(), [TIMED_OUT]);
    let kept = handle.with(&mut base, |bev| (bev.enabled(), bev.output.len()));
    assert_eq!(kept, Some((What::READ, 3)));
}

#[cfg(target_os = "linux")]
#[test]
fn a_connection_that_takes_its_time_is_told_of_when_it_is_there() {
    let (mut base, log, (listener, address, _first)) = (base(), Log::new(), overrun());
    let calls = Calls::noting(&log).on_write(|_, bev| bev.free());
    let handle = connecting(&mut base, address, calls, |bev| bev.output.add(b"abc"));
    turn(&mut base);
    handle.with(&mut base, |bev| bev.output.add(b"def"));
    turn(&mut base);
    assert_eq!(log.take(), [], "nobody has answered yet");
    // There is room in the queue again. The kernel asks once more after a second (tcp(7)).
    listener.accept().expect("the first one");
    base.dispatch().expect("it ends by itself");
    assert_eq!(log.take(), [CONNECTED, Told::Write(0)]);
    let (mut peer, _) = listener.accept().expect("the second one");
    peer.set_read_timeout(Some(PATIENCE)).expect("a socket");
    let mut heard = String::new();
    peer.read_to_string(&mut heard).expect("text, and an end");
    assert_eq!(heard, "abcdef");
}

#[cfg(target_os = "linux")]
#[test]
fn a_refusal_that_takes_its_time_is_told_when_it_comes() {
    let (mut base, log, (listener, address, _first)) = (base(), Log::new(), overrun());
    let reasons = Log::new();
    let noted = reasons.clone();
    let calls = Calls::noting(&log).on_event(move |_, bev, _| {
        noted.note(bev.error().map(std::io::Error::kind));
    });
    connecting(&mut base, address, calls, |bev| bev.enable(What::READ));
    turn(&mut base);
    assert_eq!(log.take(), [], "nobody has answered yet");
    drop(listener);
    base.dispatch().expect("it ends by itself");
    assert_eq!(log.take(), [REFUSED]);
    assert_eq!(reasons.take(), [Some(ErrorKind::ConnectionRefused)]);
}

#[test]
fn who_does_not_want_to_send_is_told_all_the_same() {
    let (mut base, log, (_listener, address)) = (base(), Log::new(), listener());
    connecting(&mut base, address, Calls::noting(&log), |bev| {
        bev.disable(What::WRITE);
    });
    base.dispatch().expect("it ends by itself");
    assert_eq!(log.take(), [CONNECTED]);
}

#[test]
fn a_new_one_does_not_take_the_place_of_another() {
    let (mut base, log, (listener, address)) = (base(), Log::new(), listener());
    let calls = Calls::noting(&log).on_event(move |_, bev, _| {
        *bev = BufferEvent::connect(address).expect("there are descriptors");
    });
    let handle = connecting(&mut base, address, calls, |bev| bev.enable(What::READ));
    base.dispatch().expect("neither is waited for any more");
    assert_eq!(log.take(), [CONNECTED]);
    assert_eq!(handle.with(&mut base, |_| ()), None);
    for _ in 0..2 {
        let (mut peer, _) = listener.accept().expect("it has connected");
        peer.set_read_timeout(Some(PATIENCE)).expect("a socket");
        let end = peer.read(&mut [0]).expect("its socket is closed");
        assert_eq!(end, 0);
    }
}
