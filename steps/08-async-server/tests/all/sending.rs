//! What is sent, and who does not read it.

use crate::bell::Bell;
use crate::peer::{
    MUCH, babble, connection, connection_and_peer, heard, narrow_pair, pair, until_it_has_come,
};
use crate::running::{asleep, poll_once, run, waits};
use async_server::TcpStream;
use std::io::ErrorKind;
use std::pin::pin;
use std::thread;

#[test]
fn what_fits_is_sent_without_waiting() {
    run(|runtime| async move {
        let (mut connection, peer) = connection_and_peer(&runtime);
        for word in ["abc", "", "de"] {
            let sent = poll_once(pin!(connection.send(word.as_bytes()))).await;
            assert!(matches!(sent, std::task::Poll::Ready(Ok(()))));
            assert_eq!(peer.hear(word.len()), word.as_bytes());
        }
    });
}

#[test]
fn a_peer_that_does_not_read_makes_only_its_own_task_wait() {
    run(|runtime| async move {
        let (socket, deaf) = narrow_pair();
        let mut sender = connection(&runtime, socket);
        let bell = Bell::default();
        let polls = bell.wait();
        let sending = runtime.spawn(async move {
            let sent = sender.send(&babble(MUCH)).await;
            sent.expect("it is connected");
            polls.await;
        });
        asleep().await;
        assert_eq!(bell.polls(), 0, "there is no room for that much");
        // Another one is served.
        let (mut other, peer) = connection_and_peer(&runtime);
        for _ in 0..3 {
            peer.say("abc");
            assert_eq!(heard(&mut other).await, "abc");
            other.send(b"def").await.expect("it is connected");
            assert_eq!(peer.hear(3), b"def");
        }
        assert_eq!(bell.polls(), 0);
        let hearing = thread::spawn(move || deaf.hear(MUCH));
        bell.ring();
        sending.await;
        let heard = hearing.join().expect("it does not panic");
        assert!(heard == babble(MUCH));
    });
}

#[test]
fn much_goes_there_and_back_whole() {
    run(|runtime| async move {
        let (socket, peer) = narrow_pair();
        let mut echo = connection(&runtime, socket);
        let echoing = runtime.spawn(async move {
            while let Some(received) = echo.receive().await.expect("it is connected") {
                let received = received.to_vec();
                echo.send(&received).await.expect("it is connected");
            }
        });
        let talking = thread::spawn(move || {
            thread::scope(|scope| {
                scope.spawn(|| {
                    peer.say(babble(MUCH));
                    peer.finish();
                });
                peer.hear_all()
            })
        });
        echoing.await;
        let heard = talking.join().expect("it does not panic");
        assert!(heard == babble(MUCH));
    });
}

#[test]
fn who_waits_to_send_is_not_woken_for_what_it_does_not_read() {
    run(|runtime| async move {
        let (socket, peer) = narrow_pair();
        let watched = socket.try_clone().expect("there are descriptors");
        let mut connection = connection(&runtime, socket);
        // It has waited to read, before.
        peer.say("abc");
        assert_eq!(heard(&mut connection).await, "abc");
        peer.say("unread");
        until_it_has_come(&watched);
        let much = babble(MUCH);
        assert!(waits(pin!(connection.send(&much))).await);
        // What has come is there for who reads it then.
        assert_eq!(heard(&mut connection).await, "unread");
    });
}

#[test]
fn a_reset_ends_a_send_that_waits() {
    run(|runtime| async move {
        let (socket, peer) = narrow_pair();
        let mut connection = connection(&runtime, socket);
        let sending = runtime.spawn(async move { connection.send(&babble(MUCH)).await });
        asleep().await;
        peer.reset();
        let error = sending.await.expect_err("nobody is there");
        let broken = [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe];
        assert!(broken.contains(&error.kind()), "{error}");
    });
}

#[test]
fn a_peer_that_is_gone_ends_sending() {
    run(|runtime| async move {
        let (mut connection, peer) = connection_and_peer(&runtime);
        drop(peer);
        let error = loop {
            if let Err(error) = connection.send(b"Is anybody there?").await {
                break error;
            }
        };
        let broken = [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe];
        assert!(broken.contains(&error.kind()), "{error}");
    });
}

#[test]
fn without_waiting_as_much_is_sent_as_there_is_room_for() {
    run(|runtime| async move {
        let (socket, peer) = narrow_pair();
        let mut socket = TcpStream::from_std(&runtime, socket).expect("it can be watched");
        socket.writable().await.expect("there is room");
        let (much, mut sent) = (babble(MUCH), 0);
        let error = loop {
            match socket.try_write(&much[sent..]) {
                Ok(length) => sent += length,
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
        assert!((1..MUCH).contains(&sent));
        assert!(waits(pin!(socket.writable())).await);
        let hearing = thread::spawn(move || peer.hear_all());
        socket.writable().await.expect("there is room");
        let more = socket.try_write(&much[sent..]).expect("there is room");
        drop(socket);
        let heard = hearing.join().expect("it does not panic");
        assert!(heard == much[..sent + more]);
    });
}

#[test]
fn answers_do_not_wait_for_one_another() {
    run(|runtime| async move {
        let (socket, _peer) = pair();
        let watched = socket.try_clone().expect("there are descriptors");
        let socket = TcpStream::from_std(&runtime, socket).expect("it can be watched");
        assert!(!watched.nodelay().expect("a socket"));
        let connection = async_server::Connection::new(socket);
        assert!(watched.nodelay().expect("a socket"), "Nagle is at work");
        drop(connection);
    });
}
