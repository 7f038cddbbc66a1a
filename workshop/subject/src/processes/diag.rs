//! TCP sockets, as the kernel tells of them when it is asked by netlink (`sock_diag(7)`): of those that
//! listen, or of one connection, it knows without a look through all that there are.

use super::sockets::{LISTEN, Row, TIME_WAIT};
use nix::libc;
use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, recv, send, socket,
};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsRawFd, OwnedFd};

/// Asks of the network that the thread is on which has opened it.
pub(super) struct Diag(OwnedFd);

/// `SOCK_DIAG_BY_FAMILY` of `<linux/sock_diag.h>`: a question, and each row of an answer.
const BY_FAMILY: u16 = 20;
/// `struct nlmsghdr`: its length, what it is, its flags, a number to know the answer by, and a port.
const HEADER: usize = 16;
/// What is asked here is answered before anything else is.
const NUMBER: u32 = 1;
/// More than the kernel puts into a part of its answer.
const PART: usize = 1 << 16;
/// No rows of the kernel's are thrown away but these: they are nobody's, and may be tens of thousands.
const ALL: u32 = !(1 << TIME_WAIT);

impl Diag {
    pub(super) fn open() -> io::Result<Diag> {
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK; // an answer is there at once
        let protocol = SockProtocol::NetlinkSockDiag;
        let socket = socket(AddressFamily::Netlink, SockType::Raw, flags, protocol)?;
        Ok(Diag(socket))
    }

    /// Those of a family that listen.
    pub(super) fn listening(&self, family: AddressFamily) -> io::Result<Vec<Row>> {
        self.ask(libc::NLM_F_DUMP, family, 1 << LISTEN, &[0; ID])
    }

    /// All of a family, without those of which only the time is left (TIME_WAIT). The kernel looks through
    /// all of its buckets for them.
    pub(super) fn all(&self, family: AddressFamily) -> io::Result<Vec<Row>> {
        self.ask(libc::NLM_F_DUMP, family, ALL, &[0; ID])
    }

    /// The end of a connection that is at `local`.
    pub(super) fn end(&self, local: SocketAddr, remote: SocketAddr) -> io::Result<Option<Row>> {
        let family = match (local.ip().to_canonical(), remote.ip().to_canonical()) {
            (IpAddr::V4(_), IpAddr::V4(_)) => AddressFamily::Inet, // of IPv6 sockets, too
            _ => AddressFamily::Inet6,
        };
        match self.ask(0, family, ALL, &id(local, remote)) {
            // Of no connection that is there, the one that listens for it is told.
            Ok(rows) => Ok(rows.into_iter().find(|row| {
                row.is_between(local, remote) && !row.is_listening() && !row.is_past()
            })),
            // There is none; or nobody who would know.
            Err(error) if error.raw_os_error() == Some(libc::ENOENT) => {
                self.listening(family).map(|_| None)
            }
            Err(error) => Err(error),
        }
    }

    fn ask(
        &self,
        flags: libc::c_int,
        family: AddressFamily,
        states: u32,
        id: &[u8; ID],
    ) -> io::Result<Vec<Row>> {
        let socket = self.0.as_raw_fd();
        let flags = flags | libc::NLM_F_REQUEST;
        let question = question(flags as u16, family as u8, states, id);
        send(socket, &question, MsgFlags::empty())?;
        let mut rows = Vec::new();
        let mut part = vec![0; PART];
        loop {
            let length = recv(socket, &mut part, MsgFlags::MSG_TRUNC)?;
            let mut rest = part.get(..length).ok_or(io::ErrorKind::InvalidData)?;
            while !rest.is_empty() {
                let message = Message::first_of(rest).ok_or(io::ErrorKind::InvalidData)?;
                match libc::c_int::from(message.kind) {
                    libc::NLMSG_DONE => return Ok(rows),
                    libc::NLMSG_ERROR => return Err(message.error()),
                    _ => rows.push(row(message.body).ok_or(io::ErrorKind::InvalidData)?),
                }
                if !message.is_one_of_many {
                    return Ok(rows);
                }
                rest = message.rest;
            }
        }
    }
}

/// A message of the kernel's, and what comes behind it.
struct Message<'a> {
    kind: u16,
    is_one_of_many: bool,
    body: &'a [u8],
    rest: &'a [u8],
}

