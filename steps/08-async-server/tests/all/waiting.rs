//! Waits that were given up, and those that come after them; and what a socket that nobody waits for
//! costs.

use crate::peer::{MUCH, babble, connection, connection_and_peer, heard, narrow_pair, pair};
use crate::peer::{Peer, until_it_has_come};
use crate::running::{poll_once, run, turns, waits};
use async_server::{Connection, Elapsed, Runtime, TcpStream};
use std::future::pending;
use std::net;
use std::pin::pin;
use std::task::Poll;
use std::thread;
use std::time::{Duration, SystemTime};

const SHORT: Duration = Duration::from_millis(20);

/// A connection, its peer, and its socket once more, to see what has come.
fn seen(runtime: &Runtime) -> (Connection, Peer, net::TcpStream) {
    let (socket, peer) = pair();
    let watched = socket.try_clone().expect("there are descriptors");
    (connection(runtime, socket), peer, watched)
}

#[test]
fn a_receive_that_was_given_up_loses_nothing() {
    run(|runtime| async move {
        let (mut connection, peer, watched) = seen(&runtime);
        for _ in 0..3 {
            let elapsed = runtime.timeout(SHORT, connection.receive()).await;
            assert!(matches!(elapsed, Err(Elapsed)));
            peer.say("abc");
            assert_eq!(heard(&mut connection).await, "abc");
            // Given up when something has come, but before it could go on.
            assert!(poll_once(pin!(connection.receive())).await.is_pending());
            peer.say("def");
            until_it_has_come(&watched);
            turns(2).await;
            assert_eq!(heard(&mut connection).await, "def");
        }
    });
}

#[test]
fn whenever_it_is_given_up_all_bytes_come_in_their_order() {
    let seed = SystemTime::UNIX_EPOCH
        .elapsed()
        .map_or(1, |it| it.as_nanos() as u64)
        | 1;
    println!("seed {seed}");
    run(move |runtime| async move {
        let (mut connection, peer) = connection_and_peer(&runtime);
        let said = babble(300_000);
        let words = said.clone();
        let talking = thread::spawn(move || {
            let (mut left, mut random) = (&words[..], seed);
            while !left.is_empty() {
                // Xorshift: any odd seed will do.
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                let (word, rest) = left.split_at(left.len().min(random as usize % 3_000));
                peer.say(word);
                left = rest;
                if random % 4 == 0 {
                    thread::yield_now();
                }
            }
            peer.finish();
        });
        let (mut received, mut given_up) = (Vec::new(), 0);
        loop {
            match runtime.timeout(Duration::ZERO, connection.receive()).await {
                Err(Elapsed) => given_up += 1,
                Ok(Ok(Some(bytes))) => received.extend_from_slice(bytes),
                Ok(Ok(None)) => break,
                Ok(Err(error)) => panic!("{error}"),
            }
        }
        println!("given up {given_up} times");
        assert!(received == said);
        talking.join().expect("it does not panic");
    });
}

#[test]
fn who_gave_up_to_receive_is_not_told_so_when_it_waits_to_send() {
    run(|runtime| async move {
        let (socket, peer) = narrow_pair();
        let watched = socket.try_clone().expect("there are descriptors");
        let mut connection = connection(&runtime, socket);
        assert!(poll_once(pin!(connection.receive())).await.is_pending());
        peer.say("abc");
        until_it_has_come(&watched);
        let much = babble(MUCH);
        assert!(waits(pin!(connection.send(&much))).await);
        assert_eq!(heard(&mut connection).await, "abc");
    });
}

#[test]
fn who_gave_up_to_send_is_not_told_so_when_it_waits_to_receive() {
    run(|runtime| async move {
        let (socket, peer) = narrow_pair();
        let mut connection = connection(&runtime, socket);
        let much = babble(MUCH);
        assert!(waits(pin!(connection.send(&much))).await);
        // There is room again, but nothing has come.
        thread::spawn(move || peer.hear(1_000).len() + peer.hear_all().len());
        assert!(waits(pin!(connection.receive())).await);
    });
}

#[test]
fn news_for_a_wait_that_was_given_up_is_none_for_the_next_one() {
    run(|runtime| async move {
        let (socket, peer) = pair();
        let watched = socket.try_clone().expect("there are descriptors");
        let mut socket = TcpStream::from_std(&runtime, socket).expect("it can be watched");
        for _ in 0..3 {
            assert!(poll_once(pin!(socket.readable())).await.is_pending());
            peer.say("abc");
            until_it_has_come(&watched);
            // The news comes; nobody waits for it. The bytes are taken all the same.
            turns(3).await;
            assert_eq!(socket.try_read(&mut [0; 8]).expect("it has come"), 3);
            assert!(waits(pin!(socket.readable())).await);
        }
    });
}

#[test]
fn a_wait_that_is_polled_for_other_reasons_goes_on() {
    run(|runtime| async move {
        let (mut connection, peer, watched) = seen(&runtime);
        {
            let mut receive = pin!(connection.receive());
            for _ in 0..5 {
                assert!(poll_once(receive.as_mut()).await.is_pending());
                turns(1).await;
            }
            peer.say("abc");
            until_it_has_come(&watched);
            assert!(matches!(receive.await, Ok(Some(b"abc"))));
        }
        // Who asks again before the news is told is not told it by that.
        let mut receive = pin!(connection.receive());
        assert!(poll_once(receive.as_mut()).await.is_pending());
        peer.say("def");
        until_it_has_come(&watched);
        assert!(matches!(poll_once(receive.as_mut()).await, Poll::Pending));
        assert!(matches!(receive.await, Ok(Some(b"def"))));
    });
}

#[test]
fn bytes_that_nobody_waits_for_let_the_loop_sleep() {
    run(|runtime| async move {
        let (mut connection, peer, watched) = seen(&runtime);
        // It has waited once, so the kernel watches it.
        peer.say("abc");
        assert_eq!(heard(&mut connection).await, "abc");
        peer.say("def");
        until_it_has_come(&watched);
        assert!(waits(pin!(pending::<()>())).await);
        assert!(waits(pin!(pending::<()>())).await);
        assert_eq!(heard(&mut connection).await, "def");
        // Nor does room that nobody needs keep it awake, nor the end that nobody has heard yet.
        let mut socket = TcpStream::from_std(&runtime, pair().0).expect("it can be watched");
        socket.writable().await.expect("there is room");
        peer.finish();
        assert!(waits(pin!(pending::<()>())).await);
        assert!(connection.receive().await.expect("no error").is_none());
        drop(peer);
        assert!(waits(pin!(pending::<()>())).await);
    });
}

#[test]
fn a_reset_that_nobody_waits_for_lets_the_loop_sleep() {
    run(|runtime| async move {
        let (mut connection, peer, watched) = seen(&runtime);
        peer.say("abc");
        assert_eq!(heard(&mut connection).await, "abc");
        peer.reset();
        until_it_has_come(&watched);
        assert!(waits(pin!(pending::<()>())).await);
        assert!(connection.receive().await.is_err());
    });
}

#[test]
fn a_connection_can_be_handed_from_task_to_task() {
    run(|runtime| async move {
        let (mut connection, peer) = connection_and_peer(&runtime);
        for _ in 0..3 {
            let task = runtime.spawn(async move {
                // It waited here, and will wait there.
                assert!(poll_once(pin!(connection.receive())).await.is_pending());
                connection
            });
            connection = task.await;
            let task = runtime.spawn(async move {
                assert_eq!(heard(&mut connection).await, "abc");
                connection
            });
            turns(2).await;
            peer.say("abc");
            connection = task.await;
        }
    });
}
