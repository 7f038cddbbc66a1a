use super::locks::{Holder, command};
use super::network::Network;
use super::sockets::{self, Row};
use super::table::{Process, all, has_ended, read};
use crate::unseen::NotSeen;
use nix::sys::socket::AddressFamily;
use std::fs::File;
use std::net::{IpAddr, SocketAddr};

/// A socket that waits for connections, and a process that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listener {
    /// The process's number. Several may have the same socket.
    pub pid: u32,
    /// Where it listens.
    pub address: SocketAddr,
}

/// Who of these listens where, by TCP, in the order of the processes.
///
/// # Errors
///
/// Where there is no /proc. A process that goes meanwhile listens nowhere.
pub fn listeners(processes: &[Process]) -> Result<Vec<Listener>, NotSeen> {
    // As a probe: whether there is anything to be read at all.
    let table = "/proc/self/net/tcp";
    File::open(table).map_err(|error| NotSeen::new(table, error))?;
    let mut found = Vec::new();
    for &Process { pid, .. } in processes {
        let open = sockets::sockets_of(&pid.to_string());
        // Each may be on a network of its own.
        let rows = Network::of(pid).all_listening().into_iter();
        let listening = rows.filter(|row| open.contains(&row.inode));
        found.extend(listening.map(|row| Listener {
            pid,
            address: row.local,
        }));
    }
    Ok(found)
}

/// The longest backlog that a listener can have on the network that this process is on
/// (`net.core.somaxconn`, `listen(2)`); `None` where that is not told.
pub fn longest_backlog() -> Option<usize> {
    let told = read("/proc/sys/net/core/somaxconn").ok()?;
    told.trim().parse().ok()
}

/// A process that listens on this port, by TCP, on the network that this one is on. Of other users'
/// processes, only root is told.
///
/// # Errors
///
/// Where there is no /proc.
pub fn who_listens(port: u16) -> Result<Option<u32>, NotSeen> {
    // The network's sockets once: of each process they would be the same, and there may be thousands.
    let rows = Network::own().all_listening().into_iter();
    let listening = rows.filter(|row| row.local.port() == port);
    let sockets: Vec<u64> = listening.map(|row| row.inode).collect();
    let has_one = |process: &Process| {
        let open = sockets::sockets_of(&process.pid.to_string());
        sockets.iter().any(|socket| open.contains(socket))
    };
    Ok(all()?.iter().find(|it| has_one(it)).map(|it| it.pid))
}

/// Whose the socket is that gets the connections to an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// These have it; never empty, and none before its parent.
    Theirs(Vec<u32>),
    /// None of them has it, and all of their descriptors were seen. Who has it instead, where that is
    /// told: of other users' processes, only root is.
    Others(Option<Holder>),
    /// Nobody listens there.
    Nobody,
    /// The descriptors of one of them may not be read: it is another user's, or does not want to be
    /// looked at (PR_SET_DUMPABLE, `prctl(2)`).
    NotKnown,
}

/// Is the socket that gets the connections to this address one of these processes'? It is looked up on
/// the network that this process is on, as it is this one that connects.
///
/// # Errors
///
/// Where there is no /proc.
pub fn owner(processes: &[Process], address: SocketAddr) -> Result<Owner, NotSeen> {
    let sockets = reached_at(address, listening_for(address)?);
    if sockets.is_empty() {
        return Ok(Owner::Nobody);
    }
    let (mut owners, mut owned, mut is_certain) = (Vec::new(), Vec::new(), true);
    for process in processes.iter().filter(|it| !has_ended(it)) {
        // Of one whose first thread alone has ended, nothing is shown.
        let is_shown = process.state != 'Z';
        let Some(open) = sockets::sockets_seen(process.pid).filter(|_| is_shown) else {
            is_certain = false;
            continue;
        };
        let theirs = sockets.iter().filter(|socket| open.contains(socket));
        let before = owned.len();
        owned.extend(theirs);
        if owned.len() > before {
            owners.push(process);
        }
    }
    // Several sockets may share an address (SO_REUSEPORT): then each gets some of the connections.
    if sockets.iter().all(|socket| owned.contains(socket)) {
        return Ok(Owner::Theirs(parents_first(&owners)));
    }
    if !is_certain {
        return Ok(Owner::NotKnown);
    }
    let foreign = |socket: &&u64| !owned.contains(socket);
    let other = sockets.iter().find(foreign).copied();
    let has_it = |it: &&Process| {
        let open = sockets::sockets_of(&it.pid.to_string());
        other.is_some_and(|socket| open.contains(&socket))
    };
    let all = all()?;
    let holder = all.iter().find(has_it).map(|it| Holder {
        pid: it.pid,
        command: command(it.pid).unwrap_or_default(),
    });
    Ok(Owner::Others(holder))
}

