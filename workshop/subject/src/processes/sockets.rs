//! TCP connections, as a row of `/proc/net/tcp` has them, and what else the system tells of a socket.

use nix::sys::socket::{
    AddressFamily, SockType, SockaddrLike, SockaddrStorage, UnixAddr, getpeername, getsockname,
    getsockopt, sockopt,
};
use nix::sys::time::TimeVal;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsRawFd, OwnedFd};

/// A row of `/proc/net/tcp` or `tcp6`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) local: SocketAddr,
    pub(super) remote: SocketAddr,
    /// As in `01`, in the kernel's numbers (`enum` in `include/net/tcp_states.h`).
    pub(super) state: u8,
    /// Bytes that the other end has not acknowledged yet.
    pub(super) sent: u64,
    /// Bytes that have not been read yet; of a listener, connections not yet accepted.
    pub(super) received: u64,
    /// The socket; 0 of a connection that no process has: not yet accepted, or closed.
    pub(super) inode: u64,
}

const ESTABLISHED: u8 = 1;
const FIN_WAIT2: u8 = 5;
pub(super) const TIME_WAIT: u8 = 6;
const CLOSE_WAIT: u8 = 8;
pub(super) const LISTEN: u8 = 10;

impl Row {
    pub(super) fn is_listening(&self) -> bool {
        self.state == LISTEN
    }

    #[cfg(test)]
    pub(super) fn listener(local: SocketAddr, inode: u64) -> Row {
        Row {
            local,
            remote: SocketAddr::new(local.ip(), 0),
            state: LISTEN,
            sent: 0,
            received: 0,
            inode,
        }
    }

    /// In a state that does not pass by itself.
    pub(super) fn is_steady(&self) -> bool {
        [ESTABLISHED, FIN_WAIT2, CLOSE_WAIT, LISTEN].contains(&self.state)
    }

    /// Both ends have said all, and heard it.
    pub(super) fn is_past(&self) -> bool {
        self.state == TIME_WAIT
    }

    /// The other end has sent its FIN: it will send nothing more.
    pub(super) fn has_heard_all(&self) -> bool {
        self.state == CLOSE_WAIT
    }

    /// Is it that end of the connection that is at `local`?
    pub(super) fn is_between(&self, local: SocketAddr, remote: SocketAddr) -> bool {
        let same = |row: SocketAddr, asked: SocketAddr| {
            row.port() == asked.port() && row.ip().to_canonical() == asked.ip().to_canonical()
        };
        same(self.local, local) && same(self.remote, remote)
    }
}

/// As a line of a table has it.
pub(super) fn row(line: &str) -> Option<Row> {
    let columns: Vec<&str> = line.split_whitespace().collect();
    let (sent, received) = columns.get(4)?.split_once(':')?;
    Some(Row {
        local: address(columns.get(1)?)?,
        remote: address(columns.get(2)?)?,
        state: u8::from_str_radix(columns.get(3)?, 16).ok()?,
        sent: u64::from_str_radix(sent, 16).ok()?,
        received: u64::from_str_radix(received, 16).ok()?,
        inode: columns.get(9)?.parse().ok()?,
    })
}

/// The inode of `socket:[INODE]`, as a link of `/proc/PID/fd` says it.
pub(super) fn inode(open: &str) -> Option<u64> {
    let inode = open.strip_prefix("socket:[")?.strip_suffix(']')?;
    inode.parse().ok()
}

/// The inodes of the sockets that a process has open.
pub(super) fn sockets_of(process: &str) -> BTreeSet<u64> {
    let open = fs::read_dir(format!("/proc/{process}/fd"));
    let inodes = open.into_iter().flatten().filter_map(|descriptor| {
        let open = fs::read_link(descriptor.ok()?.path()).ok()?;
        inode(open.to_str()?)
    });
    inodes.collect()
}

