//! What a client of TCP has to look at, once it is connected.

use crate::command_line::HostPort;
use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

/// Refuses a connection that has the same address at both ends: the client is talking to itself.
///
/// Where nobody listens, a connection can be made all the same. The kernel gives the client a port
/// of its own, out of a range of thousands (`net.ipv4.ip_local_port_range`, `ip(7)`); if that
/// happens to be the one to which it connects, its SYN meets itself, which TCP takes for two sides
/// that call each other at the same time (RFC 9293, section 3.5). All that the client says it then
/// hears.
///
/// # Errors
///
/// Of the kind of a refusal, which it is: nobody listens there.
pub fn is_not_itself(own: Option<SocketAddr>, peer: Option<SocketAddr>) -> io::Result<()> {
    if own.is_some() && own == peer {
        return Err(io::Error::new(
            io::ErrorKind::ConnectionRefused,
            "nobody listens there, and the client has connected to itself",
        ));
    }
    Ok(())
}

/// The same of a connection that has just been made: `connect(…).and_then(to_somebody_else)`.
///
/// # Errors
///
/// Those of [`is_not_itself`].
pub fn to_somebody_else(stream: TcpStream) -> io::Result<TcpStream> {
    // Where a connection has no peer any more, the next call will tell why.
    is_not_itself(stream.local_addr().ok(), stream.peer_addr().ok())?;
    Ok(stream)
}

/// Connects to the first of the server's addresses at which somebody answers.
///
/// # Errors
///
/// That of the last address tried, or why the name has none (`getaddrinfo(3)`).
pub fn connect(server: &HostPort) -> io::Result<TcpStream> {
    let mut ended = Err(no_address());
    for address in server.to_socket_addrs()? {
        ended = TcpStream::connect(address).and_then(to_somebody_else);
        if ended.is_ok() {
            break;
        }
    }
    ended
}

/// The address of a server that others are going to connect to: where its name has several, the
/// first at which somebody answers; where nobody does, the first. `localhost` is often `::1` before
/// it is `127.0.0.1`, and few listen at both.
///
/// # Errors
///
/// When the name has no address (`getaddrinfo(3)`).
pub fn find(server: &HostPort) -> io::Result<SocketAddr> {
    let addresses: Vec<SocketAddr> = server.to_socket_addrs()?.collect();
    let answers = |address: &&SocketAddr| {
        let connected = TcpStream::connect_timeout(address, PATIENCE);
        connected.and_then(to_somebody_else).is_ok()
    };
    let found = match &addresses[..] {
        [only] => Some(only),
        several => several.iter().find(answers).or(several.first()),
    };
    found.copied().ok_or_else(no_address)
}

/// How long one of several addresses may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

fn no_address() -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, "the name has no address")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn a_connection_to_somebody_else_is_let_be() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let stream = TcpStream::connect(address).and_then(to_somebody_else);
        assert!(stream.is_ok(), "{stream:?}");
    }

    /// Whichever of `localhost`'s addresses comes first.
    #[test]
    fn a_server_is_found_at_whichever_address_it_listens() {
        for ip in ["127.0.0.1", "[::1]"] {
            let Ok(listener) = TcpListener::bind(format!("{ip}:0")) else {
                continue; // without IPv6
            };
            let address = listener.local_addr().expect("it is bound");
            let name = format!("localhost:{}", address.port());
            let name = crate::command_line::server(&name).expect("it is one");
            let known = name.to_socket_addrs().expect("everybody knows it");
            if known.into_iter().any(|known| known == address) {
                assert_eq!(find(&name).ok(), Some(address));
            }
        }
    }

    /// With a port of its own choice a client meets itself every time.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_connection_to_itself_is_refused() {
        use socket2::{Domain, Socket, Type};

        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a descriptor");
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        socket.bind(&any.into()).expect("a free port");
        let own = socket.local_addr().expect("it is bound");
        socket.connect(&own).expect("TCP allows it");
        let error = to_somebody_else(socket.into()).expect_err("it is itself");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        assert!(error.to_string().contains("connected to itself"), "{error}");
    }
}
