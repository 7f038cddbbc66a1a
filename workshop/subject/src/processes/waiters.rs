//! Whom the threads of a program wait for: of a call in which one sleeps, the kernel tells the arguments,
//! and by these, which of the program's connections end the sleep.

use super::calls::Call;
use super::network::Network;
use super::sleeping::sleeping;
use super::sockets;
use super::stillness::Connection;
use super::table::{Process, has_ended, read};
use crate::unseen::NotSeen;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;

/// A thread, and what it waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiter {
    /// The system call that it sleeps in; `None` while it runs.
    pub call: Option<&'static str>,
    /// How many of the connections that were asked about would wake it; `None` where that is not told, as
    /// of io_uring(7).
    pub connections: Option<usize>,
}

/// Every thread of some processes, and for how many of a program's `connections` it waits; `None` where
/// it is not seen that these are the program's.
///
/// # Errors
///
/// As those of [`sleeping`].
pub fn waiters(
    processes: &[Process],
    connections: &[Connection],
) -> Result<Option<Vec<Waiter>>, NotSeen> {
    let mut waiters = Vec::new();
    let mut open = BTreeSet::new();
    let ends = processes.first().map(|first| ends(first.pid, connections));
    let Some(ends) = ends.flatten() else {
        return Ok(None);
    };
    for process in processes.iter().filter(|process| !has_ended(process)) {
        let pid = process.pid;
        open.extend(sockets::sockets_seen(pid).unwrap_or_default());
        for thread in sleeping(pid)? {
            let count = |waits: BTreeSet<u64>| waits.intersection(&ends).count();
            let waits = match &thread.call {
                Some(call) => sockets_waited_for(pid, call),
                None => Some(BTreeSet::new()),
            };
            waiters.push(Waiter {
                call: thread.call.map(|call| call.name),
                connections: waits.map(count),
            });
        }
    }
    Ok(ends.is_subset(&open).then_some(waiters))
}

/// The program's sockets of these connections, but for those that it has yet to accept; `None` where one
/// of them is not seen.
fn ends(pid: u32, connections: &[Connection]) -> Option<BTreeSet<u64>> {
    let asked = connections.iter().map(|it| (it.theirs, it.ours));
    let ends = Network::of(pid).ends(&asked.collect::<Vec<_>>());
    let ends = ends.into_iter().map(|end| Some(end?.inode));
    let mut ends = ends.collect::<Option<BTreeSet<u64>>>()?;
    ends.remove(&0);
    Some(ends)
}

/// How many bytes of a connection to this process lie in the queues of the kernel, in either direction:
/// sent and not arrived, or arrived and not read. `None` where one of its ends is not seen.
pub fn queued(connection: Connection) -> Option<u64> {
    let Connection { ours, theirs } = connection;
    let ends = Network::own().ends(&[(ours, theirs), (theirs, ours)]);
    let queued = ends.into_iter().map(|end| {
        let end = end?;
        Some(end.sent + end.received)
    });
    queued.sum()
}

/// The sockets for which this call waits; `None` where that is not told.
fn sockets_waited_for(pid: u32, call: &Call) -> Option<BTreeSet<u64>> {
    let descriptors = match call.name {
        "io_uring_enter" => return None,
        "poll" | "ppoll" => polled(pid, call)?,
        "select" | "pselect6" => selected(pid, call)?,
        "epoll_wait" | "epoll_pwait" | "epoll_pwait2" => watched(pid, *call.arguments.first()?)?,
        "read" | "readv" | "recvfrom" | "recvmsg" | "write" | "writev" | "sendto" | "sendmsg" => {
            call.arguments.first().copied().into_iter().collect()
        }
        _ => return Some(BTreeSet::new()),
    };
    let socket = |descriptor: u64| {
        let open = fs::read_link(format!("/proc/{pid}/fd/{descriptor}")).ok()?;
        sockets::inode(open.to_str()?)
    };
    Some(descriptors.into_iter().filter_map(socket).collect())
}

/// More descriptors than anybody asks about at once.
const MANY: u64 = 1 << 20;

/// The descriptors of poll(2)'s array; negative ones are left out there.
fn polled(pid: u32, call: &Call) -> Option<Vec<u64>> {
    /// A descriptor, what is asked, and what is answered, as in `struct pollfd`.
    const ENTRY: usize = 8;
    let [array, count, ..] = call.arguments[..] else {
        return None;
    };
    let array = memory(pid, array, count.min(MANY) as usize * ENTRY)?;
    let entries = array.chunks_exact(ENTRY).filter_map(|entry| {
        let descriptor = i32::from_ne_bytes(entry.first_chunk().copied()?);
        u64::try_from(descriptor).ok()
    });
    Some(entries.collect())
}