/// The same; `None` where they may not be read. Whoever has gone meanwhile has none.
pub(super) fn sockets_seen(pid: u32) -> Option<BTreeSet<u64>> {
    let may_not = |error: &io::Error| error.kind() == io::ErrorKind::PermissionDenied;
    let open = match fs::read_dir(format!("/proc/{pid}/fd")) {
        Ok(open) => open,
        Err(error) => return (!may_not(&error)).then(BTreeSet::new),
    };
    let mut sockets = BTreeSet::new();
    for descriptor in open.flatten() {
        match fs::read_link(descriptor.path()) {
            Ok(open) => sockets.extend(open.to_str().and_then(inode)),
            Err(error) if may_not(&error) => return None,
            Err(_) => {}
        }
    }
    Some(sockets)
}

/// The sockets of this process.
pub(super) fn own() -> BTreeSet<u64> {
    sockets_of("self")
}

/// Both ends of each TCP connection that this process has open, ours first.
pub(super) fn own_connections() -> Vec<(SocketAddr, SocketAddr)> {
    let open = fs::read_dir("/proc/self/fd").into_iter().flatten();
    let connections = open.filter_map(|descriptor| {
        let descriptor = descriptor.ok()?;
        inode(fs::read_link(descriptor.path()).ok()?.to_str()?)?;
        let number = descriptor.file_name().to_str()?.parse().ok()?;
        // Connected ones of UDP are in no table of TCP.
        let (ours, theirs) = (getsockname(number).ok()?, getpeername(number).ok()?);
        Some((inet(&ours)?, inet(&theirs)?))
    });
    connections.collect()
}

fn inet(address: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = address.as_sockaddr_in().map(|&v4| v4.into());
    v4.or_else(|| address.as_sockaddr_in6().map(|&v6| v6.into()))
}

/// Is it certain that this socket of another process is none of TCP?
#[cfg(target_os = "linux")]
pub(super) fn is_not_of_tcp(pid: u32, descriptor: i32) -> bool {
    const OTHERS: [&[u8]; 5] = [b"UNIX", b"UNIX-STREAM", b"NETLINK", b"UDP", b"UDPv6"];
    let mut name = [0; 32];
    let open = format!("/proc/{pid}/fd/{descriptor}");
    let told = rustix::fs::getxattr(open, "system.sockprotoname", &mut name[..]);
    let name = told.ok().and_then(|length| name.get(..length));
    name.and_then(|name| name.strip_suffix(b"\0"))
        .is_some_and(|name| OTHERS.contains(&name))
}

#[cfg(not(target_os = "linux"))]
pub(super) fn is_not_of_tcp(_: u32, _: i32) -> bool {
    false
}

/// Is one of the process's descriptors with this socket watched by epoll(7) with EPOLLET?
pub(super) fn is_watched_edge_triggered(pid: u32, socket: u64) -> bool {
    const EPOLLET: u64 = 1 << 31;
    let open = fs::read_dir(format!("/proc/{pid}/fd"));
    let instances = open.into_iter().flatten().filter_map(|descriptor| {
        let descriptor = descriptor.ok()?;
        let is_one = fs::read_link(descriptor.path()).ok()?.to_str()? == "anon_inode:[eventpoll]";
        is_one.then(|| descriptor.file_name().to_string_lossy().into_owned())
    });
    // `tfd:        5 events: 80000001 data: …`
    let is_so = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let ["tfd:", descriptor, "events:", events, ..] = words[..] else {
            return None;
        };
        let open = fs::read_link(format!("/proc/{pid}/fd/{descriptor}")).ok()?;
        let is_it = inode(open.to_str()?)? == socket;
        Some(is_it && u64::from_str_radix(events, 16).ok()? & EPOLLET != 0)
    };
    instances.into_iter().any(|instance| {
        let watched = fs::read_to_string(format!("/proc/{pid}/fdinfo/{instance}"));
        let watched = watched.unwrap_or_default();
        watched.lines().any(|line| is_so(line) == Some(true))
    })
}

