//! Operations that are cancelled.

use crate::support::{errno, fill, pair, read, ring};
use nix::libc;
use std::io::Write;
use std::rc::Rc;

#[test]
fn a_cancelled_receive_ends_and_takes_nothing_of_what_comes_later() {
    let Some(mut ring) = ring() else { return };
    let (socket, mut peer) = pair();
    let receive = ring.start_receive(&socket, "cancelled");
    ring.hand_over();
    ring.cancel(receive);
    assert_eq!(
        Rc::strong_count(&socket),
        2,
        "it is in flight until it is told"
    );
    let (whose, received) = ring.received();
    let Err(error) = received else {
        panic!("it was not cancelled")
    };
    assert_eq!((whose, errno(&error)), ("cancelled", libc::ECANCELED));
    assert_eq!(Rc::strong_count(&socket), 1);
    peer.write_all(b"later").expect("it is open");
    assert_eq!(read(&socket, 5), b"later");
}

#[test]
fn an_operation_can_be_cancelled_before_the_kernel_has_heard_of_it() {
    let Some(mut ring) = ring() else { return };
    let (socket, _peer) = pair();
    let receive = ring.start_receive(&socket, "");
    ring.cancel(receive);
    let Err(error) = ring.received().1 else {
        panic!("it was not cancelled")
    };
    assert_eq!(errno(&error), libc::ECANCELED);
}

#[test]
fn a_cancelled_send_gives_its_bytes_back() {
    let Some(mut ring) = ring() else { return };
    let (socket, _peer) = pair();
    fill(&socket);
    let send = ring.start_send(&socket, b"Hello".to_vec(), "");
    ring.hand_over();
    ring.cancel(send);
    let (_, bytes, taken) = ring.sent();
    let error = taken.expect_err("it was cancelled");
    assert_eq!(
        (bytes.as_slice(), errno(&error)),
        (b"Hello".as_slice(), libc::ECANCELED)
    );
}

#[test]
fn the_name_of_an_operation_that_is_done_names_nothing() {
    let Some(mut ring) = ring() else { return };
    let (socket, mut peer) = pair();
    peer.write_all(b"first").expect("it is open");
    let first = ring.start_receive(&socket, "");
    assert!(ring.received().1.is_ok());
    // The next one gets its place, and is not its business.
    let second = ring.start_receive(&socket, "");
    assert_ne!(first, second);
    ring.cancel(first);
    ring.hand_over();
    peer.write_all(b"second").expect("it is open");
    let received = ring.received().1.expect("nobody has cancelled it");
    assert_eq!(*received.expect("no end"), *b"second");
}

#[test]
fn what_was_cancelled_too_late_is_told_as_done() {
    let Some(mut ring) = ring() else { return };
    let (socket, mut peer) = pair();
    peer.write_all(b"early").expect("it is open");
    let receive = ring.start_receive(&socket, "");
    // Both go at once, and the receive goes first: there is something to be received.
    ring.cancel(receive);
    let received = ring.received().1.expect("it came first");
    assert_eq!(*received.expect("no end"), *b"early");
}
