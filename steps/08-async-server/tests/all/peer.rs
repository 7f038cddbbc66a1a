//! The other end of a connection. It sleeps when it must, for a bounded time: what it waits for is
//! under way in the kernel.

use async_server::{Connection, Runtime, TcpStream};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{setsockopt, sockopt};
use std::io::{ErrorKind, Read, Write};
use std::net::{self, Shutdown, TcpListener};
use std::os::fd::AsFd;
use std::time::Duration;

/// How long something may take that is under way.
const PATIENCE: Duration = Duration::from_secs(10);
/// Small kernel buffers, in bytes. Smaller ones than a segment on the loopback would make TCP wait for
/// its own timers.
const NARROW: usize = 64 * 1024;
/// More than a narrow connection takes while nobody reads.
pub(crate) const MUCH: usize = 2 << 20;

pub(crate) struct Peer(net::TcpStream);

/// A connection on this machine: its accepted end, and its peer.
pub(crate) fn pair() -> (net::TcpStream, Peer) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let peer = Peer::connect(address);
    let (socket, _) = listener.accept().expect("somebody waits");
    (socket, peer)
}

/// The same, with little room in the kernel for what the accepted end sends.
pub(crate) fn narrow_pair() -> (net::TcpStream, Peer) {
    let (socket, peer) = pair();
    setsockopt(&socket, sockopt::SndBuf, &NARROW).expect("a socket");
    setsockopt(&peer.0, sockopt::RcvBuf, &NARROW).expect("a socket");
    (socket, peer)
}

pub(crate) fn connection(runtime: &Runtime, socket: net::TcpStream) -> Connection {
    let socket = TcpStream::from_std(runtime, socket).expect("it can be watched");
    Connection::new(socket)
}

/// A connection of the runtime, and its peer.
pub(crate) fn connection_and_peer(runtime: &Runtime) -> (Connection, Peer) {
    let (socket, peer) = pair();
    (connection(runtime, socket), peer)
}

/// Waits until something can be read from `socket`: bytes, an end, a reset, a client.
pub(crate) fn until_it_has_come(socket: &impl AsFd) {
    let mut asked = [PollFd::new(socket.as_fd(), PollFlags::POLLIN)];
    let patience = PollTimeout::try_from(PATIENCE).expect("it fits");
    assert_eq!(poll(&mut asked, patience), Ok(1), "it does not come");
}

/// The next bytes that have come, as text.
pub(crate) async fn heard(connection: &mut Connection) -> String {
    let received = connection.receive().await.expect("it is connected");
    String::from_utf8_lossy(received.expect("it is not the end")).into_owned()
}

impl Peer {
    pub(crate) fn connect(address: net::SocketAddr) -> Peer {
        let peer = net::TcpStream::connect(address).expect("it listens");
        peer.set_read_timeout(Some(PATIENCE)).expect("a socket");
        peer.set_write_timeout(Some(PATIENCE)).expect("a socket");
        peer.set_nodelay(true).expect("a socket");
        Peer(peer)
    }

    pub(crate) fn address(&self) -> net::SocketAddr {
        self.0.local_addr().expect("it is connected")
    }

    pub(crate) fn say(&self, bytes: impl AsRef<[u8]>) {
        (&self.0).write_all(bytes.as_ref()).expect("there is room");
    }

    /// Has said all.
    pub(crate) fn finish(&self) {
        self.0.shutdown(Shutdown::Write).expect("it is open");
    }

    /// So many bytes.
    pub(crate) fn hear(&self, length: usize) -> Vec<u8> {
        let mut heard = vec![0; length];
        (&self.0).read_exact(&mut heard).expect("they come");
        heard
    }

    /// Has anything come? Waits for nothing.
    pub(crate) fn has_heard(&self) -> bool {
        let mut asked = [PollFd::new(self.0.as_fd(), PollFlags::POLLIN)];
        poll(&mut asked, PollTimeout::ZERO) == Ok(1)
    }

    /// All that comes until the end.
    pub(crate) fn hear_all(&self) -> Vec<u8> {
        let mut heard = Vec::new();
        (&self.0).read_to_end(&mut heard).expect("an end");
        heard
    }

    /// Is the connection closed, be it by its end or, where something was left unread, by a reset?
    pub(crate) fn sees_the_end(&self) -> bool {
        match (&self.0).read(&mut [0; 64]) {
            Ok(length) => length == 0,
            Err(error) => error.kind() == ErrorKind::ConnectionReset,
        }
    }

    /// Leaves without a word: the other end is sent a reset.
    pub(crate) fn reset(self) {
        // Linger with a time of zero: close(2) sends a reset instead of an end (socket(7)).
        let linger = nix::libc::linger {
            l_onoff: 1,
            l_linger: 0,
        };
        setsockopt(&self.0, sockopt::Linger, &linger).expect("a socket");
    }
}

/// Bytes of all values, of which any two places that might be confused differ.
pub(crate) fn babble(length: usize) -> Vec<u8> {
    (0..length)
        .map(|at| (at ^ ((at >> 8) * 7) ^ (at >> 16)) as u8)
        .collect()
}
