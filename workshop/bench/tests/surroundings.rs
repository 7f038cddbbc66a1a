//! What the instruments find where they are started: a full disk, nobody who reads, signals that are
//! ignored, no process above them.
#![cfg(unix)]

mod support;

use assert_cmd::Command;
use grader::{Program, Server};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};
use support::bench;

const BENCH: &str = env!("CARGO_BIN_EXE_bench");

/// Rounds that are over soon, of a server that `$1` names.
const BRIEF: &str =
    "versus --lang en --load 2x64x1 --idle 0 --rounds 1 --seconds 0.05 --warm-up 0.01";

/// A line of shell, in which `"$0"` is the bench and `"$1"` a server.
fn sh(line: &str) -> Command {
    let mut command = Command::new("sh");
    let floor = format!("'{}' ", env!("CARGO_BIN_EXE_epoll-floor"));
    command.args(["-c", line, BENCH, &floor]);
    command.env("LC_ALL", "C.UTF-8");
    command
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_is_no_success() {
    let told = contains("bench: cannot write to standard output: No space left on device");
    for format in ["human", "json"] {
        sh(&format!(
            "exec \"$0\" {BRIEF} \"$1\" --format {format} >/dev/full"
        ))
        .assert()
        .code(2)
        .stderr(told.clone());
    }
    let told = contains("cannot write to standard output: No space left on device");
    sh("exec \"$0\" --help >/dev/full")
        .assert()
        .code(2)
        .stderr(told);
}

#[test]
fn a_standard_output_that_is_closed_is_told_and_is_no_success() {
    let told = contains("cannot write to standard output: Bad file descriptor");
    sh(&format!("exec \"$0\" {BRIEF} \"$1\" >&-"))
        .assert()
        .code(2)
        .stderr(told);
}

/// A file that may not grow beyond a block stands for a full disk.
#[test]
fn a_report_that_has_no_room_leaves_the_old_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report");
    fs::write(&file, "old").expect("it is written");
    let output = file.display();
    let told = contains(format!("bench: cannot write {output}: "));
    sh(&format!(
        "trap '' XFSZ; ulimit -f 1; exec \"$0\" {BRIEF} \"$1\" \"$1\" --format json --load 3x64x1 --output {output}"
    ))
    .assert()
    .code(2)
    .stdout(is_empty())
    .stderr(told);
    assert_eq!(fs::read_to_string(&file).expect("it is there"), "old");
    assert_eq!(fs::read_dir(folder.path()).expect("ours").count(), 1);
}

#[test]
fn a_file_that_cannot_be_written_is_told_before_anything_is_built() {
    for arguments in [&["versus", "floor"][..], &["syscalls", "floor"]] {
        let mut run = bench(arguments);
        run.args(["--output", "/no/such/folder/report"])
            .assert()
            .code(2)
            .stdout(is_empty())
            .stderr(
                contains("cannot write /no/such/folder/report: ").and(contains("building").not()),
            );
    }
}

/// The first process of a container has no default action: only a handler ends it. `load` starts
/// nothing that would have to be ended, and needs one all the same.
#[cfg(target_os = "linux")]
#[test]
fn the_first_process_of_a_container_ends() {
    const UNSHARE: &str = "unshare --user --map-root-user --pid --fork --mount-proc";
    if sh(&format!("exec {UNSHARE} true")).ok().is_err() {
        eprintln!("SKIPPED: no user namespace is to be had here");
        return;
    }
    let server = Server::start(&Program::new(env!("CARGO_BIN_EXE_epoll-floor")));
    let server = server.unwrap_or_else(|trouble| panic!("{trouble:?}"));
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let mut unshare = loading(&format!("exec {UNSHARE} \"$0\""), &server);
        let children = format!("/proc/{0}/task/{0}/children", unshare.id());
        let children = fs::read_to_string(children).expect("unshare waits for the bench");
        let first: i32 = children.trim().parse().expect("one child");
        kill(Pid::from_raw(first), signal).expect("it lives");
        assert_eq!(end(&mut unshare, Some(first)), Some(128 + signal as i32));
    }
}

/// What was ignored stays so: the next signal is the first that ends it.
#[cfg(target_os = "linux")]
#[test]
fn a_hang_up_that_is_ignored_ends_nothing() {
    let server = Server::start(&Program::new(env!("CARGO_BIN_EXE_epoll-floor")));
    let server = server.unwrap_or_else(|trouble| panic!("{trouble:?}"));
    let mut bench = loading("trap '' HUP; exec \"$0\"", &server);
    for signal in [Signal::SIGHUP, Signal::SIGTERM] {
        kill(Pid::from_raw(bench.id() as i32), signal).expect("it lives");
    }
    assert_eq!(end(&mut bench, None), Some(128 + Signal::SIGTERM as i32));
}

/// How it ends, by itself or with `first`; both are killed if it does not.
#[cfg(target_os = "linux")]
fn end(child: &mut Child, first: Option<i32>) -> Option<i32> {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        match child.try_wait().expect("it is ours") {
            Some(status) => return status.code(),
            None if Instant::now() > deadline => {
                let _ = first.map(|first| kill(Pid::from_raw(first), Signal::SIGKILL));
                let _ = child.kill();
                panic!("it does not end");
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    }
}

/// Puts the server under load for longer than anybody waits, with a line of shell that becomes the
/// bench. It has begun.
#[cfg(target_os = "linux")]
fn loading(line: &str, server: &Server) -> Child {
    let address = server.address();
    let line = format!("{line} load --lang en {address} --load 2x64x1 --rounds 9999");
    let mut shell = std::process::Command::new("sh");
    shell
        .args(["-c", &line, BENCH])
        .env("LC_ALL", "C.UTF-8")
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    // A test that was started in the background has SIGINT ignored, and so would all that it starts.
    subject::signals::start_clean(&mut shell);
    let mut bench = shell.spawn().expect("there is a shell");
    let told = BufReader::new(bench.stderr.take().expect("piped"));
    let begun = told
        .lines()
        .map_while(Result::ok)
        .any(|line| line.contains("measuring"));
    assert!(begun, "it does not begin");
    bench
}
