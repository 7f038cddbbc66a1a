//! A process between this one and a program under test, which ends all that the program has started.
//!
//! It is the parent of the program, and by `PR_SET_CHILD_SUBREAPER` (`prctl(2)`) of every orphan among
//! the program's descendants: whatever group, session and environment these have chosen, they are in
//! its tree. It ends them when it is told to, and when this process has ended, however that came: the
//! kernel closes the socket between the two.
//!
//! It is a copy of this process that executes nothing (`fork(2)`), and this process has threads: what it
//! does is system calls alone. It allocates nothing and takes no lock, for one may have been held when
//! it was copied.

use crate::ended::{ask, raw_status};
use crate::processes::{for_each_child, for_each_entry, lists_children, read_beginning};
use crate::signals;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl;
use nix::sys::signal::{SigSet, SigmaskHow, Signal, kill, pthread_sigmask};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::unistd::{ForkResult, Pid, close, fork, getpid, setpgid, setsid};
use rustix::process::{WaitId, WaitIdOptions, WaitIdStatus, waitid};
use std::io::{self, Read};
use std::net::Shutdown;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How long processes that are killed may take to be gone, before they are left alone.
const DYING: Duration = Duration::from_secs(2);
/// How often is looked whether they are.
const LOOK: Duration = Duration::from_millis(1);
/// How many processes are ended at once. There may be more: they are found when these are gone.
const AT_ONCE: usize = 1 << 16;

/// A guardian, seen from this process: what is said to it and what it reports.
#[derive(Debug)]
pub(crate) struct Guardian {
    /// Closed, it ends its tree. The program's number has come from it, and how that ended will.
    control: UnixStream,
    /// As soon as it has been reported.
    status: Mutex<Option<ExitStatus>>,
}

/// One that has been asked for, before it is there.
pub(crate) struct Awaited {
    ours: UnixStream,
    theirs: UnixStream,
}

impl Guardian {
    /// Lets the program be started by a guardian: whoever is spawned then is that one. To be called
    /// before all else that is to happen in the program. `None` where the system cannot list a
    /// process's children.
    pub(crate) fn before(command: &mut Command) -> io::Result<Option<Awaited>> {
        if !lists_children() {
            return Ok(None);
        }
        let (ours, theirs) = UnixStream::pair()?;
        let control = theirs.as_raw_fd();
        let mut found = Vec::with_capacity(AT_ONCE);
        signals::before_exec(command, move || part(control, &mut found));
        Ok(Some(Awaited { ours, theirs }))
    }

    /// Asks it to end its tree, and does not wait.
    pub(crate) fn dismiss(&self) {
        let _ = self.control.shutdown(Shutdown::Write);
    }

    /// Waits until it has ended, for as long as `limit` at most.
    pub(crate) fn is_gone_within(&self, limit: Duration) -> bool {
        self.hangs_up_within(limit, PollFlags::empty())
    }

    /// How the program has ended, if it does within `limit`: by then it is reaped only if the guardian has
    /// been dismissed.
    pub(crate) fn status_within(&self, limit: Duration) -> Option<ExitStatus> {
        let mut status = self.status.lock().unwrap_or_else(|it| it.into_inner());
        if status.is_none() && self.hangs_up_within(limit, PollFlags::POLLIN) {
            let mut report = [0; 4];
            let told = (&self.control).read_exact(&mut report);
            *status = told
                .ok()
                .map(|()| ExitStatus::from_raw(i32::from_ne_bytes(report)));
        }
        *status
    }

    /// Waits for one of these, or for the other side to be closed.
    fn hangs_up_within(&self, limit: Duration, events: PollFlags) -> bool {
        let deadline = Instant::now() + limit;
        loop {
            let mut ready = [PollFd::new(self.control.as_fd(), events)];
            let left = deadline.saturating_duration_since(Instant::now());
            // Rounded up: not a millisecond of asking again and again.
            let left = left.as_millis().saturating_add(u128::from(!left.is_zero()));
            let left = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
            match poll(&mut ready, left) {
                Ok(0) if Instant::now() < deadline => {}
                Ok(count) => return count > 0,
                Err(nix::errno::Errno::EINTR) => {}
                Err(_) => return false,
            }
        }
    }
}

