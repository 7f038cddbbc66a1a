//! Whether anything can still come from a program: the kernel knows.

use super::calls::{Call, TimeOut};
use super::network::Network;
use super::sleeping::{Thread, sleeping};
use super::sockets::{self, Row};
use super::table::{Process, has_ended, read, read_dir};
use crate::unseen::NotSeen;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::net::SocketAddr;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Processes none of which does anything before somebody sends them something, as they were at one
/// moment: every thread sleeps in a call without a time-out, and no timer is armed.
///
/// One thread after the other was looked at, and the last may have woken the first meanwhile. Two of
/// these that are equal prove that between them nothing has run and nothing has moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stillness {
    threads: Vec<Asleep>,
    rows: Vec<Row>,
    mine: Option<Row>,
    holders: Vec<u32>,
    edge_triggered: bool,
}

/// A thread, the call that it sleeps in, and how often it has left the processor: one that has run
/// since has another count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asleep {
    process: u32,
    thread: Thread,
    switches: u64,
}

/// A thread that runs, and how often it has gone to sleep so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Running {
    thread: u32,
    sleeps: u64,
}

/// A connection by its two ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connection {
    /// The end of who asks.
    pub ours: SocketAddr,
    /// The end of the program that is looked at.
    pub theirs: SocketAddr,
}

impl Stillness {
    /// Looks at all processes of a program, which has, or is to accept, `connection`, if it has begun.
    /// `None` if anything can still come of themselves, or if that cannot be told.
    ///
    /// # Errors
    ///
    /// Where there is no /proc, or it may not be read.
    pub fn of(
        processes: &[Process],
        connection: Option<Connection>,
    ) -> Result<Option<Stillness>, NotSeen> {
        let living: Vec<&Process> = processes.iter().filter(|it| !has_ended(it)).collect();
        // Of one whose first thread has ended alone, too, who looks like a zombie, nothing is told.
        if living.iter().any(|process| process.state != 'S') {
            return Ok(None);
        }
        let mut sleepers = Vec::new();
        for process in &living {
            match threads(process.pid)? {
                Some(all) if all.running.is_empty() => sleepers.extend(all.asleep),
                _ => return Ok(None),
            }
        }
        Stillness::around(&living, sleepers, connection)
    }

    /// The same of all that sleeps of them, and of what they have open.
    pub(super) fn around(
        living: &[&Process],
        sleepers: Vec<Asleep>,
        connection: Option<Connection>,
    ) -> Result<Option<Stillness>, NotSeen> {
        let mut open = Open::default();
        for process in living {
            let pid = process.pid;
            if has_timer(pid)? || has_ring(pid)? || !open.has_all_of(pid)? {
                return Ok(None);
            }
        }
        let Some(first) = living.first() else {
            return Ok(None);
        };
        let mut rows = open.rows(&Network::of(first.pid), connection);
        if !open.only_us(&rows) || !open.others_rest(&rows) {
            return Ok(None);
        }
        let mine = connection.map(|connection| open.end_of(&rows, connection).cloned());
        if mine == Some(None) {
            return Ok(None);
        }
        let mine = mine.flatten();
        let edge_triggered = mine.as_ref().is_some_and(|mine| {
            let is_watched = |it: &&Process| sockets::is_watched_edge_triggered(it.pid, mine.inode);
            living.iter().any(is_watched)
        });
        // Those of other programs move, and matter to nobody here.
        let port = mine.as_ref().map(|mine| mine.local.port());
        rows.retain(|row| {
            open.sockets.contains_key(&row.inode)
                || [row.local, row.remote]
                    .iter()
                    .any(|end| Some(end.port()) == port)
        });
        let holders = mine.as_ref().and_then(|mine| open.sockets.get(&mine.inode));
        Ok(Some(Stillness {
            threads: sleepers,
            holders: holders.cloned().unwrap_or_default(),
            mine,
            rows,
            edge_triggered,
        }))
    }

