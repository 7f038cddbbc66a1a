//! What a buffer receives and sends by itself.

use crate::peer::{babble, narrow_pair, pair};
use bufferevent_server::{EvBuffer, RECEIVE_SIZE};
use socket2::Socket;
use std::io::ErrorKind;

fn never_waiting(socket: Socket) -> Socket {
    socket.set_nonblocking(true).expect("a socket");
    socket
}

#[test]
fn it_receives_behind_what_it_holds_and_never_more_than_it_may() {
    for most in [
        1,
        7,
        RECEIVE_SIZE - 1,
        RECEIVE_SIZE,
        RECEIVE_SIZE + 1,
        usize::MAX,
    ] {
        let (socket, peer) = pair();
        let socket = never_waiting(socket);
        let said = babble(RECEIVE_SIZE + 10);
        peer.say(&said);
        let mut buffer = EvBuffer::new();
        buffer.add(b"before");
        // There may be far more room than that.
        buffer.expand(100_000);
        let received = buffer.read(&socket, most).expect("there is more than that");
        assert_eq!(received, most.min(RECEIVE_SIZE));
        assert_eq!(&buffer.peek()[..6], b"before");
        assert!(buffer.peek()[6..] == said[..received]);
        let rest = buffer.read(&socket, usize::MAX).expect("there is more");
        assert!(rest <= RECEIVE_SIZE);
        assert!(buffer.peek()[6..] == said[..received + rest]);
    }
}

#[test]
fn it_receives_what_there_is_and_then_the_end() {
    let (socket, peer) = pair();
    let socket = never_waiting(socket);
    let mut buffer = EvBuffer::new();
    peer.say(b"abc");
    peer.finish();
    assert_eq!(buffer.read(&socket, 100).expect("it is there"), 3);
    assert_eq!(buffer.read(&socket, 100).expect("it is there"), 0);
    assert_eq!(buffer.peek(), b"abc");
}

#[test]
#[should_panic(expected = "room to receive")]
fn no_room_is_no_end_of_stream() {
    let (socket, peer) = pair();
    peer.say(b"abc");
    let _ = EvBuffer::new().read(&never_waiting(socket), 0);
}

#[test]
fn what_cannot_be_received_adds_nothing() {
    let (socket, _peer) = pair();
    let mut buffer = EvBuffer::new();
    buffer.add(b"abc");
    let error = buffer
        .read(&never_waiting(socket), 100)
        .expect_err("nothing has come");
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    assert_eq!(buffer.peek(), b"abc");
}

#[test]
fn it_sends_all_that_it_holds() {
    let (socket, peer) = pair();
    let mut buffer = EvBuffer::new();
    buffer.add(b"abcdef");
    buffer.drain(1);
    assert_eq!(
        buffer.write(&never_waiting(socket)).expect("there is room"),
        5
    );
    assert!(buffer.is_empty());
    assert_eq!(peer.hear(), b"bcdef");
}

#[test]
fn it_drains_what_was_taken_and_no_more() {
    let (socket, peer) = narrow_pair();
    let socket = never_waiting(socket);
    let said = babble(100_000);
    let mut buffer = EvBuffer::new();
    buffer.add(&said);
    let (mut heard, mut shorter) = (Vec::new(), 0);
    while !buffer.is_empty() {
        let before = buffer.len();
        match buffer.write(&socket) {
            Ok(taken) => {
                assert_eq!(buffer.len(), before - taken);
                shorter += usize::from(taken < before);
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                assert_eq!(buffer.len(), before, "nothing was taken");
                heard.extend(peer.hear());
            }
        }
    }
    heard.extend(peer.hear());
    assert!(heard == said);
    assert!(shorter > 0, "there was room for all of it");
}

#[test]
fn a_newline_that_is_received_is_found() {
    let (socket, peer) = pair();
    let socket = never_waiting(socket);
    let mut buffer = EvBuffer::new();
    for byte in b"abc\n" {
        assert!(matches!(
            buffer.readln(100),
            bufferevent_server::Readln::NeedMore
        ));
        peer.say(&[*byte]);
        buffer.read(&socket, 100).expect("it is there");
    }
    let found = buffer.readln(100);
    assert!(matches!(found, bufferevent_server::Readln::Line(line) if *line == *b"abc"));
}
