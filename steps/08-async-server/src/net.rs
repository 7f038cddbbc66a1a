// ANCHOR: listener
use crate::Runtime;
use crate::watch::Watch;
use event_loop_server::What;
use std::io::{self, Read, Write};
use std::net;

/// How many clients are accepted before everybody else gets their turn.
const ACCEPTS_PER_TURN: u32 = 16;

/// A listening socket that makes only its own task wait.
pub struct TcpListener {
    watch: Watch<net::TcpListener>,
    /// How many more may be accepted in this turn.
    left: u32,
}

impl TcpListener {
    /// Takes over a listening socket, and makes it non-blocking.
    ///
    /// # Errors
    ///
    /// When the system refuses (`ioctl(2)`, `epoll_ctl(2)`), or the runtime has ended.
    pub fn new(runtime: &Runtime, listener: net::TcpListener) -> io::Result<TcpListener> {
        listener.set_nonblocking(true)?;
        let watch = Watch::new(runtime, listener)?;
        Ok(TcpListener { watch, left: 0 })
    }
    // ANCHOR_END: listener

    // ANCHOR: accept
    /// Waits for the next client.
    ///
    /// # Errors
    ///
    /// Those of `accept(2)`, that nobody waits any more excepted; or the runtime has ended.
    pub async fn accept(&mut self) -> io::Result<TcpStream> {
        loop {
            if self.left == 0 {
                self.watch.until(What::READ).await?;
                self.left = ACCEPTS_PER_TURN;
            }
            self.left -= 1;
            match self.watch.source().accept() {
                Ok((stream, _)) => return TcpStream::new(self.watch.runtime(), stream),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.left = 0,
                Err(error) => return Err(error),
            }
        }
    }
}
// ANCHOR_END: accept

// ANCHOR: stream
/// A connected socket that makes only its own task wait. The names are tokio's.
pub struct TcpStream {
    watch: Watch<net::TcpStream>,
}

impl TcpStream {
    /// Takes over a connected socket, and makes it non-blocking.
    ///
    /// # Errors
    ///
    /// When the system refuses (`ioctl(2)`, `epoll_ctl(2)`), or the runtime has ended.
    pub fn new(runtime: &Runtime, stream: net::TcpStream) -> io::Result<TcpStream> {
        stream.set_nonblocking(true)?;
        let watch = Watch::new(runtime, stream)?;
        Ok(TcpStream { watch })
    }

    /// `TCP_NODELAY` (`tcp(7)`).
    ///
    /// # Errors
    ///
    /// When the connection is broken already (`setsockopt(2)`).
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.watch.source().set_nodelay(nodelay)
    }

    /// Waits until [`TcpStream::try_read`] is worth a try.
    ///
    /// # Errors
    ///
    /// When the kernel can watch no more (`epoll_ctl(2)`), or the runtime has ended.
    pub fn readable(&mut self) -> impl Future<Output = io::Result<()>> {
        self.watch.until(What::READ)
    }

    /// Receives what has come. Waits for nothing.
    ///
    /// # Errors
    ///
    /// Those of `recv(2)`: `WouldBlock` when nothing has come.
    pub fn try_read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.watch.source().read(buffer)
    }

    /// Waits until [`TcpStream::try_write`] is worth a try.
    ///
    /// # Errors
    ///
    /// When the kernel can watch no more (`epoll_ctl(2)`), or the runtime has ended.
    pub fn writable(&mut self) -> impl Future<Output = io::Result<()>> {
        self.watch.until(What::WRITE)
    }

    /// Sends as much as the kernel takes. Waits for nothing.
    ///
    /// # Errors
    ///
    /// Those of `send(2)`: `WouldBlock` when it takes nothing.
    pub fn try_write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.watch.source().write(bytes)
    }
}
// ANCHOR_END: stream