    /// Has more been sent to the program than it has room for?
    pub fn is_held(&self) -> bool {
        let end = self
            .mine
            .as_ref()
            .and_then(|mine| other_end(&self.rows, mine));
        end.is_some_and(|end| end.sent > 0)
    }

    /// How many connections its listeners have for it to accept.
    pub fn backlog(&self) -> u64 {
        let listeners = self.rows.iter().filter(|row| row.is_listening());
        listeners.map(|row| row.received).sum()
    }

    /// Has the program any TCP connection?
    pub fn has_connections(&self) -> bool {
        self.rows.iter().any(|row| !row.is_listening())
    }

    /// The calls that they sleep in, each once, in the order of the threads: that of `main` first.
    pub fn calls(&self) -> Vec<&'static str> {
        let mut names = Vec::new();
        for call in self
            .threads
            .iter()
            .filter_map(|asleep| asleep.thread.call.as_ref())
        {
            if !names.contains(&call.name) {
                names.push(call.name);
            }
        }
        names
    }

    /// How many bytes of the connection lie in the program's receive queue.
    pub fn unread(&self) -> u64 {
        self.mine.as_ref().map_or(0, |mine| mine.received)
    }

    /// Has the program accepted the connection? If not, it waits in the listener's backlog.
    pub fn is_accepted(&self) -> bool {
        self.mine.as_ref().is_some_and(|mine| mine.inode != 0)
    }

    /// The call in which the process sleeps that has the connection open, where several processes
    /// could, and one does.
    pub fn holder(&self) -> Option<&'static str> {
        let [holder] = self.holders[..] else {
            return None;
        };
        let mut sleepers = self.threads.iter();
        if sleepers.all(|asleep| asleep.process == holder) {
            return None;
        }
        let mut sleepers = self.threads.iter();
        let first = sleepers.find(|asleep| asleep.process == holder)?;
        Some(first.thread.call.as_ref()?.name)
    }

    /// Is the connection watched by epoll(7) with EPOLLET?
    pub fn is_edge_triggered(&self) -> bool {
        self.edge_triggered
    }
}

/// The threads of a process.
#[derive(Default)]
pub(super) struct Threads {
    /// Those that sleep for ever unless something happens.
    pub(super) asleep: Vec<Asleep>,
    /// Those that run, or would if they had a processor.
    pub(super) running: Vec<Running>,
}

/// All threads of a process; `None` if there are others, or none.
pub(super) fn threads(pid: u32) -> Result<Option<Threads>, NotSeen> {
    let mut all = Threads::default();
    for thread in sleeping(pid)? {
        let status = read(format!("/proc/{pid}/task/{}/status", thread.number))?;
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.map(str::trim)
        };
        let count = |name| field(name).and_then(|count| count.parse::<u64>().ok());
        let switches = count("voluntary_ctxt_switches:").zip(count("nonvoluntary_ctxt_switches:"));
        let state = field("State:").and_then(|state| state.chars().next());
        match (state, &thread.call, switches) {
            (Some('S'), Some(call), Some((own, forced))) if !wakes(pid, call) => {
                all.asleep.push(Asleep {
                    process: pid,
                    thread,
                    switches: own + forced,
                });
            }
            (Some('R'), _, Some((sleeps, _))) => all.running.push(Running {
                thread: thread.number,
                sleeps,
            }),
            _ => return Ok(None),
        }
    }
    Ok((!all.asleep.is_empty() || !all.running.is_empty()).then_some(all))
}

/// May a call of this process end although nobody does anything?
fn wakes(pid: u32, call: &Call) -> bool {
    call.time_out != TimeOut::Never
        || sockets::may_time_out(pid, call.arguments.first().copied())
        || call.writes() && is_read_here(pid, &call.arguments)
        || (call.signals()).is_some_and(|set| may_have_timer_signal(pid, set))
}

