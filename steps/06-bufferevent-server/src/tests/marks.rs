//! Rule 5, to the byte: when a client that does not read is listened to, and when not.
//!
//! On a pair of sockets, what waits in the kernel can be looked at, and what the conversation has not
//! sent is what is missing there.

use super::{base, turn};
use crate::welcome;
use conversation::{HIGH_WATER, MAX_LINE};
use event_loop_server::EventBase;
use socket2::{SockRef, Socket};
use std::io::{ErrorKind, Read, Write};
use std::mem::MaybeUninit;
use std::net::{Shutdown, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

/// It goes on when no more than so many are unsent.
const LOW_WATER: usize = conversation::LOW_WATER - 1;

/// A conversation and its client, to which next to nothing can be sent that it does not read.
struct Held {
    base: EventBase,
    /// The conversation's own end, to be looked at.
    server: Socket,
    client: UnixStream,
    said: usize,
    heard: usize,
}

/// How many bytes can be received.
fn waiting(socket: &Socket) -> usize {
    match socket.peek(&mut [MaybeUninit::uninit(); 300_000]) {
        Ok(length) => length,
        Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
        Err(error) => panic!("the socket cannot be looked at: {error}"),
    }
}

impl Held {
    fn new() -> Held {
        let mut base = base();
        let (server, client) = UnixStream::pair().expect("two sockets");
        client.set_nonblocking(true).expect("a socket");
        let tiny = SockRef::from(&server).set_send_buffer_size(1);
        tiny.expect("any size will do");
        // To receive and to send, one kind of stream is as good as the other.
        let server = TcpStream::from(OwnedFd::from(server));
        let looked_at = server.try_clone().expect("there are descriptors");
        welcome(&mut base, server, None).expect("it can be watched");
        Held {
            base,
            server: Socket::from(looked_at),
            client,
            said: 0,
            heard: 0,
        }
    }

    /// Says a line of so many bytes, its newline counted, and lets the conversation have its turn.
    fn say(&mut self, length: usize) {
        let mut line = vec![b'x'; length];
        line[length - 1] = b'\n';
        let said = self.client.write(&line).expect("there is room");
        assert_eq!(said, length, "there is no room");
        self.said += said;
        turn(&mut self.base);
    }

    /// Says so many bytes, in short lines, which are all received.
    fn say_much(&mut self, mut length: usize) {
        while length > 0 {
            let piece = length.min(1_000);
            self.say(piece);
            assert_eq!(self.unheard(), 0, "it is not received");
            length -= piece;
        }
    }

    /// So much was said and not received.
    fn unheard(&self) -> usize {
        waiting(&self.server)
    }

    /// So much was received and not sent. Lines are answered with as many bytes.
    fn unsent(&self) -> usize {
        let sent = waiting(&SockRef::from(&self.client)) + self.heard;
        self.said - self.unheard() - sent
    }

    /// Says lines until the kernel takes no more of the answers, and then until so many are unsent.
    fn say_until_unsent(&mut self, unsent: usize) {
        while self.unsent() == 0 {
            self.say_much(100);
        }
        let more = unsent - self.unsent();
        self.say_much(more);
        assert_eq!(self.unsent(), unsent);
    }

    /// The client reads all that it was sent, and the conversation has its turn.
    fn hear(&mut self) {
        let mut heard = Vec::new();
        let error = self.client.read_to_end(&mut heard).expect_err("no end");
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
        assert!(!heard.is_empty(), "nothing comes any more");
        self.heard += heard.len();
        turn(&mut self.base);
    }
}

#[test]
fn the_marks_are_those_of_the_protocol() {
    // It goes on below 16 KiB, and here the mark is still above it.
    assert_eq!((HIGH_WATER, LOW_WATER + 1), (64 * 1024, 16 * 1024));
}

#[test]
fn from_the_high_mark_on_nothing_is_received() {
    let mut held = Held::new();
    held.say_until_unsent(HIGH_WATER - 2);
    held.say(1);
    assert_eq!((held.unsent(), held.unheard()), (HIGH_WATER - 1, 0));
    held.say(1);
    assert_eq!((held.unsent(), held.unheard()), (HIGH_WATER, 0));
    for unheard in 1..4 {
        held.say(1);
        assert_eq!((held.unsent(), held.unheard()), (HIGH_WATER, unheard));
    }
}

#[test]
fn never_more_is_unsent_than_the_mark_and_the_longest_line() {
    let mut held = Held::new();
    held.say_until_unsent(HIGH_WATER - 1);
    held.say(MAX_LINE + 1);
    held.say(1);
    assert_eq!(held.unheard(), 1);
    assert_eq!(held.unsent(), HIGH_WATER + MAX_LINE);
}

#[test]
fn half_a_line_that_waits_for_its_end_counts_as_well() {
    let mut held = Held::new();
    held.say_until_unsent(HIGH_WATER - 1);
    let half = [b'x'; MAX_LINE - 10];
    held.client.write_all(&half).expect("there is room");
    held.said += half.len();
    turn(&mut held.base);
    assert_eq!(
        (held.unsent(), held.unheard()),
        (HIGH_WATER - 1 + half.len(), 0)
    );
    let lines = b"\n".repeat(MAX_LINE);
    held.client.write_all(&lines).expect("there is room");
    held.said += lines.len();
    turn(&mut held.base);
    turn(&mut held.base);
    let unsent = held.unsent();
    assert!(unsent <= HIGH_WATER + MAX_LINE, "{unsent} bytes");
    assert!(held.unheard() > 0);
}

/// Lets a client read that is held back with so much unsent. How much is unsent whenever it has
/// read, as long as it is not listened to; and how much when it is.
fn let_go(unsent: usize) -> (Vec<usize>, usize) {
    let mut held = Held::new();
    held.say_until_unsent(HIGH_WATER - 1);
    held.say(unsent - (HIGH_WATER - 1));
    held.say(1);
    assert_eq!((held.unsent(), held.unheard()), (unsent, 1));
    let mut seen = Vec::new();
    loop {
        held.hear();
        // The line that has waited for it is received in the next turn.
        let unsent = held.unsent();
        turn(&mut held.base);
        if held.unheard() == 0 {
            return (seen, unsent);
        }
        seen.push(unsent);
    }
}

#[test]
fn below_the_low_mark_it_is_received_again() {
    // The kernel takes the same pieces each time. Which of them passes the mark?
    let (seen, gone_on_at) = let_go(HIGH_WATER + 1);
    assert!(gone_on_at <= LOW_WATER && seen.iter().all(|&it| it > LOW_WATER));
    // Begun with so much more, it ends there one byte above the mark, and waits for the next.
    let more = LOW_WATER + 1 - gone_on_at;
    let (seen, _) = let_go(HIGH_WATER + 1 + more);
    assert_eq!(seen.last(), Some(&(LOW_WATER + 1)));
    // And with one less it does not.
    let (seen, gone_on_at) = let_go(HIGH_WATER + more);
    assert_eq!(gone_on_at, LOW_WATER);
    assert!(seen.iter().all(|&it| it > LOW_WATER));
}

#[test]
fn a_client_that_has_said_all_gets_all_answers_and_then_the_end() {
    let mut held = Held::new();
    held.say_until_unsent(HIGH_WATER - 1);
    held.say(1_000);
    held.say(3);
    held.client.write_all(b"the tail").expect("there is room");
    held.said += 8;
    held.client.shutdown(Shutdown::Write).expect("it is open");
    let (mut base, mut client, mut heard) = (held.base, held.client, Vec::new());
    // Otherwise it would stay open.
    drop(held.server);
    // A turn in which nothing comes is one too many.
    let has_ended = (0..held.said).any(|_| {
        turn(&mut base);
        match client.read_to_end(&mut heard) {
            Ok(_) => true,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                false
            }
        }
    });
    assert!(has_ended, "the end does not come");
    assert_eq!(heard.len(), held.said);
    assert!(heard.ends_with(b"k\nkk\ngur gnvy"));
}
