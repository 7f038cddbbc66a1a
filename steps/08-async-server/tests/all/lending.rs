//! The buffer that everybody receives into: who has it, and when it is given back.

use crate::peer::{Peer, connection_and_peer, heard};
use crate::running::{run, turns};
use allocation_counter::measure;
use async_server::{Connection, Runtime};
use std::pin::{Pin, pin};
use std::task::Context;

/// The size of one buffer, in bytes.
const BUFFER: u64 = 16 * 1024;

/// Has `future` go on by hand, and tells how much memory it took to be done.
async fn measured<F: Future>(mut future: Pin<&mut F>) -> (F::Output, u64) {
    let mut total = 0;
    let done = std::future::poll_fn(|context: &mut Context<'_>| {
        let mut polled = std::task::Poll::Pending;
        let taken = measure(|| polled = future.as_mut().poll(context));
        total += taken.bytes_total;
        polled
    });
    (done.await, total)
}

async fn say_and_hear(connection: &mut Connection, peer: &Peer, word: &str) {
    peer.say(word);
    assert_eq!(heard(connection).await, word);
}

fn pairs<const N: usize>(runtime: &Runtime) -> [(Connection, Peer); N] {
    [(); N].map(|()| connection_and_peer(runtime))
}

#[test]
fn connections_that_take_turns_share_one_buffer() {
    run(|runtime| async move {
        let mut all = pairs::<3>(&runtime);
        let mut exchanges = pin!(async {
            for _ in 0..20 {
                for (connection, peer) in &mut all {
                    say_and_hear(connection, peer, "abc").await;
                    connection.send(b"def").await.expect("it is connected");
                    assert_eq!(peer.hear(3), b"def");
                }
            }
        });
        let ((), taken) = measured(exchanges.as_mut()).await;
        assert!(taken >= BUFFER, "it was not measured");
        assert!(taken < 2 * BUFFER, "{taken} bytes");
    });
}

#[test]
fn whoever_waits_to_receive_again_has_given_it_back() {
    run(|runtime| async move {
        let mut all = pairs::<20>(&runtime);
        let mut exchanges = pin!(async {
            for (connection, peer) in &mut all {
                say_and_hear(connection, peer, "abc").await;
                let waiting = crate::running::poll_once(pin!(connection.receive())).await;
                assert!(waiting.is_pending());
            }
        });
        let ((), taken) = measured(exchanges.as_mut()).await;
        assert!((BUFFER..2 * BUFFER).contains(&taken), "{taken} bytes");
    });
}

#[test]
fn what_was_lent_stays_what_it_was_while_others_receive() {
    run(|runtime| async move {
        let [(mut one, peer), (mut other, other_peer)] = pairs(&runtime);
        peer.say("abc");
        let lent = one.receive().await.expect("it is connected");
        say_and_hear(&mut other, &other_peer, "another one's").await;
        assert_eq!(lent, Some(&b"abc"[..]));
        // And both give theirs back.
        say_and_hear(&mut one, &peer, "def").await;
        say_and_hear(&mut other, &other_peer, "ghi").await;
    });
}

#[test]
fn a_connection_that_is_dropped_with_it_harms_nobody() {
    run(|runtime| async move {
        for _ in 0..3 {
            let [(mut one, peer), (mut other, other_peer)] = pairs(&runtime);
            say_and_hear(&mut one, &peer, "abc").await;
            drop(one);
            assert_eq!(peer.hear_all(), b"");
            say_and_hear(&mut other, &other_peer, "def").await;
            say_and_hear(&mut other, &other_peer, "ghi").await;
        }
    });
}

#[test]
fn a_task_that_is_cancelled_with_it_harms_nobody() {
    run(|runtime| async move {
        let [(mut one, peer), (mut other, other_peer)] = pairs(&runtime);
        let task = runtime.spawn(async move {
            let lent = one.receive().await.expect("it is connected");
            std::future::pending::<()>().await;
            unreachable!("it has {lent:?}");
        });
        peer.say("abc");
        turns(3).await;
        say_and_hear(&mut other, &other_peer, "def").await;
        drop::<async_server::Task<()>>(task);
        say_and_hear(&mut other, &other_peer, "ghi").await;
    });
}
