//! The guardian between this process and a program: what the program does to it, and what it ends.
#![cfg(target_os = "linux")]

use nix::unistd::geteuid;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::time::{Duration, Instant};
use subject::{Start, Started, poll_until, processes};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A daemon of which nothing tells whose it is: group, session, environment and parent are others. The
/// program says its number.
const DAEMON: &str = "setsid env -i sh -c 'sleep 1000 & echo $!'";

fn start(line: &str) -> Started {
    let mut command = Command::new("sh");
    let started = Start::default().spawn_and_read(command.args(["-c", line]));
    started.expect("there is a shell")
}

fn said_number(started: &Started) -> u32 {
    let line = started.stdout.first_line(PATIENCE).expect("it says it");
    line.parse().expect("a number")
}

fn is_there(pid: u32) -> bool {
    !processes::tree(pid).expect("Linux tells").is_empty()
}

/// Its parent, as long as it lives.
fn parent(pid: u32) -> Option<u32> {
    let tree = processes::tree(pid).expect("Linux tells");
    tree.first().map(|process| process.parent)
}

#[test]
fn whoever_hides_all_that_is_known_of_it_is_known_and_ended() {
    let started = start(&format!("{DAEMON}; sleep 1000"));
    let daemon = said_number(&started);
    let known = || {
        let all = started.group.processes().expect("Linux tells");
        all.iter().any(|process| process.pid == daemon)
    };
    assert!(poll_until(Instant::now() + PATIENCE, known));
    drop(started);
    assert!(!is_there(daemon), "not even as a zombie");
}

#[test]
fn the_daemon_of_a_program_that_has_ended_is_still_its_own() {
    let mut started = start(DAEMON);
    let daemon = said_number(&started);
    let status = started.group.wait(PATIENCE).expect("it ends");
    assert!(status.success());
    let all = started.group.processes().expect("Linux tells");
    assert!(all.iter().any(|process| process.pid == daemon));
    drop(started);
    assert!(!is_there(daemon));
}

#[test]
fn its_parent_is_nobody_who_matters() {
    let started = start("echo $PPID; sleep 1000");
    let guardian = said_number(&started);
    assert_ne!(guardian, std::process::id());
    let open = fs::read_dir(format!("/proc/{guardian}/fd")).expect("it lives");
    assert_eq!(open.count(), 2, "it has files that are not its own");
}

#[test]
fn whoever_kills_its_parent_is_known_and_ended_all_the_same() {
    let line = "kill -9 $PPID; setsid sh -c 'sleep 1000 & echo $!'; sleep 1000";
    let mut started = start(line);
    let daemon = said_number(&started);
    let leader = started.group.id();
    let is_ours = || parent(leader) == Some(std::process::id());
    assert!(poll_until(Instant::now() + PATIENCE, is_ours));
    assert_eq!(started.group.ended(), None);
    let known = || {
        let all = started.group.processes().expect("Linux tells");
        [leader, daemon]
            .iter()
            .all(|pid| all.iter().any(|it| it.pid == *pid))
    };
    assert!(poll_until(Instant::now() + PATIENCE, known));
    drop(started);
    assert!(!is_there(leader) && !is_there(daemon));
}

#[test]
fn how_it_ends_is_seen_after_it_has_killed_its_parent() {
    let mut started = start("kill -9 $PPID; exit 3");
    let status = started.group.wait(PATIENCE).expect("it ends");
    assert_eq!(status.code(), Some(3));
    let started = start("kill -9 $PPID; echo $$; sleep 1000");
    said_number(&started);
    let status = started.group.end().expect("it is killed");
    assert_eq!(status.signal(), Some(9));
}

#[test]
fn whoever_stops_its_parent_ends_all_the_same() {
    let started = start("kill -STOP $PPID; echo $$; sleep 1000");
    let program = said_number(&started);
    drop(started);
    assert!(!is_there(program));
}

#[test]
fn every_signal_that_ends_it_is_told() {
    for signal in [15, 34] {
        // The second is the first of the real-time signals that the C library leaves to programs.
        let line = format!("kill -{signal} $$; sleep 1000");
        let mut started = start(&line);
        let status = started.group.wait(PATIENCE).expect("it ends");
        assert_eq!(status.signal(), Some(signal));
    }
}

#[test]
fn processes_that_start_others_as_fast_as_they_can_are_ended() {
    if !geteuid().is_root() {
        println!(
            "skipped: only root can start a program in the name of another user, who has a limit"
        );
        return;
    }
    // As nobody else on this machine, and in number bounded.
    let start = Start {
        user: Some(64_123),
        processes: Some(200),
        ..Start::default()
    };
    let bomb = "echo $$; b() { b | b & }; b; while :; do b; done";
    let mut command = Command::new("sh");
    let started = start.spawn_and_read(command.args(["-c", bomb]));
    let started = started.expect("there is a shell");
    said_number(&started);
    let many = || started.group.processes().expect("Linux tells").len() > 100;
    assert!(poll_until(Instant::now() + PATIENCE, many));
    drop(started);
    let left = || {
        Command::new("pgrep")
            .args(["-u", "64123"])
            .output()
            .expect("procps")
    };
    assert!(left().stdout.is_empty(), "some are left");
}

#[test]
fn a_program_that_is_not_there_leaves_no_guardian() {
    let before = processes::children(std::process::id()).expect("Linux tells");
    for _ in 0..20 {
        let missing = Start::default().spawn(&mut Command::new("/no/such/program"));
        let error = missing.expect_err("it is not there");
        assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
    }
    // Other tests start and end programs at the same time.
    let gone = || processes::children(std::process::id()).expect("Linux tells") < before + 20;
    assert!(poll_until(Instant::now() + PATIENCE, gone));
}