/// The descriptors of select(2)'s three sets: each is a row of longs, which hold a bit for every number.
fn selected(pid: u32, call: &Call) -> Option<Vec<u64>> {
    let [count, sets @ ..] = &call.arguments[..] else {
        return None;
    };
    // An int: the upper half of the register is nobody's.
    let count = u64::from(*count as u32).min(MANY);
    let mut descriptors = Vec::new();
    for &set in sets.iter().take(3).filter(|&&set| set != 0) {
        let set = memory(pid, set, count.div_ceil(64) as usize * 8)?;
        let longs = set.as_chunks::<8>().0.iter();
        let longs: Vec<u64> = longs.map(|long| u64::from_ne_bytes(*long)).collect();
        let is_in = |number: &u64| longs[(number / 64) as usize] & (1 << (number % 64)) != 0;
        descriptors.extend((0..count).filter(is_in));
    }
    Some(descriptors)
}

/// The descriptors of an epoll(7) instance, by its own: `tfd:        5 events: …`.
fn watched(pid: u32, instance: u64) -> Option<Vec<u64>> {
    let instance = instance as u32;
    let told = read(format!("/proc/{pid}/fdinfo/{instance}")).ok()?;
    let descriptors = told.lines().filter_map(|line| {
        let descriptor = line.strip_prefix("tfd:")?.split_whitespace().next()?;
        descriptor.parse().ok()
    });
    Some(descriptors.collect())
}

/// What stands in a process's memory.
fn memory(pid: u32, address: u64, length: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; length];
    let memory = File::open(format!("/proc/{pid}/mem")).ok()?;
    memory.read_exact_at(&mut bytes, address).ok()?;
    Some(bytes)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::super::table::tree;
    use super::*;
    use crate::poll_until;
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
    use nix::sys::select::{FdSet, select};
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::os::fd::AsFd;
    use std::thread;
    use std::time::{Duration, Instant};

    /// Both ends of a connection, ours first.
    fn connection(listener: &TcpListener) -> (TcpStream, TcpStream) {
        let ours = TcpStream::connect(listener.local_addr().expect("it is bound"));
        (
            ours.expect("connected"),
            listener.accept().expect("accepted").0,
        )
    }

    #[test]
    fn whoever_sleeps_tells_for_whom() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let ((mut ours, mut first), (mut ours_too, second)) =
            (connection(&listener), connection(&listener));
        let connections = [&ours, &ours_too].map(|stream| Connection {
            ours: stream.local_addr().expect("it has one"),
            theirs: stream.peer_addr().expect("it has one"),
        });
        let epoll = Epoll::new(EpollCreateFlags::empty()).expect("an instance");
        for end in [&first, &second] {
            let event = EpollEvent::new(EpollFlags::EPOLLIN, 0);
            epoll.add(end, event).expect("it is watched");
        }
        let (polled, selected) = (second.try_clone(), second.try_clone());
        let polled = polled.expect("a copy");
        let selected = (
            first.try_clone().expect("a copy"),
            selected.expect("a copy"),
        );
        thread::scope(|scope| {
            scope.spawn(move || first.read(&mut [0]));
            scope.spawn(move || {
                poll(
                    &mut [PollFd::new(polled.as_fd(), PollFlags::POLLIN)],
                    PollTimeout::NONE,
                )
            });
            scope.spawn(move || {
                let mut set = FdSet::new();
                set.insert(selected.0.as_fd());
                set.insert(selected.1.as_fd());
                select(None, &mut set, None, None, None)
            });
            scope.spawn(move || epoll.wait(&mut [EpollEvent::empty()], EpollTimeout::NONE));
            let expected = [("epoll", 2), ("poll", 1), ("select", 2), ("recv", 1)];
            let mut found = Vec::new();
            let all_there = poll_until(Instant::now() + Duration::from_secs(10), || {
                let tree = tree(std::process::id()).expect("Linux tells");
                let waiters = waiters(&tree, &connections).expect("Linux tells");
                let waiters = waiters.expect("both ends are here").into_iter();
                found = waiters
                    .filter_map(|waiter| Some((waiter.call?, waiter.connections?)))
                    .filter(|&(_, connections)| connections > 0)
                    .collect();
                found.sort_unstable();
                found.len() == expected.len()
                    && found.iter().zip(expected).all(|(found, expected)| {
                        found.0.contains(expected.0) && found.1 == expected.1
                    })
            });
            for stream in [&mut ours, &mut ours_too] {
                let _ = stream.write_all(b"!"); // lets them go, whatever was seen
            }
            assert!(all_there, "{found:?}");
        });
    }

    #[test]
    fn what_is_neither_read_nor_arrived_lies_in_a_queue() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let (mut ours, mut theirs) = connection(&listener);
        let ends = Connection {
            ours: ours.local_addr().expect("it has one"),
            theirs: ours.peer_addr().expect("it has one"),
        };
        ours.write_all(b"abc").expect("there is room");
        theirs.write_all(b"defgh").expect("there is room");
        let settles = |bytes| {
            let deadline = Instant::now() + Duration::from_secs(10);
            poll_until(deadline, || queued(ends) == Some(bytes))
        };
        assert!(settles(8), "{:?}", queued(ends));
        theirs.read_exact(&mut [0; 3]).expect("they are there");
        assert!(settles(5), "{:?}", queued(ends));
    }
}