/// Is it a pipe that this process has, too? Then it is read soon.
fn is_read_here(pid: u32, arguments: &[u64]) -> bool {
    let number = arguments.first().map_or(-1, |&number| number as u32 as i32);
    let Ok(pipe) = fs::read_link(format!("/proc/{pid}/fd/{number}")) else {
        return true;
    };
    let ours = fs::read_dir("/proc/self/fd").into_iter().flatten();
    let mut ours = ours.filter_map(|open| fs::read_link(open.ok()?.path()).ok());
    pipe.to_string_lossy().starts_with("pipe:") && ours.any(|open| open == pipe)
}

/// The signals of interval timers (`setitimer(2)`): SIGALRM, SIGVTALRM, SIGPROF. Whether such a timer
/// runs is told nowhere; that its signal is waited for, is.
const TIMER_SIGNALS: u64 = 1 << (14 - 1) | 1 << (26 - 1) | 1 << (27 - 1);

/// Is the signal of such a timer in this set in a process's memory? It need not be caught there.
fn may_have_timer_signal(pid: u32, set: u64) -> bool {
    let mut mask = [0; size_of::<u64>()];
    let memory = File::open(format!("/proc/{pid}/mem"));
    let seen = memory.and_then(|memory| memory.read_exact_at(&mut mask, set));
    seen.is_err() || u64::from_ne_bytes(mask) & TIMER_SIGNALS != 0
}

/// Has the process a timer that may be running? Who catches no signal of one has none that would
/// make it say anything.
fn has_timer(pid: u32) -> Result<bool, NotSeen> {
    let status = read(format!("/proc/{pid}/status"))?;
    let caught = status
        .lines()
        .find_map(|line| line.strip_prefix("SigCgt:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .ok_or_else(|| NotSeen::silent(format!("/proc/{pid}/status")))?;
    // Those of timer_create(2); a kernel may be built without.
    let timers = fs::read_to_string(format!("/proc/{pid}/timers")).unwrap_or_default();
    Ok(caught & TIMER_SIGNALS != 0 || !timers.is_empty())
}

/// Has the process an io_uring (`io_uring(7)`)? Who has registered it needs no descriptor of it any
/// more; what it has mapped is still there.
fn has_ring(pid: u32) -> Result<bool, NotSeen> {
    Ok(read(format!("/proc/{pid}/maps"))?.contains("anon_inode:[io_uring]"))
}

/// The sockets that some processes have open.
#[derive(Default)]
struct Open {
    /// By inode: the processes that have it.
    sockets: BTreeMap<u64, Vec<u32>>,
    /// By inode: the last of these processes, and its descriptor.
    descriptors: BTreeMap<u64, (u32, i32)>,
}

impl Open {
    /// Adds what a process has open. False if anything among it may wake it by itself, or by the hand
    /// of somebody who is none of them: a timer, an io_uring, a file that is watched, a terminal.
    fn has_all_of(&mut self, pid: u32) -> Result<bool, NotSeen> {
        for entry in read_dir(format!("/proc/{pid}/fd"))? {
            let Ok(entry) = entry else { continue };
            let Ok(open) = fs::read_link(entry.path()) else {
                continue; // closed meanwhile: then it runs, and the next look is another
            };
            let Some(open) = open.to_str() else {
                return Ok(false);
            };
            if let Some(inode) = sockets::inode(open) {
                self.sockets.entry(inode).or_default().push(pid);
                let number = entry.file_name().to_str().and_then(|it| it.parse().ok());
                let Some(number) = number else {
                    return Ok(false);
                };
                self.descriptors.insert(inode, (pid, number));
            } else if !rests(pid, &entry.path(), open) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The TCP sockets of a network; only those that listen and those of connections with this process, if
    /// these are all that are open.
    fn rows(&self, network: &Network, asked: Option<Connection>) -> Vec<Row> {
        let asked = asked.map(|asked| (asked.theirs, asked.ours));
        let are_all = |rows: &Vec<Row>| {
            let told: BTreeSet<u64> = rows.iter().map(|row| row.inode).collect();
            let mut open = self.descriptors.iter();
            open.all(|(inode, &(pid, number))| {
                told.contains(inode) || sockets::is_not_of_tcp(pid, number)
            })
        };
        let ours = network.ours(asked).filter(are_all);
        ours.unwrap_or_else(|| network.rows())
    }

    /// Is all that is sent to the program sent by itself or by this process, and is no connection of
    /// its just being made or ended?
    fn only_us(&self, rows: &[Row]) -> bool {
        let ours = sockets::own();
        let is_settled = |row: &Row| match other_end(rows, row) {
            _ if row.is_listening() => true,
            Some(other) => {
                let is_known = other.inode == 0
                    || self.sockets.contains_key(&other.inode)
                    || ours.contains(&other.inode);
                is_known && has_come(row, other)
            }
            None => row.has_heard_all(),
        };
        self.own(rows).all(|row| row.is_steady() && is_settled(row))
    }

    /// The same of what else it has open, of which the tables of TCP say nothing.
    fn others_rest(&self, rows: &[Row]) -> bool {
        let told: BTreeSet<u64> = rows.iter().map(|row| row.inode).collect();
        let mut others = self.descriptors.iter();
        others.all(|(inode, &(pid, number))| {
            told.contains(inode) || sockets::is_nobody_elses(pid, number)
        })
    }

    /// The program's end of the connection, if nothing is on its way there or back.
    fn end_of<'r>(&self, rows: &'r [Row], connection: Connection) -> Option<&'r Row> {
        let mine = rows
            .iter()
            .find(|row| row.is_between(connection.theirs, connection.ours))?;
        let listens = |row: &Row| row.is_listening() && row.local.port() == mine.local.port();
        let is_in_backlog = mine.inode == 0 && self.own(rows).any(listens);
        let is_theirs = self.sockets.contains_key(&mine.inode) || is_in_backlog;
        let has_arrived =
            mine.sent == 0 && other_end(rows, mine).is_some_and(|end| has_come(mine, end));
        (is_theirs && mine.is_steady() && has_arrived).then_some(mine)
    }

    fn own<'r>(&self, rows: &'r [Row]) -> impl Iterator<Item = &'r Row> {
        rows.iter()
            .filter(|row| self.sockets.contains_key(&row.inode))
    }
}

