//! Programs that are a line of shell.

use std::process::Command;
use std::time::Duration;
use subject::{Start, Started, processes};

/// How long anything may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) fn start(line: &str) -> Started {
    let mut command = Command::new("sh");
    let started = Start::default().spawn_and_read(command.args(["-c", line]));
    started.expect("there is a shell")
}

pub(crate) fn said_number(started: &Started) -> u32 {
    let line = started.stdout.first_line(PATIENCE).expect("it says it");
    line.parse().expect("a number")
}

pub(crate) fn is_there(pid: u32) -> bool {
    !processes::tree(pid).expect("Linux tells").is_empty()
}