impl Awaited {
    /// The guardian, once it has been spawned, and the number of the program that it has started.
    pub(crate) fn come(self) -> io::Result<(Guardian, Pid)> {
        drop(self.theirs);
        let mut number = [0; 4];
        (&self.ours).read_exact(&mut number)?;
        let guardian = Guardian {
            control: self.ours,
            status: Mutex::default(),
        };
        Ok((guardian, Pid::from_raw(i32::from_ne_bytes(number))))
    }
}

/// Two go on from here: the guardian, who never returns, and the program to be.
fn part(control: RawFd, found: &mut Vec<i32>) -> io::Result<()> {
    setsid()?;
    prctl::set_child_subreaper(true)?;
    // Nothing that is sent to it reaches it, but what no process can refuse.
    pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::all()), None)?;
    signals::by_default(Signal::SIGCHLD);
    let mut ended = SigSet::empty();
    ended.add(Signal::SIGCHLD);
    let ended = SignalFd::with_flags(&ended, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)?;
    // SAFETY: what the parent does from here on is in `guard`, and there are only system calls in it; the
    // child is still where it was, between fork and exec.
    #[allow(unsafe_code)]
    match unsafe { fork() }? {
        ForkResult::Parent { child } => {
            // SAFETY: it is open until `guard` ends, with the process.
            #[allow(unsafe_code)]
            let control = unsafe { BorrowedFd::borrow_raw(control) };
            guard(control, &ended, child, found)
        }
        ForkResult::Child => {
            setpgid(Pid::from_raw(0), Pid::from_raw(0))?;
            // SAFETY: it is open until the program is executed.
            #[allow(unsafe_code)]
            let control = unsafe { BorrowedFd::borrow_raw(control) };
            let number = getpid().as_raw().to_ne_bytes();
            rustix::io::write(control, &number)?;
            Ok(())
        }
    }
}

/// The guardian's life.
fn guard(control: BorrowedFd, ended: &SignalFd, leader: Pid, found: &mut Vec<i32>) -> ! {
    let _ = prctl::set_name(c"guardian");
    // The program's streams and files are not its own, nor those of this process: who waits for their
    // end does not wait for a guardian.
    if close_all_but([control.as_raw_fd(), ended.as_raw_fd()], found).is_err() {
        exit(1);
    }
    let mut is_told = false;
    loop {
        let mut ready = [
            PollFd::new(control, PollFlags::POLLIN),
            PollFd::new(ended.as_fd(), PollFlags::POLLIN),
        ];
        let _ = poll(&mut ready, PollTimeout::NONE);
        if ready[0].any() != Some(false) {
            break; // nothing is ever said to it: this is the end
        }
        while let Ok(Some(_)) = ended.read_signal() {}
        // Not reaped: its number is nobody else's as long as somebody may ask for it.
        if !is_told && let Some(status) = ended_so(leader, WaitIdOptions::NOWAIT) {
            if !has_executed(leader) {
                // Whoever started it is told by other ways, and waits for the guardian's end.
                exit(0);
            }
            report(control, status);
            is_told = true;
        }
        reap_orphans(leader, found);
    }
    let is_gone = end_all(found, || {
        if let Some(status) = ended_so(leader, WaitIdOptions::empty())
            && !is_told
        {
            report(control, status);
            is_told = true;
        }
    });
    exit(i32::from(!is_gone))
}

fn exit(status: i32) -> ! {
    // SAFETY: it ends the process, and runs nothing of what was copied into it.
    #[allow(unsafe_code)]
    unsafe {
        nix::libc::_exit(status)
    }
}

