//! A ring that is dropped while operations are in flight.

use crate::support::{connect, fill, listener, pair, read, ring};
use std::io::Write;
use std::rc::Rc;
use std::time::Duration;

#[test]
fn what_is_in_flight_is_ended_before_a_ring_is_gone() {
    for handed_over in [false, true] {
        let Some(mut ring) = ring() else { return };
        let listener = listener();
        let ((receiving, mut speaks), (sending, hears)) = (pair(), pair());
        fill(&sending);
        ring.start_accept(&listener);
        ring.start_receive(&receiving, "");
        ring.start_send(&sending, vec![b'!'; 1 << 20], "");
        ring.start_timeout(Duration::from_secs(3600));
        if handed_over {
            ring.hand_over();
        }
        drop(ring);
        // Nothing is kept open by it.
        assert_eq!(Rc::strong_count(&receiving), 1);
        assert_eq!(Rc::strong_count(&sending), 1);
        assert_eq!(Rc::strong_count(&listener), 1);
        // Nobody receives behind our back, nobody accepts, and nobody sends.
        speaks.write_all(b"Hello").expect("it is open");
        assert_eq!(read(&receiving, 5), b"Hello");
        let _client = connect(&listener);
        assert!(listener.accept().is_ok());
        drop(sending);
        let mut heard = Vec::new();
        std::io::Read::read_to_end(&mut &hears, &mut heard).expect("it ends");
        assert!(!heard.contains(&b'!'));
    }
}

#[test]
fn what_was_received_and_never_told_of_goes_with_the_ring() {
    let Some(mut ring) = ring() else { return };
    let (socket, mut peer) = pair();
    peer.write_all(b"Hello").expect("it is open");
    ring.start_receive(&socket, "");
    ring.start_receive(&socket, "");
    assert!(ring.received().1.is_ok());
    peer.write_all(b"Hello").expect("it is open");
    drop(ring);
    assert_eq!(Rc::strong_count(&socket), 1);
}

#[test]
fn a_ring_that_is_forgotten_takes_its_sockets_with_it() {
    let Some(mut ring) = ring() else { return };
    let (socket, _peer) = pair();
    ring.start_receive(&socket, "");
    ring.hand_over();
    ring.forget();
    assert_eq!(Rc::strong_count(&socket), 2, "the kernel may still use it");
}
