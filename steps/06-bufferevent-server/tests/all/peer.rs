//! The other end of a bufferevent's socket. On a pair of sockets, what one side sends, the other has
//! at once: nothing here waits.

use crate::calls::Calls;
use bufferevent_server::{BufferEvent, Handle};
use event_loop_server::EventBase;
use socket2::Socket;
use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

/// A send buffer of this size is smaller than the kernel gives anybody: one gets the smallest.
const TINY: usize = 1;

pub(crate) struct Peer(UnixStream);

/// A socket for a bufferevent, and its peer.
pub(crate) fn pair() -> (Socket, Peer) {
    let (socket, peer) = UnixStream::pair().expect("there are descriptors");
    peer.set_nonblocking(true).expect("a socket");
    (Socket::from(OwnedFd::from(socket)), Peer(peer))
}

/// The same, but what the bufferevent sends has next to no room in the kernel.
pub(crate) fn narrow_pair() -> (Socket, Peer) {
    let (socket, peer) = pair();
    let set = socket.set_send_buffer_size(TINY);
    set.expect("any size will do");
    (socket, peer)
}

/// Makes a bufferevent of `socket`, prepares it, and gives it to `base`.
pub(crate) fn given(
    base: &mut EventBase,
    socket: impl Into<Socket>,
    calls: Calls,
    prepare: impl FnOnce(&mut BufferEvent),
) -> Handle {
    let mut bev = BufferEvent::socket_new(socket).expect("a socket");
    bev.setcb(calls);
    prepare(&mut bev);
    bev.base_set(base).expect("it can be watched")
}

/// How much it holds: received, and not taken out.
pub(crate) fn input(handle: &Handle, base: &mut EventBase) -> usize {
    let length = handle.with(base, |bev| bev.input.len());
    length.expect("it has not been freed")
}

/// How much it holds: added, and not sent.
pub(crate) fn output(handle: &Handle, base: &mut EventBase) -> usize {
    let length = handle.with(base, |bev| bev.output.len());
    length.expect("it has not been freed")
}

impl Peer {
    /// Says all of `bytes`; there must be room for them.
    pub(crate) fn say(&self, bytes: &[u8]) {
        assert_eq!(self.say_what_fits(bytes), bytes.len(), "there is no room");
    }

    /// Says as much as is taken.
    pub(crate) fn say_what_fits(&self, bytes: &[u8]) -> usize {
        match (&self.0).write(bytes) {
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
            Err(error) => panic!("the peer cannot send: {error}"),
        }
    }

    /// Has said all.
    pub(crate) fn finish(&self) {
        self.0.shutdown(Shutdown::Write).expect("it is open");
    }

    /// All that has come. A pair of sockets calls it a reset when something unread is closed: that is
    /// an end like others here.
    pub(crate) fn hear(&self) -> Vec<u8> {
        let mut heard = Vec::new();
        match (&self.0).read_to_end(&mut heard) {
            Ok(_) => {}
            Err(error) if is_nothing_or_an_end(&error) => {}
            Err(error) => panic!("the peer cannot receive: {error}"),
        }
        heard
    }

    /// Is there nothing to be heard but the end?
    pub(crate) fn sees_the_end(&self) -> bool {
        match (&self.0).read(&mut [0; 64]) {
            Ok(length) => length == 0,
            Err(error) => error.kind() == ErrorKind::ConnectionReset,
        }
    }
}

fn is_nothing_or_an_end(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::WouldBlock | ErrorKind::ConnectionReset
    )
}

/// Bytes of all values, of which any two places that might be confused differ.
pub(crate) fn babble(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at ^ ((at >> 8) * 7)) as u8).collect()
}
