//! A server's end and its client's on a pair of sockets, both with buffers as small as the kernel makes
//! them. What one side sends, the other has at once: nothing here waits.

use busy_poll_server::{on_readable, on_writable};
use conversation::{Conversation, RECEIVE_SIZE};
use nix::sys::socket::{setsockopt, sockopt};
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

/// What both sides ask for, in bytes: less than the kernel gives anybody.
const TINY: usize = 1;
/// How often in a row a client may find nothing before it gives up.
const PATIENCE: usize = 1_000;

/// Both ends: that of the server, which is tested, and that of the client.
pub(crate) struct Pair {
    pub(crate) conversation: Conversation,
    stream: TcpStream,
    client: UnixStream,
    in_vain: usize,
}

impl Pair {
    pub(crate) fn new() -> Pair {
        let (server, client) = UnixStream::pair().expect("two sockets");
        for socket in [&server, &client] {
            setsockopt(socket, sockopt::SndBuf, &TINY).expect("any size will do");
            socket.set_nonblocking(true).expect("it is a socket");
        }
        // To receive and to send, one kind of stream is as good as the other.
        let stream = TcpStream::from(OwnedFd::from(server));
        Pair {
            conversation: Conversation::new(),
            stream,
            client,
            in_vain: 0,
        }
    }

    /// Says all of `bytes`; there must be room for them.
    pub(crate) fn say(&mut self, bytes: &[u8]) {
        let said = self.say_what_fits(bytes);
        assert_eq!(said, bytes.len(), "there is no room for more");
    }

    /// Says as much as is taken.
    pub(crate) fn say_what_fits(&mut self, bytes: &[u8]) -> usize {
        match self.client.write(bytes) {
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
            Err(error) => panic!("the client cannot send: {error}"),
        }
    }

    /// Says lines, and lets the server receive, until it wants no more; returns all that was said
    /// and received.
    pub(crate) fn say_until_held_back(&mut self) -> Vec<u8> {
        let lines = babble(1_000);
        let mut said = Vec::new();
        while self.conversation.wants_read() {
            assert!(said.len() < 1 << 20, "it is never held back");
            self.say(&lines);
            said.extend_from_slice(&lines);
            self.on_readable(RECEIVE_SIZE);
        }
        said
    }

    /// Something may have come; it is received into a buffer of `room` bytes.
    pub(crate) fn on_readable(&mut self, room: usize) {
        on_readable(&self.stream, &mut self.conversation, &mut vec![0; room]);
    }

    /// There may be room to send.
    pub(crate) fn on_writable(&mut self) {
        on_writable(&self.stream, &mut self.conversation);
    }

    /// Half-closes: the client says nothing more.
    pub(crate) fn finish(&mut self) {
        self.client.shutdown(Shutdown::Write).expect("it is open");
    }

    /// Receives what has come.
    pub(crate) fn hear(&mut self) -> Vec<u8> {
        let mut heard = Vec::new();
        match self.client.read_to_end(&mut heard) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => panic!("the client cannot receive: {error}"),
        }
        self.in_vain = if heard.is_empty() {
            self.in_vain + 1
        } else {
            0
        };
        assert!(self.in_vain < PATIENCE, "nothing comes any more");
        heard
    }

    /// Receives `count` bytes, and has the server send whenever it could.
    pub(crate) fn hear_while_writable(&mut self, count: usize) -> Vec<u8> {
        let mut heard = Vec::new();
        while heard.len() < count {
            self.on_writable();
            heard.extend(self.hear());
        }
        heard
    }

    /// Closes the connection; receives what comes until the end.
    pub(crate) fn hear_to_the_end(mut self) -> Vec<u8> {
        drop(self.stream);
        let mut heard = Vec::new();
        self.client.read_to_end(&mut heard).expect("an end");
        heard
    }

    /// The client goes, and leaves answers unread: that is a reset.
    pub(crate) fn reset(self) -> (TcpStream, Conversation) {
        (self.stream, self.conversation)
    }
}

/// At least `length` bytes of lines of all lengths.
pub(crate) fn babble(length: usize) -> Vec<u8> {
    let mut lines = Vec::new();
    for letters in (0..500).step_by(7).cycle() {
        if lines.len() >= length {
            break;
        }
        lines.extend((b'a'..=b'z').cycle().take(letters));
        lines.push(b'\n');
    }
    lines
}

/// What is owed for lower-case letters and newlines.
pub(crate) fn rotated(said: &[u8]) -> Vec<u8> {
    let rotate = |&byte: &u8| match byte {
        b'a'..=b'm' => byte + 13,
        b'n'..=b'z' => byte - 13,
        _ => byte,
    };
    said.iter().map(rotate).collect()
}
