// ANCHOR: head
#[cfg(all(test, unix))]
mod tests;

use shared::LineCodec;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::rc::Rc;

/// How much one `recv(2)` may bring, in bytes: the size of the buffer that a server lends to its
/// connections. It is there once, however many they are.
pub const RECEIVE_SIZE: usize = 16 * 1024;

/// How often one connection may receive before the others get their turn: a client that sends
/// faster than it can be answered would keep the server to itself otherwise.
pub const RECEIVES_PER_TURN: usize = 4;

/// From this many unsent bytes on, nothing more is received from a client: it does not read, or not
/// fast enough, and memory must stay bounded. A whole turn of receiving brings no more than that, and
/// is sent at its end: a client that reads is not stopped by it.
pub const HIGH_WATER: usize = 64 * 1024;

/// Below this many unsent bytes, receiving goes on. Well below the other mark, so that a client that
/// reads a few bytes at a time does not stop and start the server with each of them; and not at
/// zero, so that there is still something to send while more is received.
pub const LOW_WATER: usize = 16 * 1024;
// ANCHOR_END: head

// ANCHOR: connection
/// A conversation with one client over a socket that never makes anybody wait.
///
/// While nothing is under way it owns no memory but itself.
#[derive(Debug)]
pub struct Connection {
    /// Kept open together with whoever watches it: the event loop of step 05.
    stream: Rc<TcpStream>,
    codec: LineCodec,
    /// The answers that the kernel has not taken yet.
    unsent: Vec<u8>,
    /// So many were unsent that receiving stopped, and they are not yet few enough.
    held_back: bool,
    client: Client,
}

/// What is to be expected of a client.
#[derive(Debug, PartialEq, Eq)]
enum Client {
    /// It may say more.
    Speaks,
    /// It has half-closed; it may still listen.
    HasSaidAll,
    /// It has reset the connection or vanished: nobody is left to answer.
    IsGone,
}
// ANCHOR_END: connection

// ANCHOR: new
impl Connection {
    /// Takes over a connected socket, and makes it non-blocking.
    ///
    /// # Errors
    ///
    /// When the connection is broken already (`setsockopt(2)`).
    pub fn new(stream: TcpStream) -> io::Result<Connection> {
        // Changes this one mode and no other (`ioctl(2)`, FIONBIO). Who uses `fcntl(2)` reads the
        // flags first, adds O_NONBLOCK and writes all of them: F_SETFL alone clears the others.
        stream.set_nonblocking(true)?;
        // Otherwise a short answer may wait in the kernel for the acknowledgement of the one
        // before it, which the client's kernel delays by up to 40 ms (Nagle's algorithm, RFC 896).
        stream.set_nodelay(true)?;
        Ok(Connection::over(stream))
    }

    /// The stream never makes anybody wait.
    fn over(stream: TcpStream) -> Connection {
        Connection {
            stream: Rc::new(stream),
            codec: LineCodec::new(),
            unsent: Vec::new(),
            held_back: false,
            client: Client::Speaks,
        }
    }
    // ANCHOR_END: new

    // ANCHOR: wants
    /// Is this to be told when something has come?
    pub fn wants_read(&self) -> bool {
        self.client == Client::Speaks && !self.held_back
    }

    /// Is this to be told when the kernel has room for more answers?
    pub fn wants_write(&self) -> bool {
        !self.unsent.is_empty()
    }

    /// Is the conversation over, and the connection to be closed? If not, it wants something.
    pub fn is_done(&self) -> bool {
        match self.client {
            Client::Speaks => false,
            Client::HasSaidAll => self.unsent.is_empty(),
            Client::IsGone => true,
        }
    }
    // ANCHOR_END: wants

    // ANCHOR: on_readable
    /// Something may have come: receives into `buffer`, which is only lent, until there is no more,
    /// or enough for one turn, or too much is unsent; and tries to send the answers at once.
    ///
    /// # Panics
    ///
    /// When `buffer` is empty: to receive nothing would look like the end of the stream.
    pub fn on_readable(&mut self, buffer: &mut [u8]) {
        assert!(!buffer.is_empty(), "there must be room to receive into");
        // Answers that wait already go first, when the kernel has room for them.
        let nothing_waits = self.unsent.is_empty();
        for _ in 0..RECEIVES_PER_TURN {
            if !self.wants_read() {
                break;
            }
            match self.stream.as_ref().read(buffer) {
                Ok(0) => {
                    self.client = Client::HasSaidAll;
                    let last = self.codec.finish();
                    self.owe(last);
                }
                Ok(length) => {
                    let answers = self.codec.feed(&buffer[..length]);
                    self.owe(answers);
                    if length < buffer.len() {
                        break; // there was no more: to ask again would only tell so
                    }
                }
                Err(error) if comes_to_nothing(&error) => break,
                Err(_) => return self.give_up(),
            }
        }
        if nothing_waits {
            self.on_writable();
        }
    }
    // ANCHOR_END: on_readable

    // ANCHOR: on_writable
    /// The kernel may have room: hands it all that is unsent, in one `send(2)`, and keeps what it
    /// does not take.
    pub fn on_writable(&mut self) {
        if self.unsent.is_empty() {
            return;
        }
        match self.stream.as_ref().write(&self.unsent) {
            Ok(taken) if taken == self.unsent.len() => self.unsent = Vec::new(),
            Ok(taken) => drop(self.unsent.drain(..taken)),
            Err(error) if comes_to_nothing(&error) => return,
            Err(_) => return self.give_up(),
        }
        if self.unsent.len() < LOW_WATER {
            self.held_back = false;
        }
    }
    // ANCHOR_END: on_writable

    // ANCHOR: helpers
    fn owe(&mut self, answers: Vec<u8>) {
        if self.unsent.is_empty() {
            self.unsent = answers;
        } else {
            self.unsent.extend_from_slice(&answers);
        }
        if self.unsent.len() >= HIGH_WATER {
            self.held_back = true;
        }
    }

    /// The socket, for whoever watches it: it stays open until both have let go of it.
    pub fn source(&self) -> Rc<TcpStream> {
        Rc::clone(&self.stream)
    }

    fn give_up(&mut self) {
        self.client = Client::IsGone;
        self.unsent = Vec::new();
    }
}

/// Did a call fail only because it would have had to sleep, or was interrupted by a signal? Then
/// nothing has happened, and a later one may succeed.
fn comes_to_nothing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

#[cfg(unix)]
impl std::os::fd::AsFd for Connection {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.stream.as_fd()
    }
}
// ANCHOR_END: helpers
