//! Clients that connect.

use crate::support::{Log, base, spoken_to, turn};
use bufferevent_server::evconnlistener_new;
use event_loop_server::What;
use socket2::{Domain, Socket, Type};
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::rc::Rc;
use std::time::Duration;

/// More than are accepted in one turn.
const CLIENTS: usize = 300;
/// How long a word may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A listener with room for all of them in its queue.
fn listener() -> (TcpListener, SocketAddr) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("there are descriptors");
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    socket.bind(&any.into()).expect("a free port");
    socket.listen(2 * CLIENTS as i32).expect("it is bound");
    let listener = TcpListener::from(socket);
    let address = listener.local_addr().expect("it is bound");
    (listener, address)
}

#[test]
fn clients_that_come_at_the_same_time_are_all_accepted_and_others_get_their_turn() {
    let (mut base, log, (listener, address)) = (base(), Log::new(), listener());
    let clients: Vec<TcpStream> = (0..CLIENTS)
        .map(|_| TcpStream::connect(address).expect("it listens"))
        .collect();
    let noted = log.clone();
    let accepted = evconnlistener_new(&mut base, listener, move |_, mut stream| {
        let client = stream.peer_addr().expect("it is connected");
        stream.write_all(b"!").expect("there is room");
        noted.note(Some(client));
    });
    accepted.expect("it can be watched");
    let (socket, _peer) = spoken_to();
    let noted = log.clone();
    let neighbour = base.event_new(socket, What::READ, move |_, _, _| noted.note(None));
    base.event_add(neighbour, None).expect("it can be watched");
    turn(&mut base);
    let mut told = log.take();
    assert!(told.contains(&None), "the neighbour still waits");
    assert!((10..CLIENTS).contains(&told.len()), "{}", told.len());
    while told.len() < CLIENTS + 1 {
        turn(&mut base);
        let more = log.take();
        assert!(!more.is_empty(), "{} are accepted", told.len());
        told.extend(more);
    }
    let mut expected: Vec<_> = clients
        .iter()
        .map(|client| client.local_addr().ok())
        .chain([None])
        .collect();
    expected.sort();
    told.sort();
    assert_eq!(told, expected);
    for mut client in clients {
        client.set_read_timeout(Some(PATIENCE)).expect("a socket");
        let mut heard = Vec::new();
        client.read_to_end(&mut heard).expect("an end");
        assert_eq!(heard, b"!", "each of them has its own connection");
    }
    turn(&mut base);
    assert_eq!(log.take(), []);
}

#[test]
fn a_client_that_comes_later_is_accepted_as_well() {
    let (mut base, log, (listener, address)) = (base(), Log::new(), listener());
    let noted = log.clone();
    let accepted = evconnlistener_new(&mut base, listener, move |base, _| {
        noted.note(());
        base.loopbreak();
    });
    accepted.expect("it can be watched");
    for _ in 0..3 {
        let _client = TcpStream::connect(address).expect("it listens");
        base.dispatch().expect("it can wait");
        assert_eq!(log.take(), [()]);
    }
}

#[test]
fn a_listener_goes_with_its_base() {
    let (mut base, (listener, address)) = (base(), listener());
    let owned = Rc::new(());
    let watched = Rc::downgrade(&owned);
    let accepted = evconnlistener_new(&mut base, listener, move |_, _| {
        let _keep = &owned;
    });
    accepted.expect("it can be watched");
    drop(base);
    assert!(watched.upgrade().is_none(), "its callback outlives it");
    let error = TcpStream::connect(address).expect_err("nobody listens");
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
}