impl Message<'_> {
    fn first_of(bytes: &[u8]) -> Option<Message<'_>> {
        let length = number(bytes, 0)? as usize;
        let (kind, flags) = (half(bytes, 4)?, half(bytes, 6)?);
        let is_known = [BY_FAMILY, libc::NLMSG_DONE as u16, libc::NLMSG_ERROR as u16];
        if !is_known.contains(&kind) || number(bytes, 8)? != NUMBER {
            return None;
        }
        Some(Message {
            kind,
            is_one_of_many: flags & libc::NLM_F_MULTI as u16 != 0,
            body: bytes.get(HEADER..length)?,
            rest: bytes.get(length.next_multiple_of(4)..).unwrap_or_default(),
        })
    }

    /// Of a message that is one: `struct nlmsgerr` begins with its negative number.
    fn error(&self) -> io::Error {
        let number = number(self.body, 0).unwrap_or_default() as i32;
        io::Error::from_raw_os_error(number.saturating_neg())
    }
}

/// `struct inet_diag_sockid` is so long: two ports, two addresses, an interface, a cookie.
const ID: usize = 48;

/// Which connection is meant; whatever its cookie is (`INET_DIAG_NOCOOKIE`).
fn id(local: SocketAddr, remote: SocketAddr) -> [u8; ID] {
    let mut id = [0xff; ID];
    id[..2].copy_from_slice(&local.port().to_be_bytes());
    id[2..4].copy_from_slice(&remote.port().to_be_bytes());
    id[4..20].copy_from_slice(&address(local.ip()));
    id[20..36].copy_from_slice(&address(remote.ip()));
    let interface = match local {
        SocketAddr::V6(local) => local.scope_id(),
        SocketAddr::V4(_) => 0,
    };
    id[36..40].copy_from_slice(&interface.to_ne_bytes());
    id
}

/// One of IPv4 stands in the first of four words.
fn address(ip: IpAddr) -> [u8; 16] {
    let mut bytes = [0; 16];
    match ip.to_canonical() {
        IpAddr::V4(ip) => bytes[..4].copy_from_slice(&ip.octets()),
        IpAddr::V6(ip) => bytes = ip.octets(),
    }
    bytes
}

/// The header, and `struct inet_diag_req_v2`: the family, TCP, nothing besides, the states, and an id.
fn question(flags: u16, family: u8, states: u32, id: &[u8; ID]) -> Vec<u8> {
    let length = (HEADER + 8 + ID) as u32;
    let mut bytes = length.to_ne_bytes().to_vec();
    bytes.extend(BY_FAMILY.to_ne_bytes());
    bytes.extend(flags.to_ne_bytes());
    bytes.extend(NUMBER.to_ne_bytes());
    bytes.extend([0; 4]);
    bytes.extend([family, libc::IPPROTO_TCP as u8, 0, 0]);
    bytes.extend(states.to_ne_bytes());
    bytes.extend(id);
    bytes
}

/// `struct inet_diag_msg`: the family, the state, two bytes of a timer, an id, when it expires, two queues,
/// the user, the inode.
fn row(bytes: &[u8]) -> Option<Row> {
    let [family, state, ..] = *bytes else {
        return None;
    };
    let end = |ip: usize, port: usize| {
        let ip: IpAddr = match libc::c_int::from(family) {
            libc::AF_INET => Ipv4Addr::from(*bytes.get(ip..)?.first_chunk()?).into(),
            libc::AF_INET6 => Ipv6Addr::from(*bytes.get(ip..)?.first_chunk::<16>()?).into(),
            _ => return None,
        };
        Some(SocketAddr::new(ip, u16::from_be(half(bytes, port)?)))
    };
    // Of a listener, it would be how long its backlog may be.
    let is_listener = state == LISTEN;
    let sent = number(bytes, 60).filter(|_| !is_listener);
    Some(Row {
        local: end(8, 4)?,
        remote: end(24, 6)?,
        state,
        sent: sent.unwrap_or_default().into(),
        received: number(bytes, 56)?.into(),
        inode: number(bytes, 68)?.into(),
    })
}

/// As this machine has it in its memory.
fn half(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_ne_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(*bytes.get(at..)?.first_chunk()?))
}
