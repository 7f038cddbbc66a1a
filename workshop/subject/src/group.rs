use crate::mark::Mark;
use crate::patience::poll_until;
use crate::processes::{self, Busy, Connection, Process, Stillness};
use crate::signals;
use crate::unseen::NotSeen;
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use std::collections::BTreeSet;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The process groups that have been started and not yet ended.
static GROUPS: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

/// A program and its descendants: dropped, all of them are killed.
///
/// It leads a process group of its own, so that its children can be killed with it. Those that have
/// left the group (`setsid(2)`) are killed as well if it was started by [`Start`](crate::Start).
#[derive(Debug)]
pub struct Group {
    leader: Child,
    mark: Option<Mark>,
}

impl Group {
    /// Starts a tool, with no signal ignored or blocked. Whoever of its children leaves the group may
    /// stay: cargo may start a server that caches what is compiled.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub fn spawn(command: &mut Command) -> io::Result<Group> {
        signals::start_clean(command);
        Group::started(command, None)
    }

    pub(crate) fn started(command: &mut Command, mark: Option<Mark>) -> io::Result<Group> {
        signals::put_right();
        adopt_orphans();
        // Locked across both: an interrupt between them would forget this one.
        let mut groups = groups();
        let leader = command.process_group(0).spawn()?;
        groups.insert(leader.id() as i32);
        Ok(Group { leader, mark })
    }

    /// The program that leads it.
    pub fn leader(&mut self) -> &mut Child {
        &mut self.leader
    }

    /// The leader's number, which is the group's, too.
    pub fn id(&self) -> u32 {
        self.leader.id()
    }

    /// The leader and all its descendants, zombies included: those whose parents have ended, too,
    /// as long as they are in the group or carry its mark.
    ///
    /// # Errors
    ///
    /// Where there is no /proc.
    pub fn processes(&self) -> Result<Vec<Process>, NotSeen> {
        self.family().processes()
    }

    /// By what its processes are known, for whoever looks at them and does not end them.
    pub fn family(&self) -> Family {
        Family {
            leader: self.id(),
            mark: self.mark.clone(),
        }
    }

    /// How the leader ended, if it has. It is looked at, and not reaped: until the group is
    /// dropped, its number belongs to nobody else.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        #[cfg(target_os = "linux")]
        {
            use nix::sys::wait::{Id, waitid};
            use std::os::unix::process::ExitStatusExt;
            let look = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
            match waitid(Id::Pid(self.pid()), look) {
                Ok(WaitStatus::Exited(_, code)) => Some(ExitStatus::from_raw(code << 8)),
                Ok(WaitStatus::Signaled(_, signal, _)) => Some(ExitStatus::from_raw(signal as i32)),
                _ => None,
            }
        }
        #[cfg(not(target_os = "linux"))]
        self.leader.try_wait().unwrap_or_default()
    }

    /// How the leader ended, if it does within `limit`.
    pub fn wait(&mut self, limit: Duration) -> Option<ExitStatus> {
        let mut status = None;
        poll_until(Instant::now() + limit, || {
            status = self.ended();
            status.is_some()
        });
        status
    }

    /// Ends what is left of it; tells how the leader ended.
    ///
    /// # Errors
    ///
    /// Those of `waitpid(2)`.
    pub fn end(mut self) -> io::Result<ExitStatus> {
        self.kill();
        self.leader.wait()
    }

    fn kill(&mut self) {
        // Once: afterwards the number is given back to the system, and may become another's.
        if groups().remove(&self.pid().as_raw()) {
            let _ = killpg(self.pid(), Signal::SIGKILL);
            // It may have gone into another group (`setpgid(2)`), and is waited for.
            let _ = kill(self.pid(), Signal::SIGKILL);
        }
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.leader.id() as i32)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
        let _ = self.leader.wait();
        reap_orphans(self.pid());
        if let Some(mark) = &self.mark {
            let killed = mark.kill_all();
            // A parent's end makes its children ours: until none of them is.
            while killed.iter().any(|&pid| waitpid(pid, None).is_ok()) {}
            reap_strays();
        }
    }
}

/// By what the processes of a [`Group`] are known.
#[derive(Clone, Debug)]
pub struct Family {
    leader: u32,
    mark: Option<Mark>,
}

impl Family {
    /// As [`Group::processes`].
    ///
    /// # Errors
    ///
    /// Where there is no /proc.
    pub fn processes(&self) -> Result<Vec<Process>, NotSeen> {
        processes::descending_from(|process| self.has_first(process))
    }

    /// Is it a process by which others are known, as their parent? Whom only the mark tells has no
    /// parent any more, and was adopted.
    fn has_first(&self, process: &Process) -> bool {
        let is_adopted = [std::process::id(), 1].contains(&process.parent);
        let is_marked = || {
            let mark = self.mark.as_ref();
            mark.is_some_and(|mark| mark.is_on(process.pid))
        };
        process.pid == self.leader || process.group == self.leader || is_adopted && is_marked()
    }

