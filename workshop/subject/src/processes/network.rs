//! The TCP sockets of the network that a process is on. The kernel is asked for those that matter
//! ([`Diag`]), or all are read (`/proc/PID/net`): for a process on another network than this one, and where
//! it answers no questions.

#[cfg(target_os = "linux")]
use super::diag::Diag;
use super::sockets::{self, Row};
use nix::sys::socket::AddressFamily;
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, BufRead, BufReader};
use std::net::{IpAddr, SocketAddr};

/// A network.
pub(super) struct Network {
    pid: u32,
    diag: Option<Diag>,
}

/// Of so many connections at most, the kernel is asked one by one: then that takes less than all of them.
const FEW: usize = 64;
/// How long a line of a table is, in bytes.
const LINE: usize = 150;

impl Network {
    /// That of a process.
    pub(super) fn of(pid: u32) -> Network {
        let is_ours = || {
            let theirs = fs::read_link(format!("/proc/{pid}/ns/net")).ok()?;
            Some(theirs == fs::read_link("/proc/thread-self/ns/net").ok()?)
        };
        let diag = if is_ours() == Some(true) {
            Diag::open().ok()
        } else {
            None
        };
        Network { pid, diag }
    }

    /// The one that this process is on.
    pub(super) fn own() -> Network {
        Network::of(std::process::id())
    }

    /// Those that listen, of IPv4 or of IPv6.
    pub(super) fn listening(&self, family: AddressFamily) -> io::Result<Vec<Row>> {
        let told = self.diag.as_ref().map(|diag| diag.listening(family));
        match told {
            Some(Ok(rows)) => Ok(rows),
            _ => listening(&self.table(family)),
        }
    }

    /// Those that listen.
    pub(super) fn all_listening(&self) -> Vec<Row> {
        let rows = FAMILIES.map(|family| self.listening(family).unwrap_or_default());
        rows.concat()
    }

    /// Those ends of connections that are at the first of the two addresses.
    pub(super) fn ends(&self, connections: &[(SocketAddr, SocketAddr)]) -> Vec<Option<Row>> {
        let ends = connections.iter();
        let told = self.diag.as_ref().and_then(|diag| {
            let ends = ends.clone().map(|&(local, remote)| diag.end(local, remote));
            ends.collect::<io::Result<_>>().ok()
        });
        told.unwrap_or_else(|| {
            let rows = self.rows();
            let end = |&(local, remote): &(SocketAddr, SocketAddr)| {
                let mut rows = rows.iter();
                rows.find(|row| row.is_between(local, remote)).cloned()
            };
            ends.map(end).collect()
        })
    }

    /// All sockets, but for those of which only the time is left.
    pub(super) fn rows(&self) -> Vec<Row> {
        let all = FAMILIES.map(|family| {
            let told = self.diag.as_ref().map(|diag| diag.all(family));
            match told {
                Some(Ok(rows)) => rows,
                _ => table(&self.table(family)),
            }
        });
        all.concat()
    }

    /// Those that listen, and both ends of each connection that this process has, and of those that are
    /// asked for. `None` where that takes longer than all of them, or cannot be told.
    pub(super) fn ours(&self, asked: Option<(SocketAddr, SocketAddr)>) -> Option<Vec<Row>> {
        let diag = self.diag.as_ref()?;
        let connections = sockets::own_connections();
        if connections.len() > FEW {
            return None;
        }
        // A connection within this process has two ends here.
        let mut ends = BTreeSet::new();
        for (local, remote) in connections.into_iter().chain(asked) {
            let (local, remote) = (canonical(local), canonical(remote));
            ends.extend([(local, remote), (remote, local)]);
        }
        let mut rows = Vec::new();
        for family in FAMILIES {
            rows.extend(diag.listening(family).ok()?);
        }
        for (local, remote) in ends {
            rows.extend(diag.end(local, remote).ok()?);
        }
        Some(rows)
    }

