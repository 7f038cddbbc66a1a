use nix::sys::socket::{
    AddressFamily, SockFlag, SockType, SockaddrStorage, connect, setsockopt, socket, sockopt,
};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsRawFd;

/// Connects so that the kernel keeps little on the way.
///
/// The receive buffer is the client's own; the server's send buffer starts at a few segments, which
/// are large on the loopback interface unless one asks for small ones (`tcp(7)`).
pub(super) fn narrow(address: SocketAddr) -> nix::Result<TcpStream> {
    let family = match address {
        SocketAddr::V4(_) => AddressFamily::Inet,
        SocketAddr::V6(_) => AddressFamily::Inet6,
    };
    #[cfg(target_os = "linux")]
    let flags = SockFlag::SOCK_CLOEXEC;
    #[cfg(not(target_os = "linux"))]
    let flags = SockFlag::empty();
    let socket = socket(family, SockType::Stream, flags, None)?;
    setsockopt(&socket, sockopt::RcvBuf, &4096)?;
    // Some systems refuse what others take.
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    let _ = setsockopt(&socket, sockopt::TcpMaxSeg, &536);
    connect(socket.as_raw_fd(), &SockaddrStorage::from(address))?;
    Ok(TcpStream::from(socket))
}
