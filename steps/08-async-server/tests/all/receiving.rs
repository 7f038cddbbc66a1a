//! What comes, over real connections.

use crate::peer::{babble, connection, connection_and_peer, heard, pair, until_it_has_come};
use crate::running::{asleep, run, turns, waits};
use async_server::TcpStream;
use std::io::ErrorKind;
use std::pin::pin;

/// How much one `recv(2)` may bring, in bytes: the step's own promise.
const RECEIVE_SIZE: usize = 16 * 1024;

#[test]
fn what_comes_is_lent_in_its_order() {
    run(|runtime| async move {
        let (mut connection, peer) = connection_and_peer(&runtime);
        for word in ["abc", "d", "ef"] {
            peer.say(word);
            assert_eq!(heard(&mut connection).await, word);
        }
    });
}

#[test]
fn it_waits_until_something_comes() {
    run(|runtime| async move {
        let (mut connection, peer) = connection_and_peer(&runtime);
        assert!(waits(pin!(connection.receive())).await);
        let task = runtime.spawn(async move { heard(&mut connection).await });
        asleep().await;
        peer.say("abc");
        assert_eq!(task.await, "abc");
    });
}

#[test]
fn the_end_is_told_as_often_as_one_asks() {
    run(|runtime| async move {
        let (mut connection, peer) = connection_and_peer(&runtime);
        peer.say("abc");
        peer.finish();
        assert_eq!(heard(&mut connection).await, "abc");
        for _ in 0..3 {
            assert_eq!(connection.receive().await.expect("no error"), None);
        }
        // The other direction goes on.
        connection.send(b"def").await.expect("it is connected");
        drop(connection);
        assert_eq!(peer.hear_all(), b"def");
    });
}

#[test]
fn a_reset_is_an_error() {
    run(|runtime| async move {
        let (mut connection, peer) = connection_and_peer(&runtime);
        let receive = runtime.spawn(async move {
            let ended = connection.receive().await.map(|_| ());
            ended.map_err(|error| error.kind())
        });
        asleep().await;
        peer.reset();
        assert_eq!(receive.await, Err(ErrorKind::ConnectionReset));
    });
}

#[test]
fn at_most_one_buffer_full_is_lent_at_a_time_and_nothing_gets_lost() {
    run(|runtime| async move {
        let (socket, peer) = pair();
        let watched = socket.try_clone().expect("there are descriptors");
        let mut connection = connection(&runtime, socket);
        let said = babble(10 * RECEIVE_SIZE + 1);
        let (words, mut received) = (said.clone(), Vec::new());
        let saying = std::thread::spawn(move || {
            peer.say(&words);
            peer.finish();
        });
        let mut several = vec![0; RECEIVE_SIZE + 1];
        // More than one of them waits in the kernel.
        while watched
            .peek(&mut several)
            .is_ok_and(|it| it <= RECEIVE_SIZE)
            || watched
                .peek(&mut several)
                .is_err_and(|it| it.kind() == ErrorKind::WouldBlock)
        {
            std::thread::yield_now();
        }
        while let Some(lent) = connection.receive().await.expect("it is connected") {
            assert!(!lent.is_empty() && lent.len() <= RECEIVE_SIZE);
            received.extend_from_slice(lent);
        }
        assert!(received == said);
        saying.join().expect("it does not panic");
    });
}

#[test]
fn one_that_waits_keeps_no_other_from_receiving() {
    run(|runtime| async move {
        let (mut silent, _peer) = connection_and_peer(&runtime);
        let _waiting = runtime.spawn(async move { silent.receive().await.map(|_| ()) });
        let (mut connection, peer) = connection_and_peer(&runtime);
        for _ in 0..3 {
            peer.say("abc");
            assert_eq!(heard(&mut connection).await, "abc");
        }
    });
}

#[test]
fn many_receive_each_its_own() {
    run(|runtime| async move {
        let (tasks, peers): (Vec<_>, Vec<_>) = (0..50)
            .map(|_| {
                let (mut connection, peer) = connection_and_peer(&runtime);
                let task = runtime.spawn(async move {
                    let mut all = String::new();
                    while all.len() < 20 {
                        all += &heard(&mut connection).await;
                    }
                    all
                });
                (task, peer)
            })
            .unzip();
        for _ in 0..2 {
            for (number, peer) in peers.iter().enumerate().rev() {
                peer.say(format!("{number:10}"));
            }
            turns(3).await;
        }
        for (number, task) in tasks.into_iter().enumerate() {
            assert_eq!(task.await, format!("{number:10}").repeat(2));
        }
    });
}

#[test]
fn without_waiting_one_is_told_that_nothing_has_come() {
    run(|runtime| async move {
        let (socket, peer) = pair();
        let watched = socket.try_clone().expect("there are descriptors");
        let mut socket = TcpStream::from_std(&runtime, socket).expect("it can be watched");
        let mut buffer = [0; 8];
        let error = socket.try_read(&mut buffer).expect_err("nothing has come");
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
        peer.say("abc");
        until_it_has_come(&watched);
        assert_eq!(socket.try_read(&mut buffer).expect("it has come"), 3);
        assert_eq!(&buffer[..3], b"abc");
        // What was taken without waiting makes no later wait end.
        assert!(waits(pin!(socket.readable())).await);
        peer.say("d");
        socket.readable().await.expect("it can be watched");
        assert_eq!(socket.try_read(&mut buffer).expect("it has come"), 1);
    });
}
