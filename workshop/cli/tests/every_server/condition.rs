//! What a process can inherit from whoever starts it.

use crate::running::Launch;
use nix::sys::resource::{Resource, getrlimit};
use nix::sys::signal::Signal;
use std::path::Path;
use std::process::{Command, Stdio};
use subject::{Group, Start};

/// More descriptors are taken than a set of `select(2)` has bits.
pub(crate) const TAKEN: &str = "1,100 open";

pub(crate) struct Condition {
    pub(crate) name: &'static str,
    pub(crate) inherits: Start,
    /// What becomes the program, whose path is put after it.
    launcher: Vec<&'static str>,
}

pub(crate) fn conditions() -> Vec<Condition> {
    let under = |name, inherits| Condition {
        name,
        inherits,
        launcher: Vec::new(),
    };
    let by = |name, launcher| Condition {
        launcher,
        ..under(name, Start::default())
    };
    let ignored = Start {
        // What `nohup` and a shell without job control do, and a parent that does not want to wait.
        ignored: vec![Signal::SIGHUP, Signal::SIGINT, Signal::SIGCHLD],
        ..Start::default()
    };
    let blocked = Start {
        blocked: Signal::iterator().collect(),
        ..Start::default()
    };
    // Root needs no namespace of users, and may not be able to make one.
    let mut first = vec!["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"];
    if !nix::unistd::geteuid().is_root() {
        first.extend(["--user", "--map-root-user"]);
    }
    let taken =
        "for ((n = 3; n <= 1100; n++)); do eval \"exec $n</dev/null\"; done; exec \"$0\" \"$@\"";
    let mute = Start {
        closed: vec![0, 1, 2],
        ..Start::default()
    };
    let mut all = vec![
        under("as we are", Start::default()),
        under("some ignored", ignored),
        under("all blocked", blocked),
        by("process 1", first),
        by(TAKEN, vec!["bash", "-c", taken]),
        under("no streams", mute),
    ];
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).expect("there is one");
    for (name, soft, hard) in [
        ("soft 16", 16, most),
        ("soft 64", 64, most),
        ("soft 256", 256, most),
        ("hard 16", 16, 16),
        ("hard 64", 64, 64),
        ("hard 256", 256, 256),
        ("hard 2^20", 1024, 1 << 20),
    ] {
        all.push(under(name, with_descriptors(soft, hard)));
    }
    all
}

/// With so many descriptors, softly and at most.
pub(crate) fn with_descriptors(soft: u64, hard: u64) -> Start {
    Start {
        descriptors: Some((soft, hard)),
        ..Start::default()
    }
}

impl Condition {
    fn command(&self, program: &Path) -> Command {
        let Some((first, more)) = self.launcher.split_first() else {
            return Command::new(program);
        };
        let mut command = Command::new(first);
        command.args(more).arg(program);
        command
    }

    /// What starts the program like this; `None` where the system does not allow it.
    pub(crate) fn start(&self, program: &Path) -> Option<Launch> {
        let mut trial = self.command(Path::new("true"));
        trial.stdout(Stdio::null()).stderr(Stdio::null());
        let trial = self.inherits.spawn(&mut trial);
        let status = trial.and_then(Group::wait_for_end);
        let is_allowed = status.is_ok_and(|status| status.success());
        is_allowed.then(|| Launch {
            command: self.command(program),
            inherits: self.inherits.clone(),
        })
    }
}
