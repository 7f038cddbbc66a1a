//! The guardian between this process and a program: what the program does to it, and what it ends.
#![cfg(target_os = "linux")]

mod lines;

use lines::{PATIENCE, is_there, said_number, start};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, geteuid};
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::time::Instant;
use subject::{Start, Started, poll_until, processes};

/// A daemon of which nothing tells whose it is: group, session, environment and parent are others. The
/// program says its number.
const DAEMON: &str = "setsid env -i sh -c 'sleep 1000 & echo $!'";

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
    // What this process has open is not for others to see, unless they are root's.
    if let Ok(open) = fs::read_dir(format!("/proc/{guardian}/fd")) {
        assert_eq!(open.count(), 2, "it has files that are not its own");
    }
}

/// By the program, where nothing keeps it off.
fn send_to_guardian(started: &Started, signal: Signal) {
    let guardian = parent(started.group.id()).expect("it lives");
    assert_ne!(guardian, std::process::id());
    kill(Pid::from_raw(guardian as i32), signal).expect("it lives");
}

#[test]
fn whoever_has_killed_its_guardian_is_known_and_ended_all_the_same() {
    let mut started = start("setsid sh -c 'sleep 1000 & echo $!'; sleep 1000");
    let daemon = said_number(&started);
    send_to_guardian(&started, Signal::SIGKILL);
    let leader = started.group.id();
    let is_ours = || parent(leader) == Some(std::process::id());
    assert!(poll_until(Instant::now() + PATIENCE, is_ours));
    assert_eq!(started.group.ended(), None);
    let known = || {
        let all = started.group.processes().expect("Linux tells");
        let is_known = |pid: &u32| all.iter().any(|it| it.pid == *pid);
        [leader, daemon].iter().all(is_known)
    };
    assert!(poll_until(Instant::now() + PATIENCE, known));
    drop(started);
    assert!(!is_there(leader) && !is_there(daemon));
}

#[test]
fn how_it_ends_is_seen_without_its_guardian() {
    let mut started = start("echo $$; read line; exit 3");
    said_number(&started);
    send_to_guardian(&started, Signal::SIGKILL);
    let status = started
        .group
        .wait(PATIENCE)
        .expect("it reads the end of its input");
    assert!([Some(3), Some(0)].contains(&status.code()), "{status}");
    let started = start("echo $$; sleep 1000");
    said_number(&started);
    send_to_guardian(&started, Signal::SIGKILL);
    let status = started.group.end().expect("it is killed");
    assert_eq!(status.signal(), Some(9));
}

#[test]
fn whoever_has_stopped_its_guardian_ends_all_the_same() {
    let started = start("echo $$; sleep 1000");
    let program = said_number(&started);
    send_to_guardian(&started, Signal::SIGSTOP);
    drop(started);
    assert!(!is_there(program));
}

/// What it tries to do to others comes to nothing, where the system can keep it off.
#[test]
fn nobody_else_is_within_its_reach() {
    let other = start("echo $$; sleep 1000");
    let bystander = said_number(&other);
    let line = format!(
        "exec 2>/dev/null; kill -0 {bystander} && echo reached && exit; (: </proc/{bystander}/mem) && echo seen && exit; echo kept off"
    );
    let started = start(&line);
    let told = started.stdout.first_line(PATIENCE).expect("it says it");
    if told == "reached" {
        println!("SKIPPED: this system has no Landlock with scopes (Linux 6.12)");
        return;
    }
    assert_eq!(told, "kept off");
    // Its own children are its own.
    let started = start("sleep 1000 & kill $! && wait $!; echo $?");
    assert_eq!(said_number(&started), 128 + 15);
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
