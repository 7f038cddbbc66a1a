//! What a program finds where it is started.
#![cfg(unix)]

use std::fs::{self, File};
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::Duration;
use subject::Start;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(10);

fn sh(line: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", line]);
    command
}

/// What a line of shell prints, started so.
fn printed(start: &Start, line: &str) -> String {
    let mut started = start
        .spawn_and_read(&mut sh(line))
        .expect("there is a shell");
    assert!(started.group.wait(PATIENCE).is_some(), "{line} goes on");
    started.stdout.first_line(PATIENCE).unwrap_or_default()
}

/// The signals of one line of /proc/self/status, as `grep` of that process finds them.
#[cfg(target_os = "linux")]
fn signals_of(start: &Start, line: &str) -> u64 {
    let found = printed(start, &format!("exec grep {line} /proc/self/status"));
    let digits = found.split_whitespace().nth(1).expect("a number");
    // Without those from 32 on, of which the C library keeps some for itself.
    u64::from_str_radix(digits, 16).expect("hexadecimal") & 0x7FFF_FFFF
}

#[cfg(target_os = "linux")]
#[test]
fn signals_are_ignored_and_blocked_as_it_is_said() {
    use nix::sys::signal::Signal::{SIGHUP, SIGINT, SIGTERM, SIGUSR1};
    let bit = |signal| 1 << (signal as u32 - 1);
    let clean = Start::default();
    assert_eq!(signals_of(&clean, "SigIgn"), 0);
    assert_eq!(signals_of(&clean, "SigBlk"), 0);
    let start = Start {
        ignored: vec![SIGHUP, SIGINT],
        blocked: vec![SIGTERM, SIGUSR1],
        ..Start::default()
    };
    assert_eq!(signals_of(&start, "SigIgn"), bit(SIGHUP) | bit(SIGINT));
    assert_eq!(signals_of(&start, "SigBlk"), bit(SIGTERM) | bit(SIGUSR1));
}

#[test]
fn descriptors_are_limited_softly_and_hard() {
    let start = Start {
        descriptors: Some((32, 64)),
        ..Start::default()
    };
    assert_eq!(
        printed(&start, "echo $(ulimit -S -n) $(ulimit -H -n)"),
        "32 64"
    );
}

/// For root there is no such limit: the shell is then nobody.
#[cfg(target_os = "linux")]
#[test]
fn no_process_may_be_left_to_it() {
    let start = Start {
        processes: Some(1),
        user: nix::unistd::geteuid().is_root().then_some(54_321),
        ..Start::default()
    };
    let mut line = sh("(:) & wait; echo there is one");
    let mut started = start.spawn_and_read(&mut line).expect("there is a shell");
    let status = started.group.wait(PATIENCE).expect("it ends");
    assert!(!status.success(), "{}", started.stdout.so_far());
    let soon = std::time::Instant::now() + PATIENCE;
    assert!(subject::poll_until(soon, || started.stderr.is_complete()));
    assert!(started.stderr.so_far().to_lowercase().contains("fork"));
}

/// Only root may start it so.
#[cfg(target_os = "linux")]
#[test]
fn of_root_nothing_is_left_to_another_user() {
    let start = Start {
        user: Some(54_321),
        ..Start::default()
    };
    let line = "echo $(id -u) $(id -G) $(grep CapEff /proc/self/status)";
    if nix::unistd::geteuid().is_root() {
        let found = printed(&start, line);
        assert_eq!(found, "54321 54321 CapEff: 0000000000000000");
    } else {
        let refused = start.spawn(&mut sh(line)).expect_err("EPERM");
        assert_eq!(refused.raw_os_error(), Some(nix::libc::EPERM));
    }
}

#[test]
fn what_cannot_be_granted_is_told() {
    let start = Start {
        descriptors: Some((64, 32)), // a soft limit above the hard one
        ..Start::default()
    };
    let refused = start.spawn(&mut sh(":")).expect_err("EINVAL");
    assert_eq!(refused.raw_os_error(), Some(nix::libc::EINVAL));
}

#[test]
fn streams_are_closed_or_files_or_pipes() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("said");
    let start = Start {
        closed: vec![0],
        ..Start::default()
    };
    let mut line = sh("if cat; then echo open; else echo closed; fi; echo piped >&2");
    line.stdin(Stdio::null())
        .stdout(File::create(&file).expect("a file"))
        .stderr(Stdio::piped());
    let mut group = start.spawn(&mut line).expect("there is a shell");
    let mut complaints = String::new();
    let mut stderr = group.stderr().expect("piped");
    stderr.read_to_string(&mut complaints).expect("text");
    assert_eq!(fs::read_to_string(&file).expect("text"), "closed\n");
    assert!(complaints.ends_with("piped\n"), "{complaints}");
}

#[test]
fn its_folder_and_its_environment_are_a_commands() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path().canonicalize().expect("it is there");
    let mut line = sh("echo $WHO in $(pwd -P)");
    line.current_dir(&here).env("WHO", "somebody");
    let started = Start::default().spawn_and_read(&mut line);
    let started = started.expect("there is a shell");
    let said = started.stdout.first_line(PATIENCE);
    assert_eq!(said, Some(format!("somebody in {}", here.display())));
}
