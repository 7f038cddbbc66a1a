//! Clients that connect.

use crate::peer::{Peer, until_it_has_come};
use crate::running::{poll_once, run, turn, turns, waits};
use crate::support::Log;
use async_server::{Connection, Elapsed, Runtime, TcpListener};
use std::net;
use std::pin::pin;
use std::time::Duration;

/// More than are accepted in one turn.
const CLIENTS: usize = 50;
/// How many are accepted in one turn: the step's own promise.
const ACCEPTS_PER_TURN: usize = 16;

/// A listener, and itself once more.
fn listener(runtime: &Runtime) -> (TcpListener, net::TcpListener) {
    let listener = net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let other = listener.try_clone().expect("there are descriptors");
    let listener = TcpListener::from_std(runtime, listener).expect("it can be watched");
    (listener, other)
}

fn connect(listener: &net::TcpListener) -> Peer {
    Peer::connect(listener.local_addr().expect("it is bound"))
}

#[test]
fn it_waits_until_somebody_comes() {
    run(|runtime| async move {
        let (mut listener, other) = listener(&runtime);
        assert!(waits(pin!(listener.accept())).await);
        for _ in 0..3 {
            let peer = connect(&other);
            let (socket, address) = listener.accept().await.expect("somebody waits");
            assert_eq!(address, peer.address());
            let mut connection = Connection::new(socket);
            connection.send(b"abc").await.expect("it is connected");
            drop(connection);
            assert_eq!(peer.hear_all(), b"abc");
            assert!(waits(pin!(listener.accept())).await);
        }
    });
}

#[test]
fn others_get_their_turn_while_many_are_accepted() {
    run(|runtime| async move {
        let (mut listener, other) = listener(&runtime);
        let peers: Vec<Peer> = (0..CLIENTS).map(|_| connect(&other)).collect();
        let log = Log::new();
        let noted = log.clone();
        runtime.spawn_detached(async move {
            loop {
                noted.note("another task");
                turn().await;
            }
        });
        let noted = log.clone();
        let accepting = runtime.spawn(async move {
            let mut all = Vec::new();
            while all.len() < CLIENTS {
                all.push(listener.accept().await.expect("somebody waits"));
                noted.note("accepted");
            }
            all
        });
        let accepted = accepting.await;
        let noted = log.take();
        let between = noted.split(|&it| it == "another task").map(<[_]>::len);
        let most = between.max();
        assert_eq!(most, Some(ACCEPTS_PER_TURN));
        drop(accepted);
        for peer in peers {
            assert_eq!(peer.hear_all(), b"", "each of them was accepted");
        }
    });
}

#[test]
fn when_another_process_was_faster_it_waits_for_the_next_one() {
    run(|runtime| async move {
        let (mut listener, other) = listener(&runtime);
        let mut accept = pin!(listener.accept());
        assert!(poll_once(accept.as_mut()).await.is_pending());
        let first = connect(&other);
        until_it_has_come(&other);
        // The news has come, and then somebody else accepts.
        turns(2).await;
        let taken = other.accept().expect("somebody waits");
        assert_eq!(taken.1, first.address());
        assert!(waits(accept.as_mut()).await);
        let second = connect(&other);
        let connection = accept.await.expect("somebody waits");
        drop(connection);
        assert_eq!(second.hear_all(), b"");
    });
}

#[test]
fn an_accept_that_was_given_up_loses_nobody() {
    run(|runtime| async move {
        let (mut listener, other) = listener(&runtime);
        let soon = Duration::from_millis(20);
        let given_up = runtime.timeout(soon, listener.accept()).await;
        assert!(matches!(given_up, Err(Elapsed)));
        let peer = connect(&other);
        let (connection, _) = listener.accept().await.expect("somebody waits");
        drop(connection);
        assert_eq!(peer.hear_all(), b"");
    });
}

#[test]
fn clients_that_nobody_accepts_let_the_loop_sleep() {
    run(|runtime| async move {
        let (mut listener, other) = listener(&runtime);
        assert!(waits(pin!(listener.accept())).await);
        let peer = connect(&other);
        until_it_has_come(&other);
        assert!(waits(pin!(std::future::pending::<()>())).await);
        let accepted = listener.accept().await;
        drop(accepted.expect("somebody waits"));
        assert_eq!(peer.hear_all(), b"");
    });
}

#[test]
fn a_listener_that_is_dropped_listens_no_more() {
    run(|runtime| async move {
        let (listener, other) = listener(&runtime);
        let address = other.local_addr().expect("it is bound");
        drop((listener, other));
        let error = net::TcpStream::connect(address).expect_err("nobody listens");
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
    });
}