    fn table(&self, family: AddressFamily) -> String {
        let table = match family {
            AddressFamily::Inet6 => "tcp6",
            _ => "tcp",
        };
        format!("/proc/{}/net/{table}", self.pid)
    }
}

const FAMILIES: [AddressFamily; 2] = [AddressFamily::Inet, AddressFamily::Inet6];

/// The same one, however it is written.
fn canonical(address: SocketAddr) -> SocketAddr {
    match address.ip().to_canonical() {
        ip @ IpAddr::V4(_) => SocketAddr::new(ip, address.port()),
        IpAddr::V6(_) => address, // with its interface
    }
}

/// What a table has; nothing of one that is not there.
fn table(table: &str) -> Vec<Row> {
    let table = fs::read_to_string(table).unwrap_or_default();
    let rows = table.lines().skip(1).filter_map(sockets::row);
    rows.filter(|row| !row.is_past()).collect()
}

/// Those of a table that listen. They stand before all others, of which there may be tens of thousands
/// (`Documentation/networking/proc_net_tcp.rst`): no more is read than that, and no more asked for at a time
/// than one, as the kernel looks through all of its buckets for others to fill what there is room for.
fn listening(table: &str) -> io::Result<Vec<Row>> {
    let lines = BufReader::with_capacity(LINE, fs::File::open(table)?).lines();
    let all = lines.skip(1).map_while(|line| sockets::row(&line.ok()?));
    Ok(all.take_while(Row::is_listening).collect())
}

/// Nobody answers such questions elsewhere.
#[cfg(not(target_os = "linux"))]
enum Diag {}

#[cfg(not(target_os = "linux"))]
impl Diag {
    fn open() -> io::Result<Diag> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn listening(&self, _: AddressFamily) -> io::Result<Vec<Row>> {
        match *self {}
    }

    fn all(&self, _: AddressFamily) -> io::Result<Vec<Row>> {
        match *self {}
    }