/// May a call on this descriptor of another process end by itself? A socket can have a time-out that
/// is in no argument (SO_RCVTIMEO and SO_SNDTIMEO, socket(7)). Whatever cannot be told may.
pub(super) fn may_time_out(pid: u32, descriptor: Option<u64>) -> bool {
    // An int: the upper half of the register is nobody's. Of a pointer, the lower one is none, or does
    // no harm.
    let Some(number) = descriptor.map(|number| number as u32 as i32) else {
        return false;
    };
    let open = fs::read_link(format!("/proc/{pid}/fd/{number}"));
    if !open.is_ok_and(|open| open.to_str().is_some_and(|open| inode(open).is_some())) {
        return false;
    }
    !borrow(pid, number).is_some_and(|socket| {
        let never = |time: nix::Result<TimeVal>| time == Ok(TimeVal::new(0, 0));
        never(getsockopt(&socket, sockopt::ReceiveTimeout))
            && never(getsockopt(&socket, sockopt::SendTimeout))
    })
}

/// Can nobody outside send anything to this socket of another process, which is not in the tables of
/// TCP? One of TCP is not connected. Of a pair (`socketpair(2)`) neither end has a name; whoever
/// is connected to a name, or has one, may hear from anybody.
pub(super) fn is_nobody_elses(pid: u32, descriptor: i32) -> bool {
    let Some(socket) = borrow(pid, descriptor) else {
        return false;
    };
    let number = socket.as_raw_fd();
    let has_no_name =
        |address: nix::Result<UnixAddr>| address.is_ok_and(|address| address.path_len() == 0);
    match getsockopt(&socket, sockopt::SockType) {
        Ok(SockType::Stream) if getsockname(number).is_ok_and(is_inet) => {
            getpeername::<SockaddrStorage>(number).is_err()
        }
        Ok(_) => has_no_name(getsockname(number)) && has_no_name(getpeername(number)),
        Err(_) => false,
    }
}

fn is_inet(address: SockaddrStorage) -> bool {
    matches!(
        address.family(),
        Some(AddressFamily::Inet | AddressFamily::Inet6)
    )
}

/// Another process's descriptor, for as short a time as possible: what it closes meanwhile stays open.
#[cfg(target_os = "linux")]
fn borrow(pid: u32, descriptor: i32) -> Option<OwnedFd> {
    use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};
    let process = pidfd_open(Pid::from_raw(pid.try_into().ok()?)?, PidfdFlags::empty()).ok()?;
    pidfd_getfd(process, descriptor, PidfdGetfdFlags::empty()).ok()
}

#[cfg(not(target_os = "linux"))]
fn borrow(_: u32, _: i32) -> Option<OwnedFd> {
    None
}

/// `0100007F:1F90`: words of 32 bits, each as this machine would print the bytes that it holds.
fn address(shown: &str) -> Option<SocketAddr> {
    let (ip, port) = shown.split_once(':')?;
    let word = |index: usize| {
        let digits = ip.get(8 * index..8 * (index + 1))?;
        Some(u32::from_str_radix(digits, 16).ok()?.to_ne_bytes())
    };
    let ip: IpAddr = match ip.len() {
        8 => Ipv4Addr::from(word(0)?).into(),
        32 => {
            let mut bytes = [0; 16];
            for (index, part) in bytes.chunks_exact_mut(4).enumerate() {
                part.copy_from_slice(&word(index)?);
            }
            Ipv6Addr::from(bytes).into()
        }
        _ => return None,
    };
    Some(SocketAddr::new(ip, u16::from_str_radix(port, 16).ok()?))
}

#[cfg(all(test, target_endian = "little"))]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read() {
        let line = "   0: 0100007F:1F90 0100007F:0016 01 00000003:00000005 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0";
        let expected = Row {
            local: "127.0.0.1:8080".parse().expect("one"),
            remote: "127.0.0.1:22".parse().expect("one"),
            state: ESTABLISHED,
            sent: 3,
            received: 5,
            inode: 4711,
        };
        assert_eq!(row(line), Some(expected));
        assert_eq!(row("  sl  local_address rem_address   st tx_queue"), None);
    }

    #[test]
    fn an_address_of_ipv6_is_four_words() {
        let loopback = address("00000000000000000000000001000000:0016");
        assert_eq!(loopback, Some("[::1]:22".parse().expect("one")));
        let mapped = address("0000000000000000FFFF00000100007F:0016");
        assert_eq!(mapped, Some("[::ffff:127.0.0.1]:22".parse().expect("one")));
    }
}