    /// What it is asleep in, if nothing more comes of all its processes before somebody sends them
    /// something; see [`Stillness`].
    ///
    /// # Errors
    ///
    /// Where there is no /proc, or it may not be read.
    pub fn stillness(&self, connection: Option<Connection>) -> Result<Option<Stillness>, NotSeen> {
        match self.all_of_it()? {
            Some(processes) => Stillness::of(&processes, connection),
            None => Ok(None),
        }
    }

    /// What it is busy with, if some of it runs and the rest sleeps for ever; see [`Busy`].
    ///
    /// # Errors
    ///
    /// Where there is no /proc, or it may not be read.
    pub fn busy(&self, connection: Option<Connection>) -> Result<Option<Busy>, NotSeen> {
        match self.all_of_it()? {
            Some(processes) => Busy::of(&processes, connection),
            None => Ok(None),
        }
    }

    /// Its processes, if it is certain that those are all.
    fn all_of_it(&self) -> Result<Option<Vec<Process>>, NotSeen> {
        let all = processes::all()?;
        let is_certain = !Family::may_have_hidden(&all);
        Ok(is_certain.then(|| processes::descending_among(all, |it| self.has_first(it))))
    }

    /// The processor time that its living processes have had; zero where that is not told.
    pub fn cpu(&self) -> Duration {
        let processes = self.processes().unwrap_or_default();
        processes.iter().map(|process| process.cpu).sum()
    }

    /// How long the one of its threads has waited for a processor that has waited longest; zero where
    /// that is not told.
    pub fn waited(&self) -> Duration {
        let processes = self.processes().unwrap_or_default();
        let waited = processes
            .iter()
            .map(|process| processes::waited(process.pid));
        waited.max().unwrap_or_default()
    }

    /// Does one of its processes run, or would if it had a processor? False where that is not told.
    pub fn is_at_work(&self) -> bool {
        let processes = self.processes().unwrap_or_default();
        let mut awake = processes
            .iter()
            .map(|process| processes::awake(process.pid));
        awake.any(|awake| awake.is_ok_and(|awake| !awake.is_empty()))
    }

    /// Is there an orphan of which nothing tells whose it is? Someone's child may have left its
    /// group, its parent and its environment.
    fn may_have_hidden(all: &[Process]) -> bool {
        let me = std::process::id();
        let ours = |process: &Process| {
            groups().contains(&(process.group as i32))
                || Mark::any_of_this_process().is_on(process.pid)
        };
        let mut children = all.iter().filter(|process| process.parent == me);
        children.any(|process| !processes::has_ended(process) && !ours(process))
    }
}

/// Kills every group. As long as what is returned is held, nothing is started any more.
pub(crate) fn kill_all() -> impl Sized {
    let groups = groups();
    for &group in &*groups {
        let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
    }
    Mark::any_of_this_process().kill_all();
    groups
}

/// Ends all that this process has started and that still runs: every group, and whoever has left one.
/// Whoever waits for one of them finds that it has ended.
pub fn end_all() {
    drop(kill_all());
}

/// From now on the orphans of programs that have been killed become this process's children: in a
/// container, the first process may be nobody who would reap them.
fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    {
        static ONCE: std::sync::Once = std::sync::Once::new();
        ONCE.call_once(|| {
            let _ = nix::sys::prctl::set_child_subreaper(true);
        });
    }
}

/// How long processes that have been killed may take to be gone, before they are left alone.
const DYING: Duration = Duration::from_secs(1);

/// Reaps what was left of the group: all of it has been killed. Whoever has come into it since then
/// (`setpgid(2)`) has not.
fn reap_orphans(group: Pid) {
    let members = Pid::from_raw(-group.as_raw());
    poll_until(Instant::now() + DYING, || {
        loop {
            match waitpid(members, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::StillAlive) => return false,
                Ok(_) => {}
                Err(_) => return true,
            }
        }
    });
}

/// Reaps orphans that have left group and session and have ended by themselves: there may be hundreds,
/// and everybody who looks for a process looks at each. Whom this process has started is in its own
/// session, or leads one: all others are orphans, and nobody else waits for them.
fn reap_strays() {
    let me = std::process::id();
    let all = processes::tree(me).unwrap_or_default();
    let Some(own) = all.first().map(|process| process.session) else {
        return;
    };
    let is_stray = |it: &&Process| {
        let ended = it.state == 'Z' && it.parent == me;
        ended && it.session != own && it.session != it.pid
    };
    for stray in all.iter().filter(is_stray) {
        let _ = waitpid(Pid::from_raw(stray.pid as i32), Some(WaitPidFlag::WNOHANG));
    }
}

fn groups() -> MutexGuard<'static, BTreeSet<i32>> {
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner)
}
