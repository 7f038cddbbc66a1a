use super::running::Running;
use crate::case::Trouble;
use crate::deadline::Deadline;
use crate::evidence::Evidence;
use crate::patience::PATIENCE;
use crate::program::Program;
use nix::sys::socket::{setsockopt, sockopt};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::time::Instant;
use subject::poll_until;
use terminal::{Text, chinese};

/// An answer that is as good as any other.
pub(super) const ANSWER: &[u8] = b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nHello\n";

/// How much of a request is read, in bytes: far more than any is long.
const MOST_REQUESTED: usize = 1 << 20;

/// A server of the judge's own for one visitor: what the visitor hears, the case says, piece by
/// piece.
pub(super) struct Site {
    listener: TcpListener,
    address: SocketAddr,
}

impl Site {
    /// Listens on the loopback address of IPv4, on a port of its own.
    pub(super) fn open() -> Site {
        Site::open_on((Ipv4Addr::LOCALHOST, 0)).expect("the judge finds a free port")
    }

    /// Listens somewhere else.
    pub(super) fn open_on(address: impl ToSocketAddrs) -> io::Result<Site> {
        let listener = TcpListener::bind(address)?;
        // A client that never comes must not hold up the judge.
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok(Site { listener, address })
    }

    /// From now on, the kernels on both sides take little more of a connection than is read.
    pub(super) fn narrow(&self) {
        // Less than this, the kernel does not give (`socket(7)`). The client's kernel makes room
        // for several segments, so they must be small, too (`tcp(7)`).
        let _ = setsockopt(&self.listener, sockopt::RcvBuf, &2048);
        #[cfg(any(target_os = "linux", target_vendor = "apple"))]
        let _ = setsockopt(&self.listener, sockopt::TcpMaxSeg, &536);
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Starts the client with `arguments` and waits until it has connected.
    ///
    /// # Errors
    ///
    /// A failed case: it does not come. `meaning` is for this and whatever fails later.
    pub(super) fn invite<'a>(
        &self,
        program: &Program,
        arguments: &[&str],
        meaning: &'a Text,
    ) -> Result<(Running<'a>, Visitor), Trouble> {
        let mut client = Running::start(program, arguments, meaning)?;
        let mut visitor = None;
        poll_until(Instant::now() + PATIENCE, || {
            visitor = self.listener.accept().ok();
            visitor.is_some() || client.has_ended()
        });
        let Some((stream, _)) = visitor else {
            return Err(client.stayed_away(self.address));
        };
        let visitor = Visitor::new(stream).map_err(|error| {
            let found = Text::new(
                format!("the connection broke at once: {error}"),
                format!("连接刚建立就断了：{}", chinese(&error)),
            );
            Trouble::failed(Evidence::Note(found), meaning)
        })?;
        Ok((client, visitor))
    }
}

/// The judge's end of the connection. Dropped, it closes: the answer is complete.
pub(super) struct Visitor {
    stream: TcpStream,
    deadline: Deadline,
}

impl Visitor {
    fn new(stream: TcpStream) -> io::Result<Visitor> {
        stream.set_nonblocking(false)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Visitor {
            stream,
            deadline: Deadline::of_case(),
        })
    }

    /// Waits until something of the request has come, and leaves it where it is.
    pub(super) fn wait(&self) {
        let _ = self.stream.peek(&mut [0]);
    }

    /// Reads the request, its blank line included, or as much of it as comes.
    pub(super) fn request(&mut self) -> Vec<u8> {
        let mut request = Vec::new();
        let mut buffer = [0; 16 << 10];
        // The end may lie across two pieces; the long request is not searched again and again.
        let mut searched = 0;
        while !request[searched..].windows(4).any(|end| end == b"\r\n\r\n") {
            searched = request.len().saturating_sub(3);
            if request.len() > MOST_REQUESTED || self.deadline.is_over() {
                break;
            }
            match self.stream.read(&mut buffer) {
                Ok(length @ 1..) => request.extend_from_slice(&buffer[..length]),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Ok(_) | Err(_) => break,
            }
        }
        request
    }

    /// Sends a piece of the answer. A client that has left is told by what it has printed.
    pub(super) fn say(&mut self, bytes: &[u8]) {
        let _ = self.try_to_say(bytes);
    }

    /// Sends a piece of the answer.
    ///
    /// # Errors
    ///
    /// When the client has left, or takes nothing more.
    pub(super) fn try_to_say(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            if self.deadline.is_over() {
                return Err(ErrorKind::TimedOut.into());
            }
            match self.stream.write(bytes) {
                Ok(taken) => bytes = &bytes[taken..],
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Throws the connection away: the client gets a reset (RST) instead of an end of file.
    pub(super) fn reset(self) {
        // Linger with a time of zero: close(2) throws away what is unsent and resets (socket(7)).
        let linger = nix::libc::linger {
            l_onoff: 1,
            l_linger: 0,
        };
        let _ = setsockopt(&self.stream, sockopt::Linger, &linger);
    }
}
