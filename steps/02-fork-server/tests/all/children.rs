//! A child inherits the parent's handlers, and must not keep them.

use crate::support::{PATIENCE, Running, is_answered};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::collections::HashSet;
use std::fs;
use std::process::Command;
use std::time::Instant;

const FORK_SERVER: &str = env!("CARGO_BIN_EXE_fork-server");

/// Sooner or later, one of them is hit before it has put its signals right.
const CHILDREN: usize = 300;

#[test]
fn a_child_that_is_told_to_end_at_its_birth_ends() {
    let server = Running::start(&mut Command::new(FORK_SERVER));
    let (mut known, mut survived) = (HashSet::new(), 0);
    for _ in 0..CHILDREN {
        let client = server.connect();
        let child = new_child(&server, &known);
        kill(child, Signal::SIGTERM).expect("it lives");
        known.insert(child);
        survived += usize::from(is_answered(&client));
    }
    assert_eq!(survived, 0, "of {CHILDREN} children");
}

#[test]
fn a_child_treats_signals_as_the_server_was_told_to() {
    let caught = [
        Signal::SIGHUP,
        Signal::SIGINT,
        Signal::SIGTERM,
        Signal::SIGCHLD,
    ];
    for ignored in [&[][..], &[Signal::SIGHUP, Signal::SIGCHLD]] {
        let mut command = Command::new("env");
        for signal in ignored {
            command.arg(format!("--ignore-signal={}", *signal as i32));
        }
        let server = Running::start(command.args(["--block-signal=USR1", FORK_SERVER]));
        let client = server.connect();
        assert!(is_answered(&client));
        let child = new_child(&server, &HashSet::new());
        for signal in caught {
            let is_ignored = has(child, "SigIgn", signal);
            assert_eq!(is_ignored, ignored.contains(&signal), "{signal} is ignored");
            assert!(!has(child, "SigCgt", signal), "{signal} is caught");
            assert!(!has(child, "SigBlk", signal), "{signal} is blocked");
        }
    }
}

/// The server's child that is none of `known`. It is looked for again and again, as what is wanted
/// is the moment right after its birth.
fn new_child(server: &Running, known: &HashSet<Pid>) -> Pid {
    let parent = server.group.id();
    let list = format!("/proc/{parent}/task/{parent}/children");
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        let children = fs::read_to_string(&list).expect("Linux tells");
        let mut children = children
            .split_whitespace()
            .map(|it| Pid::from_raw(it.parse().expect("a number")));
        if let Some(child) = children.find(|child| !known.contains(child)) {
            return child;
        }
    }
    panic!("there is no new child");
}

/// Is the signal in one of the sets of /proc/PID/status (`proc(5)`)?
fn has(process: Pid, set: &str, signal: Signal) -> bool {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("it lives");
    let mut lines = status.lines();
    let line = lines.find_map(|line| line.strip_prefix(set)?.strip_prefix(':'));
    let bits = u64::from_str_radix(line.expect("Linux tells").trim(), 16);
    bits.expect("a number") & (1 << (signal as i32 - 1)) != 0
}
