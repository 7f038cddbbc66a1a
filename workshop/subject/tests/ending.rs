//! Nothing is left of a program, wherever its processes have gone; and whatever it prints, no more of
//! it is kept than there is room for.
#![cfg(target_os = "linux")]

mod lines;

use lines::{PATIENCE, is_there, said_number, start};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};
use subject::{Group, Start, poll_until, processes, run_to_end};

/// Its `sleep` is in a session of its own, and the parent of that ends at once. It says its number.
const DAEMON: &str = "setsid sh -c 'sleep 1000 & echo $!'; sleep 1000";

#[test]
fn a_daemon_is_known_and_killed_although_it_has_left() {
    let started = start(DAEMON);
    let daemon = said_number(&started);
    let leader = started.group.id();
    let known = || {
        let all = started.group.processes().expect("Linux tells");
        all.iter()
            .any(|process| process.pid == daemon && process.group != leader)
    };
    assert!(poll_until(Instant::now() + PATIENCE, known));
    // Its parent has ended, and so it is no descendant of the leader's.
    let orphaned = || {
        let tree = processes::tree(leader).expect("Linux tells");
        tree.iter().all(|process| process.pid != daemon)
    };
    assert!(poll_until(Instant::now() + PATIENCE, orphaned));
    assert!(poll_until(Instant::now() + PATIENCE, known), "adopted");
    drop(started);
    assert!(!is_there(daemon), "not even as a zombie");
}

#[test]
fn nobody_elses_is_killed() {
    let other = start(DAEMON);
    let daemon = said_number(&other);
    let one = start(DAEMON);
    let own = said_number(&one);
    drop(one);
    assert!(!is_there(own));
    assert!(is_there(daemon));
}

#[test]
fn what_a_tool_leaves_behind_may_stay() {
    let folder = tempfile::tempdir().expect("a folder");
    let note = folder.path().join("daemon");
    let line = format!("setsid sh -c 'sleep 1000 & echo $! >{}'", note.display());
    let group = Group::spawn(Command::new("sh").args(["-c", &line])).expect("a shell");
    let mut daemon = None;
    poll_until(Instant::now() + PATIENCE, || {
        let told = fs::read_to_string(&note).unwrap_or_default();
        daemon = told.strip_suffix('\n').and_then(|told| told.parse().ok());
        daemon.is_some()
    });
    drop(group);
    let daemon: u32 = daemon.expect("it was noted");
    assert!(is_there(daemon));
    let daemon = Pid::from_raw(daemon as i32);
    kill(daemon, Signal::SIGKILL).expect("it lives");
}

#[test]
fn children_end_with_the_group() {
    let started = start("sleep 1000 & echo $!; wait");
    let child = said_number(&started);
    assert!(is_there(child));
    let status = started.group.end().expect("it was started here");
    assert!(!status.success());
    assert!(!is_there(child));
}

#[test]
fn how_the_leader_ended_is_told_again_and_again() {
    let mut started = start("exit 7");
    for _ in 0..2 {
        let status = started.group.wait(PATIENCE).expect("it ends");
        assert_eq!(status.code(), Some(7));
    }
    let mut lives = start("sleep 1000");
    assert_eq!(lives.group.wait(Duration::ZERO), None);
}

#[test]
fn of_much_that_is_printed_the_beginning_is_kept() {
    let mut started = start("echo first; yes | head -c 1000000");
    assert!(
        started.group.wait(PATIENCE).is_some(),
        "it blocks on a pipe"
    );
    assert!(poll_until(Instant::now() + PATIENCE, || started
        .stdout
        .is_complete()));
    assert_eq!(
        started.stdout.first_line(PATIENCE).as_deref(),
        Some("first")
    );
    assert_eq!(started.stdout.so_far().len(), 16 * 1024);
    assert_eq!(
        started.stdout.first_line(Duration::ZERO),
        None,
        "it is told once"
    );
}

#[test]
fn a_program_runs_to_its_end_with_its_input_and_both_outputs() {
    let mut command = Command::new("sh");
    command.args([
        "-c",
        "cat; echo bad >&2; setsid sleep 1000 >/dev/null 2>&1 & exit 3",
    ]);
    let output = run_to_end(&mut command, b"said".to_vec()).expect("a shell");
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(
        (output.stdout, output.stderr),
        (b"said".to_vec(), b"bad\n".to_vec())
    );
}

#[test]
fn what_is_not_there_cannot_be_started() {
    let missing = Start::default().spawn(&mut Command::new("/no/such/program"));
    let error = missing.expect_err("it is not there");
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
}
