//! To drop a connection is to close its connection.

use crate::bell::Bell;
use crate::peer::{MUCH, babble};
use crate::peer::{connection, connection_and_peer, heard, narrow_pair};
use crate::running::{asleep, run, turn, turns};
use async_server::converse;
#[cfg(target_os = "linux")]
use async_server::{Connection, TcpStream};
use std::cell::Cell;
#[cfg(target_os = "linux")]
use std::os::{fd::OwnedFd, unix::net::UnixStream};
use std::rc::Rc;
#[cfg(target_os = "linux")]
use std::{io::ErrorKind, io::Write as _, net};

#[test]
fn a_connection_that_is_dropped_is_closed() {
    run(|runtime| async move {
        let (connection, peer) = connection_and_peer(&runtime);
        drop(connection);
        assert_eq!(peer.hear_all(), b"");
        let (mut connection, peer) = connection_and_peer(&runtime);
        peer.say("abc");
        assert_eq!(heard(&mut connection).await, "abc");
        connection.send(b"def").await.expect("it is connected");
        drop(connection);
        assert_eq!(peer.hear_all(), b"def", "what was sent arrives");
    });
}

#[test]
fn the_connections_of_a_cancelled_task_are_closed() {
    run(|runtime| async move {
        let (mut receiver, peer) = connection_and_peer(&runtime);
        let receiving = runtime.spawn(async move { receiver.receive().await.map(|_| ()) });
        let (socket, other) = narrow_pair();
        let mut sender = connection(&runtime, socket);
        let sending = runtime.spawn(async move { sender.send(&babble(MUCH)).await });
        asleep().await;
        drop((receiving, sending));
        assert_eq!(peer.hear_all(), b"");
        let heard = other.hear_all();
        assert!(heard.len() < MUCH && heard == babble(MUCH)[..heard.len()]);
    });
}

#[test]
fn all_are_closed_when_main_is_done() {
    let peers = run(|runtime| async move {
        let mut peers = Vec::new();
        for _ in 0..10 {
            let (connection, peer) = connection_and_peer(&runtime);
            runtime.spawn_detached(converse(connection));
            peers.push(peer);
        }
        turns(3).await;
        peers
    });
    for peer in peers {
        assert_eq!(peer.hear_all(), b"");
    }
}

#[test]
fn one_that_has_news_may_be_dropped_by_another_that_has_as_well() {
    run(|runtime| async move {
        let tasks: Rc<[Cell<Option<_>>; 2]> = Rc::default();
        let bell = Bell::default();
        let mut peers = Vec::new();
        for number in 0..2 {
            let (mut connection, peer) = connection_and_peer(&runtime);
            let (others, bell) = (Rc::clone(&tasks), bell.clone());
            let task = runtime.spawn(async move {
                assert_eq!(heard(&mut connection).await, "abc");
                drop(others[1 - number].take());
                bell.ring();
                std::future::pending::<()>().await;
            });
            tasks[number].set(Some(task));
            peers.push(peer);
        }
        asleep().await;
        for peer in &peers {
            peer.say("abc");
        }
        bell.wait().await;
        turns(3).await;
        let left = tasks.iter().filter(|task| task.take().is_some());
        assert_eq!(left.count(), 1);
    });
}

#[test]
fn a_new_connection_in_the_place_of_an_old_one_hears_only_its_own() {
    run(|runtime| async move {
        for round in 0..20 {
            let (mut connection, peer) = connection_and_peer(&runtime);
            peer.say(format!("{round}"));
            assert_eq!(heard(&mut connection).await, format!("{round}"));
            peer.say("unread");
            turn().await;
        }
    });
}

#[cfg(target_os = "linux")]
#[test]
fn who_has_no_options_of_tcp_is_served_all_the_same() {
    run(|runtime| async move {
        let (socket, mut peer) = UnixStream::pair().expect("there are descriptors");
        let socket = net::TcpStream::from(OwnedFd::from(socket));
        let socket = TcpStream::from_std(&runtime, socket).expect("it can be watched");
        // It has no TCP_NODELAY.
        let mut connection = Connection::new(socket);
        peer.write_all(b"abc").expect("it is connected");
        assert_eq!(heard(&mut connection).await, "abc");
    });
}

#[cfg(target_os = "linux")]
#[test]
fn what_the_kernel_cannot_watch_cannot_be_waited_for() {
    run(|runtime| async move {
        let file = std::fs::File::open(env!("CARGO_MANIFEST_PATH")).expect("it is there");
        let file = net::TcpStream::from(OwnedFd::from(file));
        let mut file = TcpStream::from_std(&runtime, file).expect("nothing is watched yet");
        for _ in 0..2 {
            let error = file.readable().await.expect_err("it is always ready");
            assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error}");
        }
        turns(2).await;
    });
}
