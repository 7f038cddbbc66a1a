//! By what the processes of a program are known after they have left its group.

use crate::patience::poll_until;
use crate::processes;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::collections::BTreeSet;
use std::fs;
use std::process::{self, Command};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// The beginning of all marks that this process gives, and no other one ever.
static OURS: LazyLock<String> = LazyLock::new(|| {
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    format!("SUBJECT_{}_{}_", process::id(), now.as_nanos())
});

/// How long processes that have been killed may take to be gone, before they are left alone.
const DYING: Duration = Duration::from_secs(1);

/// A variable of the environment, which a process hands on to its children, whatever else of it they
/// leave behind. Whoever gives them another environment hides them.
#[derive(Clone, Debug)]
pub(crate) struct Mark(String);

impl Mark {
    /// One that is on nobody yet.
    pub(crate) fn new() -> Mark {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Mark(format!("{}{number}=", *OURS))
    }

    /// What every mark begins with that this process has given.
    pub(crate) fn any_of_this_process() -> Mark {
        Mark(OURS.clone())
    }

    /// Gives it to a program, and so to all that this will start.
    pub(crate) fn put_on(&self, command: &mut Command) {
        command.env(self.0.trim_end_matches('='), "");
    }

    /// Is it on that process?
    pub(crate) fn is_on(&self, pid: u32) -> bool {
        self.seen_on(pid) == Some(true)
    }

    /// `None` of a process without any environment: it has ended, nobody has given it one, or it is
    /// just becoming another program (`execve(2)`).
    fn seen_on(&self, pid: u32) -> Option<bool> {
        let environment = fs::read(format!("/proc/{pid}/environ")).ok()?;
        let mut variables = environment.split(|&byte| byte == 0);
        let found = variables.any(|variable| variable.starts_with(self.0.as_bytes()));
        (!environment.is_empty()).then_some(found)
    }

    /// Kills all that carry it, and their descendants, until there are none. Tells whom.
    pub(crate) fn kill_all(&self) -> BTreeSet<Pid> {
        let (mut killed, mut bare) = (BTreeSet::new(), BTreeSet::new());
        poll_until(Instant::now() + DYING, || {
            let mut look_again = false;
            let marked = processes::descending_from(|process| {
                let seen = self.seen_on(process.pid);
                // Whose parent lives is found by that. An orphan is looked at a second time.
                if seen.is_none() && process.parent == process::id() && process.state != 'Z' {
                    look_again |= bare.insert(process.pid);
                }
                seen == Some(true)
            });
            let living = marked.unwrap_or_default().into_iter();
            for process in living.filter(|process| process.state != 'Z') {
                look_again = true;
                let pid = Pid::from_raw(process.pid as i32);
                if kill(pid, Signal::SIGKILL).is_ok() {
                    killed.insert(pid);
                }
            }
            !look_again
        });
        killed
    }
}