/// Is nothing on its way to this end? What waits behind unread bytes comes only when those are read.
fn has_come(row: &Row, other: &Row) -> bool {
    other.sent == 0 || row.received > 0
}

/// The other end of a connection, if it is on this machine.
fn other_end<'r>(rows: &'r [Row], row: &Row) -> Option<&'r Row> {
    let mut rows = rows.iter();
    rows.find(|other| other.is_between(row.remote, row.local))
}

/// Something that is open and no socket: does it leave the program alone?
fn rests(pid: u32, link: &Path, open: &str) -> bool {
    match open.strip_prefix("anon_inode:") {
        Some("[eventpoll]" | "[eventfd]") => true,
        Some("[timerfd]") => link.file_name().is_some_and(|number| {
            let number = number.to_string_lossy();
            let told = fs::read_to_string(format!("/proc/{pid}/fdinfo/{number}"));
            told.is_ok_and(|told| told.contains("it_value: (0, 0)"))
        }),
        Some(_) => false,
        None if open.starts_with("pipe:[") => true,
        None if ["/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"].contains(&open) => true,
        // Files whose contents are the kernel's can be waited for (`/proc/kmsg`, `/sys/…`).
        None if ["/proc/", "/sys/"]
            .iter()
            .any(|kernel| open.starts_with(kernel)) =>
        {
            false
        }
        None => fs::metadata(link).is_ok_and(|file| file.is_file() || file.is_dir()),
    }
}