fn report(control: BorrowedFd, ended: WaitIdStatus) {
    let _ = rustix::io::write(control, &raw_status(&ended).to_ne_bytes());
}

fn ended_so(pid: Pid, options: WaitIdOptions) -> Option<WaitIdStatus> {
    ask(pid, options | WaitIdOptions::NOHANG).ok().flatten()
}

/// Orphans that have ended by themselves: there may be hundreds.
fn reap_orphans(leader: Pid, found: &mut Vec<i32>) {
    list_children(getpid().as_raw(), found);
    for &orphan in found.iter().filter(|&&child| child != leader.as_raw()) {
        let _ = ended_so(Pid::from_raw(orphan), WaitIdOptions::empty());
    }
}

/// Closes every descriptor but these.
fn close_all_but(kept: [RawFd; 2], found: &mut Vec<i32>) -> rustix::io::Result<()> {
    found.clear();
    for_each_entry(format_args!("/proc/self/fd"), |open| add(found, open))?;
    for &open in found.iter().filter(|open| !kept.contains(open)) {
        let _ = close(open);
    }
    Ok(())
}

/// Ends all that descend from this process. Are they gone?
fn end_all(found: &mut Vec<i32>, mut reap_leader: impl FnMut()) -> bool {
    let deadline = Instant::now() + DYING;
    while Instant::now() < deadline {
        // Whoever is stopped starts nobody: so the number of those who are still to be found gets smaller,
        // however many start others as fast as they can.
        let mut stopped = 0;
        loop {
            list_descendants(found);
            send(found, Signal::SIGSTOP);
            if found.len() <= stopped || Instant::now() >= deadline {
                break;
            }
            stopped = found.len();
        }
        send(found, Signal::SIGKILL);
        loop {
            reap_leader();
            match waitid(WaitId::All, WaitIdOptions::EXITED | WaitIdOptions::NOHANG) {
                Ok(Some(_)) => {}
                Ok(None) => break, // some live
                Err(_) => return true,
            }
        }
        std::thread::sleep(LOOK);
    }
    false
}

fn send(processes: &[i32], signal: Signal) {
    for &process in processes {
        let _ = kill(Pid::from_raw(process), signal);
    }
}

fn list_children(pid: i32, found: &mut Vec<i32>) {
    found.clear();
    add_children(pid, found);
}

fn list_descendants(found: &mut Vec<i32>) {
    list_children(getpid().as_raw(), found);
    let mut next = 0;
    while let Some(&parent) = found.get(next) {
        add_children(parent, found);
        next += 1;
    }
}

fn add_children(pid: i32, found: &mut Vec<i32>) {
    let _ = for_each_child(pid as u32, |child| add(found, child));
}

/// If there is room: the vector does not grow.
fn add(found: &mut Vec<i32>, number: u32) {
    if found.len() < found.capacity() {
        found.push(number as i32);
    }
}

/// Has it become the program, or has that failed? The kernel keeps this of a process that has ended
/// (PF_FORKNOEXEC in the ninth field of /proc/PID/stat, `proc_pid_stat(5)`).
fn has_executed(pid: Pid) -> bool {
    const FORKED_AND_NOT_EXECUTED: u32 = 0x40;
    let mut stat = [0; 512];
    let stat = match read_beginning(format_args!("/proc/{pid}/stat"), &mut stat) {
        Ok(length) => &stat[..length],
        Err(_) => return true,
    };
    // The name, in parentheses, may hold anything; what follows it is numbers, but for the state.
    let after_name = stat.iter().rposition(|&byte| byte == b')');
    let fields = after_name.and_then(|end| std::str::from_utf8(&stat[end + 1..]).ok());
    let flags =
        fields.and_then(|fields| fields.split_ascii_whitespace().nth(6)?.parse::<u32>().ok());
    flags.is_none_or(|flags| flags & FORKED_AND_NOT_EXECUTED == 0)
}
