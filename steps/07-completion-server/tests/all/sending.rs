//! Sends: what they are given, and what they give back.

use crate::support::{errno, pair, read, ring, too_much};
use nix::libc;
use std::net::Shutdown;
use std::rc::Rc;

#[test]
fn a_send_gives_back_the_very_bytes_that_it_was_given() {
    let Some(mut ring) = ring() else { return };
    let (socket, peer) = pair();
    let mut given = Vec::with_capacity(100);
    given.extend(b"Hello");
    let (place, capacity) = (given.as_ptr(), given.capacity());
    ring.start_send(&socket, given, "a line");
    assert_eq!(Rc::strong_count(&socket), 2, "the ring keeps it open");
    let (whose, bytes, taken) = ring.sent();
    assert_eq!(taken.expect("there is room"), 5);
    assert_eq!((whose, bytes.as_slice()), ("a line", b"Hello".as_slice()));
    assert_eq!((bytes.as_ptr(), bytes.capacity()), (place, capacity));
    assert_eq!(Rc::strong_count(&socket), 1);
    assert_eq!(read(&peer, 5), b"Hello");
}

#[test]
fn of_too_much_the_kernel_takes_a_part_and_waits_for_room_when_there_is_none() {
    let Some(mut ring) = ring() else { return };
    let (socket, peer) = pair();
    let all = too_much().len();
    ring.start_send(&socket, too_much(), "");
    let (_, mut bytes, taken) = ring.sent();
    let mut sent = taken.expect("there is room for some");
    assert!(0 < sent && sent < all);
    bytes.drain(..sent);
    ring.start_send(&socket, bytes, "");
    let reader = std::thread::spawn(move || read(&peer, all));
    while sent < all {
        let (_, mut bytes, taken) = ring.sent();
        let taken = taken.expect("room is made");
        bytes.drain(..taken);
        sent += taken;
        if sent < all {
            ring.start_send(&socket, bytes, "");
        }
    }
    assert!(reader.join().is_ok_and(|read| read == too_much()));
}

#[test]
fn a_send_to_somebody_who_has_gone_fails_without_a_signal() {
    let Some(mut ring) = ring() else { return };
    let (socket, _peer) = pair();
    socket.shutdown(Shutdown::Write).expect("it is open");
    ring.start_send(&socket, b"Hello".to_vec(), "");
    let (_, bytes, taken) = ring.sent();
    assert_eq!(errno(&taken.expect_err("nobody is there")), libc::EPIPE);
    assert_eq!(bytes, b"Hello");
}
