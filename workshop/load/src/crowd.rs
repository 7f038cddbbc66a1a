use super::trouble::{Trouble, TurnedAway};
use grader::model;
use shared::client::to_somebody_else;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How many connect before the first of them is waited for: no more than fit into the shortest
/// backlog that is common.
const AT_ONCE: usize = 16;
/// What every client says first.
const GREETING: &[u8] = b"Hello\n";

/// Clients who have connected.
#[derive(Debug)]
pub struct Crowd {
    pub(super) busy: Vec<TcpStream>,
    pub(super) patience: Duration,
    /// Each has spoken once and been answered: all are known to be served.
    pub(super) acquainted: bool,
    /// They are only there.
    _idle: Vec<TcpStream>,
}

impl Crowd {
    /// Connects `busy` clients who are going to say lines, and `idle` ones who are not. Each has
    /// spoken once, and been answered. None of them waits longer than `patience`, now or later.
    ///
    /// # Errors
    ///
    /// The first client that is not served.
    pub fn gather(
        address: SocketAddr,
        busy: usize,
        idle: usize,
        patience: Duration,
    ) -> Result<Crowd, Trouble> {
        let mut all = Vec::new();
        while all.len() < busy + idle {
            let next = all.len()..(all.len() + AT_ONCE).min(busy + idle);
            let first = next.start;
            for number in next {
                let client = acquaint(address, number, patience)
                    .map_err(|error| too_many(number, busy + idle, TurnedAway::Refused(error)))?;
                all.push(client);
            }
            for (client, number) in all[first..].iter().zip(first..) {
                hear_greeting(client, number, busy + idle, patience)?;
            }
        }
        let idle = all.split_off(busy);
        Ok(Crowd {
            busy: all,
            patience,
            acquainted: true,
            _idle: idle,
        })
    }

    /// Connects `busy` clients without waiting for any of them to be served: a pool of threads serves
    /// the last ones when the first have left. The server is given up when none of them has heard
    /// anything for as long as `patience`.
    ///
    /// # Errors
    ///
    /// The first client that cannot connect.
    pub fn connect(address: SocketAddr, busy: usize, patience: Duration) -> Result<Crowd, Trouble> {
        let all = (0..busy).map(|number| {
            let stream = connect(address, number, patience).and_then(ready);
            stream.map_err(|error| too_many(number, busy, TurnedAway::Refused(error)))
        });
        Ok(Crowd {
            busy: all.collect::<Result<_, _>>()?,
            patience,
            acquainted: false,
            _idle: Vec::new(),
        })
    }
}

/// Connects and says the first line.
fn acquaint(address: SocketAddr, number: usize, patience: Duration) -> io::Result<TcpStream> {
    let stream = connect(address, number, patience).and_then(ready)?;
    stream.set_read_timeout(Some(patience))?;
    (&stream).write_all(GREETING)?;
    Ok(stream)
}

/// A connection whose lines go out at once.
fn ready(stream: TcpStream) -> io::Result<TcpStream> {
    let stream = to_somebody_else(stream)?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn hear_greeting(
    mut client: &TcpStream,
    number: usize,
    of: usize,
    patience: Duration,
) -> Result<(), Trouble> {
    let owed = model::owed(GREETING, false);
    let mut came = vec![0; owed.len()];
    match client.read_exact(&mut came) {
        Ok(()) if came == owed => Ok(()),
        Ok(()) => Err(Trouble::Wrong {
            connection: number + 1,
            offset: 0,
            expected: owed,
            found: came,
        }),
        Err(error) => {
            let why = match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut => TurnedAway::Unanswered(patience),
                _ => TurnedAway::Closed,
            };
            Err(too_many(number, of, why))
        }
    }
}

fn too_many(number: usize, of: usize, why: TurnedAway) -> Trouble {
    Trouble::TooMany {
        connection: number + 1,
        of,
        why,
    }
}

/// Connects from an address of this machine that has ports left. One address has 28,230 for
/// connections to one port (`net.ipv4.ip_local_port_range`), and Linux takes all of 127.0.0.0/8 for
/// its own.
#[cfg(target_os = "linux")]
fn connect(address: SocketAddr, number: usize, patience: Duration) -> io::Result<TcpStream> {
    use nix::sys::socket::{
        AddressFamily, SockFlag, SockType, SockaddrIn, bind, connect, setsockopt, socket, sockopt,
    };
    use nix::sys::time::{TimeVal, TimeValLike};
    use std::os::fd::AsRawFd;

    /// Well below what one address has, as some of its ports may be in use.
    const FROM_EACH: usize = 20_000;
    let SocketAddr::V4(server) = address else {
        return TcpStream::connect_timeout(&address, patience);
    };
    if !server.ip().is_loopback() {
        return TcpStream::connect_timeout(&address, patience);
    }
    let family = AddressFamily::Inet;
    let fd = socket(family, SockType::Stream, SockFlag::SOCK_CLOEXEC, None)?;
    // The port is chosen by `connect`, which knows the other end: only both together must be
    // unique.
    setsockopt(&fd, sockopt::IpBindAddressNoPort, &true)?;
    // A connect that blocks is bounded by this one, too (`socket(7)`).
    let patience = TimeVal::milliseconds(patience.as_millis() as i64);
    setsockopt(&fd, sockopt::SendTimeout, &patience)?;
    let host = (number / FROM_EACH + 2).min(254) as u8;
    bind(fd.as_raw_fd(), &SockaddrIn::new(127, 0, 0, host, 0))?;
    connect(fd.as_raw_fd(), &SockaddrIn::from(server))?;
    Ok(TcpStream::from(fd))
}

#[cfg(not(target_os = "linux"))]
fn connect(address: SocketAddr, _number: usize, patience: Duration) -> io::Result<TcpStream> {
    TcpStream::connect_timeout(&address, patience)
}
