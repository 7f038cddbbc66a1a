//! What a waiting connection costs, which is no buffer; and a task that is over: nothing.

use crate::bell::Bell;
use crate::peer::{MUCH, babble, connection, connection_and_peer, heard, narrow_pair};
use crate::running::{asleep, turns};
use crate::support::watchdog;
use allocation_counter::{AllocationInfo, measure};
use async_server::{Runtime, converse};
use std::rc::Rc;

const STREAMS: usize = 200;
/// What one of them may hold, in bytes: its task, its event, its place in some tables. A buffer is
/// 16 KiB.
const EACH: u64 = 2_000;

/// The most that a whole runtime holds at a time.
fn measured<F: Future<Output = ()> + 'static>(main: impl FnOnce(Runtime) -> F) -> AllocationInfo {
    let _watchdog = watchdog();
    measure(|| Runtime::run(main).expect("there are descriptors"))
}

fn assert_little(taken: AllocationInfo) {
    // And one buffer for all, and what the loop holds.
    let allowed = STREAMS as u64 * EACH + 100_000;
    assert!(taken.bytes_max < allowed, "{taken:?}");
}

#[test]
fn who_waits_to_receive_holds_no_buffer() {
    let taken = measured(|runtime| async move {
        let mut peers = Vec::new();
        for _ in 0..STREAMS {
            let (connection, peer) = connection_and_peer(&runtime);
            runtime.spawn_detached(converse(connection));
            peers.push(peer);
        }
        // They have received, answered, and wait again.
        for _ in 0..2 {
            for peer in &peers {
                peer.say("Hello\n");
            }
            turns(5).await;
            for peer in &peers {
                while !peer.has_heard() {
                    turns(1).await;
                }
                assert_eq!(peer.hear(6), b"Uryyb\n");
            }
        }
        asleep().await;
    });
    assert_little(taken);
}

#[test]
fn who_waits_to_send_holds_no_buffer() {
    let much: Rc<[u8]> = babble(MUCH).into();
    let taken = measured(|runtime| async move {
        let (mut peers, sent) = (Vec::new(), Bell::default());
        for _ in 0..STREAMS {
            let (socket, peer) = narrow_pair();
            let (mut connection, much, sent) =
                (connection(&runtime, socket), Rc::clone(&much), sent.wait());
            runtime.spawn_detached(async move {
                assert_eq!(heard(&mut connection).await, "abc");
                let _gone = connection.send(&much).await;
                sent.await;
            });
            peer.say("abc");
            peers.push(peer);
        }
        asleep().await;
        assert_eq!(sent.polls(), 0, "somebody has sent all");
    });
    assert_little(taken);
}

#[test]
fn tasks_that_are_over_leave_nothing() {
    let taken = measured(|runtime| async move {
        for _ in 0..10_000 {
            runtime.spawn_detached(async {});
            runtime.spawn(async {}).await;
            drop(runtime.spawn(async {}));
        }
    });
    assert!(taken.bytes_max < 30_000, "{taken:?}");
}
