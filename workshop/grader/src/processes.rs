//! What the kernel says about a process and its descendants. Linux only: it is read from /proc
//! (`proc(5)`); elsewhere each question is answered by [`Trouble::Skipped`].

use crate::case::Trouble;
use crate::text::text;
use std::fs;
use std::time::Duration;

/// A process, as a line of /proc/PID/stat has it.
#[derive(Clone, Debug)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// Its parent's number.
    pub parent: u32,
    /// `S` asleep, `R` running, `Z` a zombie, and so on.
    pub state: char,
    /// Processor time that it has used, in user mode and in the kernel.
    pub cpu: Duration,
}

/// The clock tick in which /proc counts processor time: USER_HZ is 100 on every Linux there is.
const TICK: Duration = Duration::from_millis(10);

/// The process `pid` and all its descendants, zombies included.
///
/// # Errors
///
/// Skipped where there is no /proc.
pub fn tree(pid: u32) -> Result<Vec<Process>, Trouble> {
    let all = all()?;
    let mut tree: Vec<Process> = all.iter().filter(|p| p.pid == pid).cloned().collect();
    let mut next = 0;
    while let Some(parent) = tree.get(next).map(|p| p.pid) {
        tree.extend(all.iter().filter(|p| p.parent == parent).cloned());
        next += 1;
    }
    Ok(tree)
}

/// How many descendants `pid` has, zombies included.
///
/// # Errors
///
/// Skipped where there is no /proc.
pub fn children(pid: u32) -> Result<usize, Trouble> {
    Ok(tree(pid)?.len().saturating_sub(1))
}

/// How many descendants `pid` has that are no zombies.
///
/// # Errors
///
/// Skipped where there is no /proc.
pub fn living_children(pid: u32) -> Result<usize, Trouble> {
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
/// Skipped where there is no /proc.
pub fn cpu(pid: u32) -> Result<Duration, Trouble> {
    Ok(tree(pid)?.iter().map(|p| p.cpu).sum())
}

/// How many descriptors `pid` and its living descendants have open.
///
/// # Errors
///
/// Skipped where there is no /proc.
pub fn descriptors(pid: u32) -> Result<usize, Trouble> {
    let open = |pid| fs::read_dir(format!("/proc/{pid}/fd")).map(Iterator::count);
    let own = open(pid).map_err(|_| no_proc())?;
    let family = tree(pid)?;
    let theirs = family
        .iter()
        .skip(1)
        .filter_map(|process| open(process.pid).ok());
    Ok(own + theirs.sum::<usize>())
}

/// How many descriptors `pid` may have open: its soft limit.
///
/// # Errors
///
/// Skipped where there is no /proc.
pub fn descriptor_limit(pid: u32) -> Result<u64, Trouble> {
    let limits = fs::read_to_string(format!("/proc/{pid}/limits")).map_err(|_| no_proc())?;
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"));
    let soft = line
        .and_then(|line| line.split_whitespace().next())
        .ok_or_else(no_proc)?;
    Ok(soft.parse().unwrap_or(u64::MAX)) // or "unlimited"
}

/// How many threads `pid` itself has.
///
/// # Errors
///
/// Skipped where there is no /proc.
pub fn threads(pid: u32) -> Result<usize, Trouble> {
    Ok(fs::read_dir(format!("/proc/{pid}/task"))
        .map_err(|_| no_proc())?
        .count())
}

/// The system call that the first thread of `pid` is in, as in `poll`; `None` while it runs.
///
/// # Errors
///
/// Skipped where there is no /proc, or it does not say (`CONFIG_HAVE_ARCH_TRACEHOOK`).
pub fn system_call(pid: u32) -> Result<Option<&'static str>, Trouble> {
    let line = fs::read_to_string(format!("/proc/{pid}/syscall")).map_err(|_| no_proc())?;
    let number = line
        .split_whitespace()
        .next()
        .and_then(|word| word.parse().ok());
    Ok(number.map(|number: i64| {
        let known = WAITING_CALLS.iter().find(|&&(known, _)| known == number);
        known.map_or("another system call", |&(_, name)| name)
    }))
}

/// The system calls that a server may wait in. Some are not there on every processor, where the
/// newer one of each kind does the work.
#[cfg(target_os = "linux")]
const WAITING_CALLS: &[(i64, &str)] = {
    use nix::libc;
    &[
        (libc::SYS_accept, "accept"),
        (libc::SYS_accept4, "accept4"),
        (libc::SYS_epoll_pwait, "epoll_pwait"),
        (libc::SYS_epoll_pwait2, "epoll_pwait2"),
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_epoll_wait, "epoll_wait"),
        (libc::SYS_futex, "futex"),
        (libc::SYS_io_uring_enter, "io_uring_enter"),
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_poll, "poll"),
        (libc::SYS_ppoll, "ppoll"),
        (libc::SYS_pselect6, "pselect6"),
        (libc::SYS_read, "read"),
        (libc::SYS_recvfrom, "recvfrom"),
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_select, "select"),
    ]
};
#[cfg(not(target_os = "linux"))]
const WAITING_CALLS: &[(i64, &str)] = &[];

/// Memory of their own that `pid` and its descendants hold, in bytes; a page that several of them
/// share counts once (the *proportional set size*). Programs' texts do not count: how much of one is
/// whose changes with every neighbour that runs the same.
///
/// # Errors
///
/// Skipped where there is no /proc.
pub fn memory(pid: u32) -> Result<u64, Trouble> {
    Ok(tree(pid)?
        .iter()
        .filter_map(|p| proportional_set_size(p.pid))
        .sum())
}

fn proportional_set_size(pid: u32) -> Option<u64> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = ["Pss_Anon:", "Pss:"]
        .iter()
        .find_map(|name| rollup.lines().find_map(|line| line.strip_prefix(name)))?;
    let kibibytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kibibytes * 1024)
}

fn all() -> Result<Vec<Process>, Trouble> {
    let entries = fs::read_dir("/proc").map_err(|_| no_proc())?;
    let all: Vec<Process> = entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(process)
        .collect();
    if all.is_empty() {
        Err(no_proc())
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
        state: fields.first()?.chars().next()?,
        cpu: TICK * (ticks(11)? + ticks(12)?),
    })
}

fn no_proc() -> Trouble {
    Trouble::Skipped(text(
        "it is read from /proc (Linux), which cannot be read here",
        "这一项要读 /proc，只有 Linux 才有",
    ))
}
