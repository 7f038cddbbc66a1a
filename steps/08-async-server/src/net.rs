// ANCHOR: listener
use crate::Runtime;
use crate::async_fd::AsyncFd;
use event_loop_server::What;
use shared::server::ACCEPTS_PER_TURN;
use std::io::{self, Read, Write};
use std::net::{self, SocketAddr};

/// A listening socket that makes only its own task wait.
pub struct TcpListener {
    fd: AsyncFd<net::TcpListener>,
    /// How many more may be accepted in this turn.
    left: usize,
}

impl TcpListener {
    /// Takes over a listening socket, and makes it non-blocking.
    ///
    /// # Errors
    ///
    /// When the system refuses (`ioctl(2)`, `epoll_ctl(2)`), or the runtime has ended.
    pub fn from_std(runtime: &Runtime, listener: net::TcpListener) -> io::Result<TcpListener> {
        listener.set_nonblocking(true)?;
        let fd = AsyncFd::new(runtime, listener)?;
        Ok(TcpListener { fd, left: 0 })
    }
    // ANCHOR_END: listener

    // ANCHOR: accept
    /// Waits for the next client, and tells its address. Cancelled, it loses no client.
    ///
    /// # Errors
    ///
    /// Those of `accept(2)`, `WouldBlock` excepted; what [`TcpStream::from_std`] fails with, which
    /// closes the new connection; or the kernel can watch no more (`epoll_ctl(2)`), or the runtime
    /// has ended.
    pub async fn accept(&mut self) -> io::Result<(TcpStream, SocketAddr)> {
        loop {
            if self.left == 0 {
                self.fd.ready(What::READ).await?;
                self.left = ACCEPTS_PER_TURN;
            }
            self.left -= 1;
            match self.fd.source().accept() {
                Ok((stream, address)) => {
                    let stream = TcpStream::from_std(self.fd.runtime(), stream)?;
                    return Ok((stream, address));
                }
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
    fd: AsyncFd<net::TcpStream>,
}

impl TcpStream {
    /// Takes over a connected socket, and makes it non-blocking.
    ///
    /// # Errors
    ///
    /// When the system refuses (`ioctl(2)`, `epoll_ctl(2)`), or the runtime has ended.
    pub fn from_std(runtime: &Runtime, stream: net::TcpStream) -> io::Result<TcpStream> {
        stream.set_nonblocking(true)?;
        let fd = AsyncFd::new(runtime, stream)?;
        Ok(TcpStream { fd })
    }

    /// `TCP_NODELAY` (`tcp(7)`).
    ///
    /// # Errors
    ///
    /// When the connection is broken already (`setsockopt(2)`).
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.fd.source().set_nodelay(nodelay)
    }

    /// Waits until [`TcpStream::try_read`] is worth a try.
    ///
    /// # Errors
    ///
    /// When the kernel can watch no more (`epoll_ctl(2)`), or the runtime has ended.
    pub fn readable(&mut self) -> impl Future<Output = io::Result<()>> {
        self.fd.ready(What::READ)
    }

    /// Receives what has come. Waits for nothing.
    ///
    /// # Errors
    ///
    /// Those of `recv(2)`: `WouldBlock` when nothing has come.
    pub fn try_read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.fd.source().read(buffer)
    }

    /// Waits until [`TcpStream::try_write`] is worth a try.
    ///
    /// # Errors
    ///
    /// When the kernel can watch no more (`epoll_ctl(2)`), or the runtime has ended.
    pub fn writable(&mut self) -> impl Future<Output = io::Result<()>> {
        self.fd.ready(What::WRITE)
    }

    /// Sends as much as the kernel takes. Waits for nothing.
    ///
    /// # Errors
    ///
    /// Those of `send(2)`: `WouldBlock` when it takes nothing.
    pub fn try_write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.fd.source().write(bytes)
    }
}
// ANCHOR_END: stream
