use crate::ended::{ended_so, wait_for};
use crate::guardian::{Awaited, Guardian};
use crate::mark::Mark;
use crate::patience::poll_until;
use crate::processes::{self, Busy, Connection, Process, Stillness};
use crate::signals;
use crate::unseen::NotSeen;
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The process groups that have been started and not yet ended, by their leaders' numbers.
static GROUPS: Mutex<BTreeMap<i32, Option<Arc<Guardian>>>> = Mutex::new(BTreeMap::new());

/// A program and its descendants: dropped, all of them are killed.
///
/// It leads a process group of its own, so that its children can be killed with it. Those that have
/// left the group (`setsid(2)`) are killed as well if it was started by [`Start`](crate::Start); and so
/// is all of it when this process ends, however that comes.
#[derive(Debug)]
pub struct Group {
    /// What this process has started itself: the guardian, or the leader where there is none.
    child: Child,
    leader: Pid,
    guardian: Option<Arc<Guardian>>,
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
        Group::started(command, None, None)
    }

    /// Starts what `command` has been prepared for: a guardian, if one is awaited.
    pub(crate) fn started(
        command: &mut Command,
        awaited: Option<Awaited>,
        mark: Option<Mark>,
    ) -> io::Result<Group> {
        signals::put_right();
        adopt_orphans();
        if mark.is_some() {
            hide_this_process();
        }
        if awaited.is_none() {
            command.process_group(0);
        }
        // Locked across both: an interrupt between them would forget this one.
        let mut groups = groups();
        let child = command.spawn()?;
        let (guardian, leader) = match awaited {
            Some(awaited) => {
                let (guardian, leader) = awaited.come()?;
                (Some(Arc::new(guardian)), leader)
            }
            None => (None, Pid::from_raw(child.id() as i32)),
        };
        groups.insert(leader.as_raw(), guardian.clone());
        Ok(Group {
            child,
            leader,
            guardian,
            mark,
        })
    }

    /// What the program reads, if that is piped. It is handed out once, as its outputs are.
    pub fn stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// What it prints, if that is piped.
    pub fn stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// What it complains of, if that is piped.
    pub fn stderr(&mut self) -> Option<ChildStderr> {
        self.child.stderr.take()
    }

    /// The leader's number, which is the group's, too.
    pub fn id(&self) -> u32 {
        self.leader.as_raw() as u32
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
            guardian: self.guardian.is_some().then(|| self.child.id()),
            leader: self.id(),
            mark: self.mark.clone(),
        }
    }

    /// How the leader ended, if it has. It is not reaped: until the group is dropped, its number belongs
    /// to nobody else.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.wait(Duration::ZERO)
    }

    /// How the leader ended, if it does within `limit`.
    pub fn wait(&mut self, limit: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + limit;
        if let Some(guardian) = &self.guardian
            && let Some(status) = guardian.status_within(limit)
        {
            return Some(status);
        }
        // Nobody stands between, or nobody does any more.
        let mut status = None;
        poll_until(deadline, || {
            status = ended_so(&mut self.child, self.leader);
            status.is_some()
        });
        status
    }

    /// Waits for its end, however long that takes; tells how the leader ended.
    ///
    /// # Errors
    ///
    /// Those of `waitpid(2)`.
    pub fn wait_for_end(mut self) -> io::Result<ExitStatus> {
        if self.guardian.is_none() {
            return wait_for(&mut self.child, self.leader);
        }
        loop {
            if let Some(status) = self.wait(Duration::from_secs(60)) {
                return Ok(status);
            }
        }
    }

    /// Ends what is left of it; tells how the leader ended.
    ///
    /// # Errors
    ///
    /// Those of `waitpid(2)`.
    pub fn end(mut self) -> io::Result<ExitStatus> {
        self.kill();
        if let Some(guardian) = &self.guardian
            && guardian.status_within(DYING).is_none()
        {
            kill_group(self.leader); // the guardian has been killed
        }
        match self.wait(DYING) {
            Some(status) => Ok(status),
            None => Err(ErrorKind::TimedOut.into()),
        }
    }

    fn kill(&mut self) {
        // Once: afterwards the number is given back to the system, and may become another's.
        if groups().remove(&self.leader.as_raw()).is_none() {
            return;
        }
        match &self.guardian {
            Some(guardian) if !guardian.is_gone_within(Duration::ZERO) => {
                guardian.dismiss();
                // One that the program has stopped goes on.
                let _ = kill(Pid::from_raw(self.child.id() as i32), Signal::SIGCONT);
            }
            _ => kill_group(self.leader),
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
        if let Some(guardian) = &self.guardian {
            guardian.is_gone_within(DYING);
            // It may be held up for ever (SIGSTOP).
            let _ = self.child.kill();
        }
        let ended = self.child.wait();
        let by_guardian = self.guardian.is_some() && ended.is_ok_and(|status| status.success());
        if !by_guardian {
            self.end_by_hand();
        }
    }
}

