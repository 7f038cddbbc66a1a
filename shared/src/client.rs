//! What a client of TCP has to look at, once it is connected.

use std::io;
use std::net::{SocketAddr, TcpStream};

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
