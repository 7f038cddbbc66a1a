//! Processes and what they hold, as numbers of /proc.

use crate::unseen::NotSeen;
use nix::sys::signal::Signal;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

/// A process, as a line of /proc/PID/stat has it.
#[derive(Clone, Debug)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// Its parent's number.
    pub parent: u32,
    /// The number of its process group.
    pub group: u32,
    /// The number of its session (`setsid(2)`).
    pub session: u32,
    /// `S` asleep, `R` running, `Z` a zombie, and so on.
    pub state: char,
    /// Processor time that it has used, in user mode and in the kernel.
    pub cpu: Duration,
}

/// The clock tick in which /proc counts processor time: USER_HZ is 100 on every Linux there is.
pub(super) const TICK: Duration = Duration::from_millis(10);

/// The process `pid` and all its descendants, zombies included.
///
/// # Errors
///
/// Where there is no /proc.
pub fn tree(pid: u32) -> Result<Vec<Process>, NotSeen> {
    #[cfg(target_os = "linux")]
    if super::children::lists_children() {
        return Ok(descending(pid));
    }
    descending_from(|process| process.pid == pid)
}

/// By what the kernel lists: there may be thousands of other processes, which need not be looked at.
#[cfg(target_os = "linux")]
fn descending(pid: u32) -> Vec<Process> {
    let mut tree: Vec<Process> = process(pid).into_iter().collect();
    let mut next = 0;
    while let Some(parent) = tree.get(next).map(|process| process.pid) {
        let _ = super::children::for_each_child(parent, |child| {
            // It may have been given to another parent since it was seen.
            if tree.iter().all(|seen| seen.pid != child) {
                tree.extend(process(child));
            }
        });
        next += 1;
    }
    tree
}

/// Some processes and all descendants of theirs, zombies included.
pub(crate) fn descending_from(
    is_one: impl FnMut(&Process) -> bool,
) -> Result<Vec<Process>, NotSeen> {
    Ok(descending_among(all()?, is_one))
}

/// The same of processes that have been looked at.
pub(crate) fn descending_among(
    all: Vec<Process>,
    is_one: impl FnMut(&Process) -> bool,
) -> Vec<Process> {
    let (mut tree, mut others): (Vec<Process>, Vec<Process>) = all.into_iter().partition(is_one);
    let mut next = 0;
    while let Some(parent) = tree.get(next).map(|process| process.pid) {
        tree.extend(others.extract_if(.., |process| process.parent == parent));
        next += 1;
    }
    tree
}

/// How many descendants `pid` has, zombies included.
///
/// # Errors
///
/// Where there is no /proc.
pub fn children(pid: u32) -> Result<usize, NotSeen> {
    Ok(tree(pid)?.len().saturating_sub(1))
}

/// How many descendants `pid` has that are no zombies.
///
/// # Errors
///
/// Where there is no /proc.
pub fn living_children(pid: u32) -> Result<usize, NotSeen> {
    let living = tree(pid)?
        .iter()
        .filter(|process| process.state != 'Z')
        .count();
    Ok(living.saturating_sub(1))
}

/// Processor time used by `pid` and its living descendants.
///
/// # Errors
///
/// Where there is no /proc.
pub fn cpu(pid: u32) -> Result<Duration, NotSeen> {
    Ok(tree(pid)?.iter().map(|p| p.cpu).sum())
}

/// How long each thread of this process has waited for a processor at some moment.
#[derive(Clone, Debug, Default)]
pub struct Waits(BTreeMap<OsString, Duration>);

impl Waits {
    /// Now, of those that are there; of none where that is not told.
    pub fn now() -> Waits {
        let threads = read_dir("/proc/self/task").into_iter().flatten();
        let waits = threads.filter_map(|thread| {
            let thread = thread.ok()?;
            Some((thread.file_name(), waited_by(thread.path())))
        });
        Waits(waits.collect())
    }

    /// How long the threads that are there now have waited since then, all together.
    pub fn since(&self) -> Duration {
        let now = Waits::now().0.into_iter();
        let waited = now.map(|(thread, now)| {
            let before = self.0.get(&thread).copied();
            now.saturating_sub(before.unwrap_or_default())
        });
        waited.sum()
    }
}

/// How long the one of `pid`'s threads has waited for a processor that has waited longest.
pub(crate) fn waited(pid: u32) -> Duration {
    let threads = read_dir(format!("/proc/{pid}/task")).into_iter().flatten();
    let waited = threads.filter_map(|thread| Some(waited_by(thread.ok()?.path())));
    waited.max().unwrap_or_default()
}

/// The second field of its schedstat (`proc_pid_schedstat(5)`), in nanoseconds.
fn waited_by(thread: impl AsRef<Path>) -> Duration {
    let told = fs::read_to_string(thread.as_ref().join("schedstat")).unwrap_or_default();
    let waited = told.split_whitespace().nth(1);
    Duration::from_nanos(waited.and_then(|it| it.parse().ok()).unwrap_or_default())
}

/// How many descriptors `pid` and its living descendants have open.
///
/// # Errors
///
/// Where there is no /proc, or the process has gone.
pub fn descriptors(pid: u32) -> Result<usize, NotSeen> {
    let open = |pid| Ok(read_dir(format!("/proc/{pid}/fd"))?.count());
    let own = open(pid)?;
    let family = tree(pid)?;
    let theirs = family
        .iter()
        .skip(1)
        .filter_map(|process: &Process| open(process.pid).ok());
    Ok(own + theirs.sum::<usize>())
}