/// Those that listen, among them all that may get the connections to this address.
fn listening_for(address: SocketAddr) -> Result<Vec<Row>, NotSeen> {
    let network = Network::own();
    let told = network.listening(AddressFamily::Inet);
    let mut rows = told.map_err(|error| NotSeen::new("/proc/self/net/tcp", error))?;
    // None of IPv6's comes before one of IPv4's at this very address; and where no connection is IPv6's, the
    // kernel may look for one through all of its buckets: milliseconds, in each start of a server.
    let is_reached = |row: &Row| row.local == address && !address.ip().is_unspecified();
    if !rows.iter().any(is_reached) {
        let others = network.listening(AddressFamily::Inet6);
        rows.extend(others.unwrap_or_default()); // there may be no IPv6
    }
    Ok(rows)
}

/// The sockets that get the connections to this address: those that listen at it and nowhere else
/// before those of all addresses; and IPv4's before those of IPv6 that take IPv4's connections as well
/// (`ipv6(7)`, IPV6_V6ONLY).
fn reached_at(address: SocketAddr, rows: Vec<Row>) -> Vec<u64> {
    let asked = address.ip().to_canonical();
    let rank = |row: &Row| {
        let ip = row.local.ip();
        let is_any = ip.to_canonical().is_unspecified();
        let is_reached = ip.to_canonical() == asked
            || is_any && (ip.is_ipv6() || asked.is_ipv4())
            || asked.is_unspecified() && ip.to_canonical().is_loopback();
        let is_other_family = matches!((asked, ip), (IpAddr::V4(_), IpAddr::V6(_)));
        let is_one = row.is_listening() && row.local.port() == address.port() && is_reached;
        is_one.then_some((is_any, is_other_family))
    };
    let best = rows.iter().filter_map(rank).min();
    let reached = rows
        .iter()
        .filter(|row| best.is_some() && rank(row) == best);
    reached.map(|row| row.inode).collect()
}

/// Whose parent is among them comes after it; otherwise, in their order.
fn parents_first(owners: &[&Process]) -> Vec<u32> {
    let is_owner = |pid: u32| owners.iter().any(|owner| owner.pid == pid);
    let mut sorted = owners.to_vec();
    sorted.sort_by_key(|owner| is_owner(owner.parent)); // what is equal stays in its order
    sorted.iter().map(|owner| owner.pid).collect()
}

#[cfg(all(test, target_endian = "little"))]
mod tests {
    use super::*;

    fn row(local: &str, inode: u64) -> Row {
        Row::listener(local.parse().expect("an address"), inode)
    }

    #[test]
    fn the_nearest_listener_gets_the_connections() {
        let address: SocketAddr = "127.0.0.1:80".parse().expect("an address");
        let all = [
            row("[::]:80", 1),
            row("0.0.0.0:80", 2),
            row("[::ffff:127.0.0.1]:80", 3),
            row("127.0.0.1:80", 4),
            row("127.0.0.1:80", 5),
            row("127.0.0.1:81", 6),
            row("127.0.0.2:80", 7),
            row("[::1]:80", 8),
        ];
        let reached = |without: &[u64]| {
            let rows = all.iter().filter(|row| !without.contains(&row.inode));
            reached_at(address, rows.cloned().collect())
        };
        assert_eq!(reached(&[]), [4, 5]);
        assert_eq!(reached(&[4, 5]), [3]);
        assert_eq!(reached(&[3, 4, 5]), [2]);
        assert_eq!(reached(&[2, 3, 4, 5]), [1]);
        assert!(reached(&[1, 2, 3, 4, 5]).is_empty());
    }
}
