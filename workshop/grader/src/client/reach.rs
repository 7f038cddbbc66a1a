use crate::patience::patience;
use crate::watched::Watched;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use socket2::{Domain, Socket, Type};
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

/// How often is looked, while a connection is not made, whether it can still be.
const LOOK: Duration = Duration::from_millis(200);
/// A request to connect that found the backlog full is sent again after a second (Linux); before that
/// no connection is given up.
const SENT_AGAIN: Duration = Duration::from_millis(1_300);

/// Connects to somebody. Where nobody listens, the kernel may choose for this end the very port that
/// is to be reached, and the judge would talk to itself. (The clients have the same from `shared`,
/// which the judge does not ask.)
pub(crate) fn reach(address: SocketAddr) -> io::Result<TcpStream> {
    made(&new(address)?, address, None)
}

/// The same; a server that sleeps for ever, with clients in its backlog, is given up.
pub(super) fn reach_watched(
    address: SocketAddr,
    server: Option<&Watched>,
) -> io::Result<TcpStream> {
    made(&new(address)?, address, server)
}

/// The same, so that the kernel keeps little on the way: the receive buffer is the client's own; the
/// server's send buffer starts at a few segments, which are large on the loopback interface unless
/// one asks for small ones (`tcp(7)`).
pub(super) fn reach_narrow(address: SocketAddr, server: Option<&Watched>) -> io::Result<TcpStream> {
    let socket = new(address)?;
    socket.set_recv_buffer_size(4096)?;
    // Some systems refuse what others take.
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    let _ = socket.set_tcp_mss(536);
    made(&socket, address, server)
}

fn new(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

fn made(socket: &Socket, address: SocketAddr, server: Option<&Watched>) -> io::Result<TcpStream> {
    match socket.connect(&address.into()) {
        Ok(()) => {}
        Err(error) if error.raw_os_error() == Some(Errno::EINPROGRESS as i32) => {
            wait(socket, server)?;
        }
        Err(error) => return Err(error),
    }
    socket.set_nonblocking(false)?;
    let stream = TcpStream::from(socket.try_clone()?);
    match stream.local_addr() {
        Ok(own) if own == address => Err(ErrorKind::ConnectionRefused.into()),
        _ => Ok(stream),
    }
}

fn wait(socket: &Socket, server: Option<&Watched>) -> io::Result<()> {
    let start = Instant::now();
    let mut before = None;
    while start.elapsed() < patience() {
        let mut ready = [PollFd::new(socket.as_fd(), PollFlags::POLLOUT)];
        let look = PollTimeout::try_from(LOOK).unwrap_or(PollTimeout::MAX);
        match poll(&mut ready, look) {
            Ok(0) | Err(Errno::EINTR) => {}
            Ok(_) => return socket.take_error()?.map_or(Ok(()), Err),
            Err(error) => return Err(error.into()),
        }
        if start.elapsed() > SENT_AGAIN {
            let seen = server.and_then(|server| server.look(None));
            if seen.as_ref().is_some_and(|seen| seen.backlog() > 0) && seen == before {
                break;
            }
            before = seen;
        }
    }
    Err(ErrorKind::TimedOut.into())
}