/// How many descriptors `pid` may have open: its soft limit.
///
/// # Errors
///
/// Where there is no /proc, or the process has gone.
pub fn descriptor_limit(pid: u32) -> Result<u64, NotSeen> {
    Ok(descriptor_limits(pid)?.0)
}

/// Its soft limit, and its hard one.
pub(crate) fn descriptor_limits(pid: u32) -> Result<(u64, u64), NotSeen> {
    let file = format!("/proc/{pid}/limits");
    let limits = read(&file)?;
    let mut lines = limits.lines();
    let line = lines.find_map(|line| line.strip_prefix("Max open files"));
    let mut limits = line.unwrap_or_default().split_whitespace();
    let mut next = || limits.next().map(|limit| limit.parse().unwrap_or(u64::MAX)); // or "unlimited"
    let both = next().zip(next());
    both.ok_or_else(|| NotSeen::silent(file))
}

/// Does it ignore this signal, and has never asked to hear of it? False where that is not told.
pub fn ignores(pid: u32, signal: Signal) -> bool {
    let status = read(format!("/proc/{pid}/status")).unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal as u32 - 1) & 1 == 1)
}

/// The numbers of the descriptors that `pid` has open.
pub(crate) fn open_descriptors(pid: u32) -> Result<BTreeSet<u64>, NotSeen> {
    let open = read_dir(format!("/proc/{pid}/fd"))?;
    let numbers = open.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    Ok(numbers.collect())
}

/// How many threads `pid` itself has.
///
/// # Errors
///
/// Where there is no /proc, or the process has gone.
pub fn threads(pid: u32) -> Result<usize, NotSeen> {
    Ok(read_dir(format!("/proc/{pid}/task"))?.count())
}

/// Has all of it ended? Of a process that looks like a zombie, only the first thread may have: the
/// others run, and neither its environment nor its descriptors are shown.
pub(crate) fn has_ended(process: &Process) -> bool {
    process.state == 'Z' && threads(process.pid).is_ok_and(|left| left <= 1)
}

/// Memory of their own that `pid` and its descendants hold, in bytes; a page that several of them
/// share counts once (the *proportional set size*). Programs' texts do not count: how much of one is
/// whose changes with every neighbour that runs the same.
///
/// # Errors
///
/// Where there is no /proc, or `pid` has gone, or of one of them it may not be read: it is another
/// user's, or does not want to be looked at (PR_SET_DUMPABLE, `prctl(2)`), or the kernel is older than
/// 4.14. A descendant that goes meanwhile holds nothing.
pub fn memory(pid: u32) -> Result<u64, NotSeen> {
    let tree = tree(pid)?;
    if tree.iter().all(has_ended) {
        return Err(NotSeen::silent(format!("/proc/{pid}")));
    }
    let living = tree.iter().filter(|process| !has_ended(process));
    living.map(|it| proportional_set_size(it.pid)).sum()
}

fn proportional_set_size(pid: u32) -> Result<u64, NotSeen> {
    let file = format!("/proc/{pid}/smaps_rollup");
    let rollup = match read(&file) {
        Ok(rollup) => rollup,
        Err(_) if has_gone(pid) => return Ok(0),
        Err(error) => return Err(error),
    };
    let line = ["Pss_Anon:", "Pss:"]
        .iter()
        .find_map(|name| rollup.lines().find_map(|line| line.strip_prefix(name)));
    let kibibytes = line.and_then(|line| {
        line.trim()
            .trim_end_matches("kB")
            .trim()
            .parse::<u64>()
            .ok()
    });
    let kibibytes = kibibytes.ok_or_else(|| NotSeen::silent(file))?;
    Ok(kibibytes * 1024)
}

/// Has it ended since it was seen?
fn has_gone(pid: u32) -> bool {
    process(pid).is_none_or(|process| has_ended(&process))
}

/// How many processes and threads a user has.
pub(crate) fn tasks_of(user: u32) -> u64 {
    let processes = all().unwrap_or_default().into_iter();
    let owned = processes.filter(|process| {
        let folder = fs::metadata(format!("/proc/{}", process.pid));
        folder.is_ok_and(|folder| folder.uid() == user)
    });
    let tasks = owned.map(|process| threads(process.pid).unwrap_or(1) as u64);
    tasks.sum()
}

/// Every process that there is.
pub(crate) fn all() -> Result<Vec<Process>, NotSeen> {
    let all: Vec<Process> = read_dir("/proc")?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(process)
        .collect();
    if all.is_empty() {
        Err(NotSeen::silent("/proc"))
    } else {
        Ok(all)
    }
}

/// `None` when it has gone in the meantime.
fn process(pid: u32) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the program's name in parentheses, which may hold anything, spaces and
    // parentheses too; the fields after the last `)` begin with the third, the state.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<u32>().ok();
    Some(Process {
        pid,
        parent: fields.get(1)?.parse().ok()?,
        group: fields.get(2)?.parse().ok()?,
        session: fields.get(3)?.parse().ok()?,
        state: fields.first()?.chars().next()?,
        cpu: TICK * (ticks(11)? + ticks(12)?),
    })
}

pub(super) fn read(file: impl AsRef<Path>) -> Result<String, NotSeen> {
    let file = file.as_ref();
    fs::read_to_string(file).map_err(|reason| NotSeen::new(file, reason))
}

pub(super) fn read_dir(folder: impl AsRef<Path>) -> Result<fs::ReadDir, NotSeen> {
    let folder = folder.as_ref();
    fs::read_dir(folder).map_err(|reason| NotSeen::new(folder, reason))
}
