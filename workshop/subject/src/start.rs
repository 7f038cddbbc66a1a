use crate::confine::keep_off_others;
use crate::group::Group;
use crate::guardian::Guardian;
use crate::mark::Mark;
use crate::output::Output;
use crate::signals;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::{SigSet, Signal};
use nix::unistd::{Gid, Uid, close, setgid, setuid};
use std::io;
use std::os::fd::RawFd;
use std::process::{Command, Stdio};

/// What a program is to find when it starts, beyond what [`Command`] tells: that has its arguments,
/// its environment, its folder and its streams, a file, a pipe or nothing.
///
/// By default no signal is ignored or blocked, and the limits are this process's own.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// The signals that it ignores.
    pub ignored: Vec<Signal>,
    /// The signals that are blocked.
    pub blocked: Vec<Signal>,
    /// How many descriptors it may have open: the soft limit and the hard one.
    pub descriptors: Option<(u64, u64)>,
    /// How many processes and threads its user may have, a limit that root has not. Only Linux is
    /// asked for it; elsewhere nothing starts so.
    pub processes: Option<u64>,
    /// The user, and the group of the same number, in whose name it runs: of root's capabilities,
    /// groups and exemptions from limits nothing is left to it (`setuid(2)`).
    pub user: Option<u32>,
    /// Descriptors that it finds closed: 0 is its standard input, 1 and 2 are its outputs.
    pub closed: Vec<RawFd>,
}

/// A program that has been started, and what it prints.
#[derive(Debug)]
pub struct Started {
    /// All its processes.
    pub group: Group,
    /// Its standard output.
    pub stdout: Output,
    /// Its standard error.
    pub stderr: Output,
}

impl Start {
    /// Starts it so, once. All that it will start ends with the group, wherever it has gone.
    ///
    /// # Errors
    ///
    /// When it cannot be started, or not so.
    pub fn spawn(&self, command: &mut Command) -> io::Result<Group> {
        let mark = Mark::new();
        mark.put_on(command);
        let awaited = Guardian::before(command)?;
        keep_off_others(command);
        signals::start_clean(command);
        self.prepare(command);
        Group::started(command, awaited, Some(mark))
    }

    /// The same; nothing is said to it, and what it prints is read.
    ///
    /// # Errors
    ///
    /// When it cannot be started, or not so.
    pub fn spawn_and_read(&self, command: &mut Command) -> io::Result<Started> {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut group = self.spawn(command)?;
        let stdout = Output::drain(group.stdout().expect("piped"))?;
        let stderr = Output::drain(group.stderr().expect("piped"))?;
        Ok(Started {
            group,
            stdout,
            stderr,
        })
    }

    fn prepare(&self, command: &mut Command) {
        let Start {
            ignored,
            blocked,
            descriptors,
            processes,
            user,
            closed,
        } = self.clone();
        let blocked: SigSet = blocked.into_iter().collect();
        signals::before_exec(command, move || {
            // Before what follows: to lower a limit, nobody has to be root. The guardian stays who it is.
            if let Some(user) = user {
                become_user(user)?;
            }
            for &descriptor in &closed {
                let _ = close(descriptor); // it may be closed already
            }
            if let Some((soft, hard)) = descriptors {
                setrlimit(Resource::RLIMIT_NOFILE, soft, hard)?;
            }
            if let Some(limit) = processes {
                limit_processes(limit)?;
            }
            signals::ignore_and_block(&ignored, &blocked)
        });
    }
}

fn become_user(user: u32) -> nix::Result<()> {
    #[cfg(not(target_vendor = "apple"))]
    nix::unistd::setgroups(&[])?;
    setgid(Gid::from_raw(user))?;
    setuid(Uid::from_raw(user))
}

#[cfg(target_os = "linux")]
fn limit_processes(limit: u64) -> nix::Result<()> {
    setrlimit(Resource::RLIMIT_NPROC, limit, limit)
}

#[cfg(not(target_os = "linux"))]
fn limit_processes(_: u64) -> nix::Result<()> {
    Err(nix::errno::Errno::ENOSYS)
}
