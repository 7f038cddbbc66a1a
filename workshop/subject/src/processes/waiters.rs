//! Whom the threads of a program wait for: of a call in which one sleeps, the kernel tells the arguments,
//! and by these, which of the program's connections end the sleep.

use super::calls::Call;
use super::sleeping::sleeping;
use super::sockets::{self, Row};
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
    let rows = sockets::rows(pid);
    let end = |connection: &Connection| {
        let is_it = |row: &&Row| row.is_between(connection.theirs, connection.ours);
        rows.iter().find(is_it).map(|row| row.inode)
    };
    let ends: Option<BTreeSet<u64>> = connections.iter().map(end).collect();
    let mut ends = ends?;
    ends.remove(&0);
    Some(ends)
}

/// How many bytes of a connection to this process lie in the queues of the kernel, in either direction:
/// sent and not arrived, or arrived and not read. `None` where one of its ends is not seen.
pub fn queued(connection: Connection) -> Option<u64> {
    let rows = sockets::rows(std::process::id());
    let end = |local, remote| {
        let row = rows.iter().find(|row| row.is_between(local, remote))?;
        Some(row.sent + row.received)
    };
    let Connection { ours, theirs } = connection;
    Some(end(ours, theirs)? + end(theirs, ours)?)
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