    fn end(&self, _: SocketAddr, _: SocketAddr) -> io::Result<Option<Row>> {
        match *self {}
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::poll_until;
    use nix::sched::{CloneFlags, unshare};
    use std::io::{Read, Write};
    use std::net::{Shutdown, TcpListener, TcpStream};
    use std::thread;
    use std::time::{Duration, Instant};

    /// By the tables, which are asked for where the kernel answers no questions.
    fn by_tables() -> Network {
        Network {
            pid: std::process::id(),
            diag: None,
        }
    }

    fn diag() -> Diag {
        Diag::open().expect("the kernel answers")
    }

    /// The sockets at a port, or connected to it, in some order.
    fn at(port: u16, rows: Vec<Row>) -> Vec<Row> {
        let mut rows = rows;
        rows.retain(|row| [row.local.port(), row.remote.port()].contains(&port));
        rows.sort_by_key(|row| (row.local, row.remote));
        rows
    }

    fn all(families: impl Fn(AddressFamily) -> io::Result<Vec<Row>>) -> Vec<Row> {
        FAMILIES
            .map(|family| families(family).expect("told"))
            .concat()
    }

    fn ends(stream: &TcpStream) -> (SocketAddr, SocketAddr) {
        (
            stream.local_addr().expect("it has one"),
            stream.peer_addr().expect("it has one"),
        )
    }

    /// At `listen`, somebody waits to be accepted; one client has said something that is not read; to
    /// another, something was said; and one has said all.
    fn both_tell_the_same(listen: &str, connect: &str, how_many_ends: usize) {
        let listener = TcpListener::bind(listen).expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let connect = || TcpStream::connect((connect, port)).expect("it listens");
        let mut accepted = Vec::new();
        let mut clients: Vec<TcpStream> = (0..3)
            .map(|_| {
                let client = connect();
                accepted.push(listener.accept().expect("it is connected").0);
                client
            })
            .collect();
        clients[0].write_all(b"abc").expect("there is room");
        accepted[1].write_all(b"defgh").expect("there is room");
        clients[2].shutdown(Shutdown::Write).expect("connected");
        let waiting = connect();
        let is_settled = |rows: &[Row]| {
            // An end counts as one, and so does whoever waits.
            rows.iter().map(|row| row.received).sum::<u64>() == 3 + 5 + 1 + 1
                && rows.iter().all(|row| row.sent == 0 && row.is_steady())
        };
        let mut told = Vec::new();
        let deadline = Instant::now() + Duration::from_secs(10);
        let has_come = poll_until(deadline, || {
            told = at(port, by_tables().rows());
            is_settled(&told)
        });
        assert!(has_come, "{told:?}");
        assert_eq!(told.len(), 1 + how_many_ends);
        assert_eq!(at(port, all(|family| diag().all(family))), told);
        let listening = at(port, all(|family| diag().listening(family)));
        let told_listening: Vec<Row> = told
            .iter()
            .filter(|it| it.is_listening())
            .cloned()
            .collect();
        assert_eq!(listening, told_listening);
        assert_eq!(at(port, by_tables().all_listening()), told_listening);
        let own = Network::own().ours(None).expect("few enough");
        assert_eq!(at(port, own), told);
        for client in clients.iter().chain([&waiting]) {
            let (local, remote) = ends(client);
            let both = [(local, remote), (remote, local)];
            let ends = Network::own().ends(&both);
            assert!(ends.iter().all(Option::is_some));
            assert_eq!(ends, by_tables().ends(&both));
        }
    }

    #[test]
    fn the_kernel_answers_as_its_tables_do() {
        both_tell_the_same("127.0.0.1:0", "127.0.0.1", 8);
        if TcpListener::bind("[::1]:0").is_ok() {
            both_tell_the_same("[::1]:0", "::1", 8);
            both_tell_the_same("[::]:0", "127.0.0.1", 8);
        }
    }

    #[test]
    fn what_is_on_its_way_is_told_alike() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let mut client = TcpStream::connect(listener.local_addr().expect("it is bound"));
        let client = client.as_mut().expect("it listens");
        client.set_nonblocking(true).expect("it is one");
        while client.write(&[0; 1 << 16]).is_ok() {}
        let (local, remote) = ends(client);
        let both = [(local, remote), (remote, local)];
        let deadline = Instant::now() + Duration::from_secs(10);
        let mut told = Vec::new();
        let is_same = poll_until(deadline, || {
            told = Network::own().ends(&both);
            told == by_tables().ends(&both)
        });
        assert!(is_same, "{told:?}");
        let sent = told[0].as_ref().map(|row| row.sent);
        assert!(sent > Some(0), "{told:?}");
    }

    #[test]
    fn of_what_is_no_more_nothing_is_told() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let nobody = SocketAddr::new(address.ip(), 1);
        let client = TcpStream::connect(address).expect("it listens");
        let (mut accepted, _) = listener.accept().expect("it is connected");
        let (local, remote) = ends(&client);
        drop(client);
        accepted.read_exact(&mut [0]).expect_err("it has gone");
        drop(accepted);
        let asked = [(local, remote), (remote, local), (address, nobody)];
        for network in [Network::own(), by_tables()] {
            let deadline = Instant::now() + Duration::from_secs(10);
            let nothing = || network.ends(&asked) == [None, None, None];
            assert!(poll_until(deadline, nothing), "{:?}", network.ends(&asked));
            assert_eq!(at(address.port(), network.rows()).len(), 1);
        }
    }

    #[test]
    fn a_process_on_another_network_is_asked_about_its_own() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let elsewhere = thread::spawn(move || {
            // Who may not leave has nothing to show here.
            unshare(CloneFlags::CLONE_NEWNET).ok()?;
            let network = Network::of(std::process::id());
            assert!(network.diag.is_none());
            Some(at(port, network.rows()))
        });
        let told = elsewhere.join().expect("no panic");
        assert!(told.is_none_or(|rows| rows.len() == 1));
    }
}
