//! What is received, and the buffers that it comes in.

use crate::support::{errno, pair, ring};
use completion_server::{BUFFER_SIZE, BUFFERS, ProvidedBuffer};
use nix::libc;
use std::io::{Result, Write};
use std::net::Shutdown;
use std::rc::Rc;

fn bytes(received: Result<Option<ProvidedBuffer>>) -> Vec<u8> {
    received.expect("it succeeds").expect("no end").to_vec()
}

#[test]
fn a_receive_brings_what_has_come_whether_before_or_after_it_was_started() {
    let Some(mut ring) = ring() else { return };
    let (socket, mut peer) = pair();
    peer.write_all(b"before").expect("it is open");
    ring.start_receive(&socket, "first");
    let (whose, received) = ring.received();
    assert_eq!((whose, bytes(received)), ("first", b"before".to_vec()));
    ring.start_receive(&socket, "second");
    ring.hand_over();
    peer.write_all(b"after").expect("it is open");
    let (whose, received) = ring.received();
    assert_eq!((whose, bytes(received)), ("second", b"after".to_vec()));
}

#[test]
fn the_end_of_the_stream_is_told_as_nothing() {
    let Some(mut ring) = ring() else { return };
    let (socket, peer) = pair();
    // As often as there are buffers, and more: the end must keep none.
    peer.shutdown(Shutdown::Write).expect("it is open");
    for _ in 0..2 * BUFFERS {
        ring.start_receive(&socket, "");
        assert!(matches!(ring.received().1, Ok(None)));
    }
}

#[test]
fn one_receive_brings_no_more_than_a_buffer_holds_and_loses_nothing() {
    let Some(mut ring) = ring() else { return };
    let (socket, mut peer) = pair();
    let said: Vec<u8> = (0..3 * BUFFER_SIZE).map(|at| at as u8).collect();
    peer.write_all(&said).expect("there is room");
    let mut heard = Vec::new();
    while heard.len() < said.len() {
        ring.start_receive(&socket, "");
        let came = bytes(ring.received().1);
        assert!(came.len() <= BUFFER_SIZE);
        heard.extend(came);
    }
    assert_eq!(heard, said);
}

#[test]
fn a_buffer_that_has_been_dropped_is_filled_again() {
    let Some(mut ring) = ring() else { return };
    let (socket, mut peer) = pair();
    for round in 0..10 * BUFFERS {
        let said = round.to_be_bytes();
        peer.write_all(&said).expect("there is room");
        ring.start_receive(&socket, "");
        assert_eq!(bytes(ring.received().1), said);
    }
}

#[test]
fn what_is_held_is_not_written_over_whatever_comes_meanwhile() {
    let Some(mut ring) = ring() else { return };
    let (socket, mut peer) = pair();
    peer.write_all(b"held").expect("there is room");
    ring.start_receive(&socket, "");
    let held = ring.received().1.expect("it succeeds").expect("no end");
    for _ in 0..3 * BUFFERS {
        peer.write_all(b"####").expect("there is room");
        ring.start_receive(&socket, "");
        assert_eq!(bytes(ring.received().1), b"####");
    }
    assert_eq!(*held, *b"held");
}

#[test]
fn with_all_buffers_held_a_receive_fails_and_nothing_is_lost() {
    let Some(mut ring) = ring() else { return };
    let (socket, mut peer) = pair();
    let mut held = Vec::new();
    for number in 0..BUFFERS {
        peer.write_all(&number.to_be_bytes())
            .expect("there is room");
        ring.start_receive(&socket, "");
        held.push(ring.received().1.expect("it succeeds").expect("no end"));
    }
    peer.write_all(b"too much").expect("there is room");
    ring.start_receive(&socket, "");
    let error = ring.received().1.err().expect("there are no more");
    assert_eq!(errno(&error), libc::ENOBUFS);
    // Whichever is given back, it is the next to be filled.
    held.remove(usize::from(BUFFERS / 2));
    ring.start_receive(&socket, "");
    assert_eq!(bytes(ring.received().1), b"too much");
    for (number, held) in (0..BUFFERS).filter(|&it| it != BUFFERS / 2).zip(&held) {
        assert_eq!(**held, number.to_be_bytes());
    }
}

#[test]
fn what_is_held_outlives_the_ring() {
    let Some(mut ring) = ring() else { return };
    let (socket, mut peer) = pair();
    peer.write_all(b"held").expect("there is room");
    ring.start_receive(&socket, "");
    let held = ring.received().1.expect("it succeeds").expect("no end");
    drop(ring);
    assert_eq!(*held, *b"held");
    assert_eq!(Rc::strong_count(&socket), 1);
}
