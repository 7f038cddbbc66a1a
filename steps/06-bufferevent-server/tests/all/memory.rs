//! How much memory buffers and bufferevents hold.

use crate::calls::{Calls, Told};
use crate::peer::{babble, given, narrow_pair, pair};
use crate::support::{Log, base, turn};
use allocation_counter::measure;
use bufferevent_server::{EvBuffer, RECEIVE_SIZE, Readln};
use event_loop_server::What;
use std::mem;

/// What a few words of bookkeeping may come to, in bytes.
const LITTLE: i64 = 1_000;

#[test]
fn an_empty_buffer_owns_no_memory_however_it_became_empty() {
    let ways: [fn(&mut EvBuffer); 6] = [
        |_| {},
        |buffer| buffer.drain(0),
        |buffer| {
            buffer.add(&[b'x'; 100_000]);
            buffer.drain(100_000);
        },
        |buffer| {
            buffer.add(&[b'x'; 100_000]);
            buffer.drain(1);
            buffer.drain(usize::MAX);
        },
        |buffer| {
            buffer.add(&[b'x'; 100_000]);
            assert_eq!(buffer.remove(&mut vec![0; 200_000]), 100_000);
        },
        |buffer| {
            buffer.add(&b"abc\n".repeat(1_000));
            while let Readln::Line(_) = buffer.readln(10) {}
        },
    ];
    for (number, way) in ways.into_iter().enumerate() {
        let mut buffer = EvBuffer::new();
        let owned = measure(|| way(&mut buffer)).bytes_current;
        assert!(buffer.is_empty());
        assert_eq!(owned, 0, "way {number}");
    }
}

#[test]
fn what_is_drained_does_not_add_up() {
    let mut buffer = EvBuffer::new();
    buffer.add(&[b'x'; 10_000]);
    let owned = measure(|| {
        for _ in 0..10_000 {
            buffer.add(&[b'x'; 100]);
            buffer.drain(100);
        }
    });
    assert!(owned.bytes_max < 50_000, "{owned:?}");
}

#[test]
fn a_bufferevent_has_no_memory_for_what_has_not_come() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), pair());
    let handle = given(&mut base, socket, Calls::noting(&log), |bev| {
        bev.enable(What::READ)
    });
    peer.say(b"abc");
    turn(&mut base);
    assert_eq!(log.take(), [Told::Read(3)]);
    // The loop has its own memory by now, and so have the callbacks.
    peer.say(b"def");
    let owned = measure(|| turn(&mut base)).bytes_current;
    assert!(owned < LITTLE, "{owned} bytes for 3");
    assert_eq!(log.take(), [Told::Read(6)]);
    let freed = measure(|| {
        handle
            .with(&mut base, |bev| bev.input.drain(6))
            .expect("it lives")
    });
    assert!(
        freed.bytes_current < 0 && freed.bytes_current > -LITTLE,
        "{freed:?}"
    );
}

#[test]
fn what_was_taken_from_the_front_leaves_nothing_in_front_of_the_rest() {
    let (mut base, log, (socket, peer)) = (base(), Log::<Told>::new(), pair());
    let calls = Calls::noting(&log).on_read(|_, bev| bev.input.drain(bev.input.len() - 3));
    given(&mut base, socket, calls, |bev| bev.enable(What::READ));
    peer.say(b"abc");
    turn(&mut base);
    log.take();
    peer.say(&babble(RECEIVE_SIZE));
    let owned = measure(|| {
        turn(&mut base);
        log.take();
    });
    assert!(owned.bytes_current < LITTLE, "{owned:?}");
}

#[test]
fn what_was_received_and_answered_leaves_nothing() {
    let (mut base, log, (socket, peer)) = (base(), Log::<Told>::new(), pair());
    let calls = Calls::noting(&log).on_read(|_, bev| {
        // More room than is needed, as somebody has who knows the longest answer only.
        bev.output.expand(100_000);
        bev.output.add(bev.input.peek());
        bev.input.drain(usize::MAX);
    });
    given(&mut base, socket, calls, |bev| bev.enable(What::READ));
    for length in [10, RECEIVE_SIZE] {
        let said = babble(length);
        peer.say(&said);
        turn(&mut base);
        assert!(peer.hear() == said);
        log.take();
        peer.say(&said);
        let owned = measure(|| {
            turn(&mut base);
            log.take();
        });
        assert!(owned.bytes_current.abs() < LITTLE, "{owned:?}");
        assert!(peer.hear() == said);
    }
}

#[test]
fn room_for_output_that_never_came_is_given_back() {
    let (mut base, log, (socket, peer)) = (base(), Log::<Told>::new(), pair());
    let calls = Calls::noting(&log).on_read(|_, bev| {
        bev.output.expand(100_000);
        bev.input.drain(usize::MAX);
    });
    given(&mut base, socket, calls, |bev| bev.enable(What::READ));
    peer.say(b"abc");
    let owned = measure(|| turn(&mut base)).bytes_current;
    assert!(owned < 20 * LITTLE, "{owned} bytes");
}

#[test]
fn when_all_has_been_sent_nothing_is_left_of_it() {
    let (mut base, log, (socket, peer)) = (base(), Log::<Told>::new(), narrow_pair());
    let handle = given(&mut base, socket, Calls::noting(&log), |_| {});
    turn(&mut base);
    let said = babble(100_000);
    let mut heard = Vec::with_capacity(said.len());
    let owned = measure(|| {
        handle.with(&mut base, |bev| bev.output.add(&said));
        while heard.len() < said.len() {
            heard.extend(peer.hear());
            turn(&mut base);
        }
        mem::drop(log.take());
    });
    assert!(heard == said);
    assert!(owned.bytes_current.abs() < LITTLE, "{owned:?}");
}
