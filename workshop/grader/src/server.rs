use crate::client::Client;
use crate::command::typed;
use crate::complaints;
use crate::facts::Ended;
use crate::program::Program;
use crate::verdict::{Trouble, Verdict};
use crate::watched::Watched;
use std::net::SocketAddr;
use std::process::ExitStatus;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use subject::processes::{self, Owner, Process};
use subject::{Group, Output, Started, poll_until};
use terminal::{Text, text};

/// A running server, its descendants included: dropped, all of them are killed, unless it was
/// found running.
#[derive(Debug)]
pub struct Server {
    program: Program,
    group: Option<Group>,
    address: SocketAddr,
    stdout: Output,
    stderr: Output,
    ended: Option<ExitStatus>,
    listener: OnceLock<u32>,
    talking: Arc<AtomicUsize>,
    traffic: Arc<AtomicUsize>,
}

impl Server {
    /// A server that has been started, and will listen there.
    pub(crate) fn new(program: &Program, started: Started, address: SocketAddr) -> Server {
        Server {
            program: program.clone(),
            group: Some(started.group),
            address,
            stdout: started.stdout,
            stderr: started.stderr,
            ended: None,
            listener: OnceLock::new(),
            talking: Arc::default(),
            traffic: Arc::default(),
        }
    }

    /// A server that somebody else has started.
    pub(crate) fn found_running(program: &Program, address: SocketAddr) -> Server {
        Server {
            program: program.clone(),
            group: None,
            address,
            stdout: Output::default(),
            stderr: Output::default(),
            ended: None,
            listener: OnceLock::new(),
            talking: Arc::default(),
            traffic: Arc::default(),
        }
    }

    /// What was started, or is said to run.
    pub(crate) fn program(&self) -> &Program {
        &self.program
    }

    /// The number of the process that listens, of several the first one; of the one that was started,
    /// where that is not known. A wrapper, as a shell that waits for the server, is not what is judged.
    ///
    /// # Errors
    ///
    /// Skipped when it was found running.
    pub fn pid(&self) -> Result<u32, Trouble> {
        let group = self
            .group
            .as_ref()
            .ok_or_else(|| Trouble::Skipped(NOT_OURS.clone()))?;
        Ok(self.listener().unwrap_or(group.id()))
    }

    /// The number of the process that listens, once it is known.
    pub(crate) fn listener(&self) -> Option<u32> {
        if self.listener.get().is_none() {
            let _ = self.owner();
        }
        self.listener.get().copied()
    }

    /// Whose the socket is that gets the connections to its address; `None` where that cannot be told,
    /// and of a server that was found running.
    pub(crate) fn owner(&self) -> Option<Owner> {
        let owner = processes::owner(&self.processes()?, self.address).ok()?;
        if let Owner::Theirs(pids) = &owner {
            let _ = self.listener.set(*pids.first()?); // the first that was seen
        }
        Some(owner)
    }

    /// All of its processes, zombies included; `None` where they cannot be seen, and of a server that was
    /// found running.
    pub(crate) fn processes(&self) -> Option<Vec<Process>> {
        self.group.as_ref()?.processes().ok()
    }

    /// The number of the process that was started; `None` of a server that was found running.
    pub(crate) fn leader(&self) -> Option<u32> {
        self.group.as_ref().map(Group::id)
    }

    /// Is the process that listens the one that was started, or a descendant of it?
    pub(crate) fn is_led(&self) -> bool {
        let (Some(group), Some(listener)) = (&self.group, self.listener()) else {
            return true;
        };
        let tree = processes::tree(group.id()).unwrap_or_default();
        tree.iter().any(|process| process.pid == listener)
    }

    /// Is it another process that listens than the one that was started?
    pub(crate) fn is_wrapped(&self) -> bool {
        let listener = self.listener();
        listener.is_some() && listener != self.leader()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A new client, connected.
    ///
    /// # Errors
    ///
    /// A failed case: the connection is refused or not made in time.
    pub fn connect(&self) -> Result<Client, Trouble> {
        Client::connect(self.address, self.watched())
    }

    /// What clients may look at; nothing of a server that somebody else has started.
    pub(crate) fn watched(&self) -> Option<Watched> {
        let group = self.group.as_ref()?;
        Some(Watched {
            family: group.family(),
            talking: Arc::clone(&self.talking),
            traffic: Arc::clone(&self.traffic),
            stderr: self.stderr.glance(),
            program: typed(&self.program.command()).into(),
        })
    }

    /// What it has printed on standard output so far.
    pub(crate) fn stdout(&self) -> String {
        self.stdout.so_far()
    }

    /// How many bytes it has printed on standard error so far.
    pub(crate) fn stderr_length(&self) -> u64 {
        self.stderr.length()
    }

    /// What it has printed on standard error so far.
    pub(crate) fn stderr(&self) -> String {
        self.stderr.so_far()
    }

    /// How the process ended; `None` while it lives, as far as can be seen.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        if self.ended.is_none()
            && let Some(group) = &mut self.group
        {
            self.ended = group.ended();
        }
        self.ended
    }

    /// How the process ended, if it does within `limit`.
    pub(crate) fn wait(&mut self, limit: Duration) -> Option<ExitStatus> {
        if self.group.is_some() {
            poll_until(Instant::now() + limit, || self.ended().is_some());
        }
        self.ended
    }

    /// What comes of driving it; a failure is told with how the server ended, and its complaints.
    pub(crate) fn judge(mut self, drive: impl FnOnce(&mut Server) -> Verdict) -> Verdict {
        drive(&mut self).map_err(|trouble| self.explain(trouble))
    }

    /// The same failure, and how the server ended, if it did, and the last lines of its complaints.
    pub(crate) fn explain(&mut self, mut trouble: Trouble) -> Trouble {
        if let Trouble::Failed(failure) = &mut trouble {
            if let Some(complaints) = failure.facts.complaints_while_still.take() {
                // Whatever came later came of the judge's leaving.
                failure.notes.extend(complaints::note(&complaints));
                failure.facts.learn(None, &complaints);
                return trouble;
            }
            let ended = self.wait(Duration::from_millis(50));
            if let Some(status) = ended {
                failure.notes.push(how_it_ended(status));
                // What it has said last may still be on its way through the pipe.
                let soon = Instant::now() + Duration::from_millis(500);
                poll_until(soon, || self.stderr.is_complete());
            }
            let complaints = self.stderr();
            failure.notes.extend(complaints::note(&complaints));
            failure.facts.learn(ended, &complaints);
        }
        trouble
    }
}

fn how_it_ended(status: ExitStatus) -> Text {
    match Ended::from(status) {
        Ended::Exited(code) => Text::new(
            format!("the server has ended: exit status {code}"),
            format!("服务器已经退出：退出状态 {code}"),
        ),
        killed => {
            let name = killed.signal().unwrap_or_default();
            Text::new(
                format!("the server is dead: killed by {name}"),
                format!("服务器已经死了：被 {name} 杀死"),
            )
        }
    }
}

static NOT_OURS: Text = text(
    "not measured: the judge did not start this server",
    "没有测：这个服务器不是评判程序启动的",
);