impl Group {
    /// There was no guardian, or the program has killed it: all that it has started is this process's own
    /// by now, or another's who may be known by the mark.
    fn end_by_hand(&self) {
        if self.guardian.is_some() {
            kill_group(self.leader);
            let _ = waitpid(self.leader, None);
        }
        reap_orphans(self.leader);
        if let Some(mark) = &self.mark {
            let killed = mark.kill_all();
            // A parent's end makes its children ours: until none of them is.
            while killed.iter().any(|&pid| waitpid(pid, None).is_ok()) {}
            reap_strays();
        }
    }
}

fn kill_group(leader: Pid) {
    let _ = killpg(leader, Signal::SIGKILL);
    // It may have gone into another group (`setpgid(2)`), and is waited for.
    let _ = kill(leader, Signal::SIGKILL);
}

/// By what the processes of a [`Group`] are known.
#[derive(Clone, Debug)]
pub struct Family {
    guardian: Option<u32>,
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
        match self.guarded()? {
            Some(guarded) => Ok(guarded),
            None => processes::descending_from(|process| self.has_first(process)),
        }
    }

    /// All that descends from the guardian, as long as it lives.
    fn guarded(&self) -> Result<Option<Vec<Process>>, NotSeen> {
        let Some(guardian) = self.guardian else {
            return Ok(None);
        };
        let mut tree = processes::tree(guardian)?;
        let is_there = |first: &Process| first.parent == std::process::id() && first.state != 'Z';
        let is_there = tree.first().is_some_and(is_there);
        Ok(is_there.then(|| tree.split_off(1)))
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
        if let Some(guarded) = self.guarded()? {
            return Ok(Some(guarded));
        }
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
            groups().contains_key(&(process.group as i32))
                || Mark::any_of_this_process().is_on(process.pid)
        };
        let mut children = all.iter().filter(|process| process.parent == me);
        children.any(|process| !processes::has_ended(process) && !ours(process))
    }
}

/// Kills every group. As long as what is returned is held, nothing is started any more.
pub(crate) fn kill_all() -> impl Sized {
    let groups = groups();
    for (&leader, guardian) in &*groups {
        match guardian {
            Some(guardian) => guardian.dismiss(),
            None => kill_group(Pid::from_raw(leader)),
        }
    }
    let mut guardians = groups.values().flatten();
    if !guardians.all(|guardian| guardian.is_gone_within(DYING)) {
        Mark::any_of_this_process().kill_all();
    }
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

/// From now on no program of this user's can reach into this process's memory and descriptors, and write
/// there what is to be judged of it (PR_SET_DUMPABLE, `prctl(2)`), unless both are root's.
fn hide_this_process() {
    #[cfg(target_os = "linux")]
    {
        static ONCE: std::sync::Once = std::sync::Once::new();
        ONCE.call_once(|| {
            let _ = nix::sys::prctl::set_dumpable(false);
        });
    }
}

/// How long processes that have been killed may take to be gone, before they are left alone.
const DYING: Duration = Duration::from_secs(3);

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
        let is_known = groups().contains_key(&(it.pid as i32));
        ended && it.session != own && it.session != it.pid && !is_known
    };
    for stray in all.iter().filter(is_stray) {
        let _ = waitpid(Pid::from_raw(stray.pid as i32), Some(WaitPidFlag::WNOHANG));
    }
}

fn groups() -> MutexGuard<'static, BTreeMap<i32, Option<Arc<Guardian>>>> {
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner)
}
