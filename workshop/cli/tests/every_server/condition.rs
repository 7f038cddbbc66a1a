//! What a process can inherit from whoever starts it.

use crate::running::Launch;
use nix::sys::signal::Signal;
use std::path::Path;
use std::process::{Command, Stdio};

/// More descriptors are taken than a set of `select(2)` has bits.
pub(crate) const TAKEN: &str = "1,100 open";

pub(crate) struct Condition {
    pub(crate) name: &'static str,
    /// What becomes the program, whose path is put after it.
    launcher: Vec<String>,
    /// These are ignored from the start, and must not do anything.
    pub(crate) ignored: &'static [Signal],
    /// It has no standard output to say on where it listens.
    is_mute: bool,
}

pub(crate) fn conditions() -> Vec<Condition> {
    let shell = |name, line: &str| Condition::new(name, &["bash", "-c", line]);
    // What `nohup` and a shell without job control do, and a parent that does not want to wait.
    let ignore = ["env", "--ignore-signal=HUP,INT,CHLD"];
    let mut ignored = Condition::new("some ignored", &ignore);
    ignored.ignored = &[Signal::SIGHUP, Signal::SIGINT];
    // Root needs no namespace of users, and may not be able to make one.
    let mut first = vec!["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"];
    if !nix::unistd::geteuid().is_root() {
        first.extend(["--user", "--map-root-user"]);
    }
    let taken =
        "for ((n = 3; n <= 1100; n++)); do eval \"exec $n</dev/null\"; done; exec \"$0\" \"$@\"";
    let mut mute = shell("no streams", "exec \"$0\" \"$@\" <&- >&- 2>&-");
    mute.is_mute = true;
    let mut all = vec![
        Condition::new("as we are", &["env"]),
        ignored,
        Condition::new("all blocked", &["env", "--block-signal"]),
        Condition::new("process 1", &first),
        shell(TAKEN, taken),
        mute,
    ];
    for (name, limit) in [
        ("soft 16", "-S -n 16"),
        ("soft 64", "-S -n 64"),
        ("soft 256", "-S -n 256"),
        ("hard 16", "-n 16"),
        ("hard 64", "-n 64"),
        ("hard 256", "-n 256"),
    ] {
        let line = format!("ulimit {limit} && exec \"$0\" \"$@\"");
        all.push(shell(name, &line));
    }
    all.push(Condition::new(
        "hard 2^20",
        &["prlimit", "--nofile=1024:1048576"],
    ));
    all
}

impl Condition {
    fn new(name: &'static str, launcher: &[&str]) -> Condition {
        Condition {
            name,
            launcher: launcher.iter().map(|&it| it.to_owned()).collect(),
            ignored: &[],
            is_mute: false,
        }
    }

    fn command(&self, program: &Path) -> Command {
        let (first, more) = self.launcher.split_first().expect("there is one");
        let mut command = Command::new(first);
        command.args(more).arg(program);
        command
    }

    /// What starts the program like this; `None` where the system does not allow it.
    pub(crate) fn start(&self, program: &Path) -> Option<Launch> {
        let mut trial = self.command(Path::new("true"));
        let trial = trial.stdout(Stdio::null()).stderr(Stdio::null()).status();
        let is_allowed = trial.is_ok_and(|status| status.success());
        is_allowed.then(|| Launch {
            command: self.command(program),
            is_mute: self.is_mute,
        })
    }
}
