//! The tool from outside: what it says when it cannot do what it is asked.
#![cfg(unix)]

#[cfg(target_os = "linux")]
#[path = "../../grader/tests/support/forbid.rs"]
mod forbid;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::{contains, is_empty, starts_with};
use std::net::TcpListener;
use std::time::Duration;

/// Long enough for cargo to build a step for speed, once.
const PATIENCE: Duration = Duration::from_secs(300);

fn workshop(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_workshop"));
    command
        .args(arguments)
        .timeout(PATIENCE)
        .env("LC_ALL", "C.UTF-8");
    command
}

#[test]
fn without_a_command_it_says_what_it_can_do() {
    let help = contains("tour").and(contains("run")).and(contains("grade"));
    workshop(&[]).assert().code(2).stderr(help);
}

#[test]
fn help_names_its_commands_and_how_it_is_started() {
    let usage = contains("Usage: cargo run -- [OPTIONS] <COMMAND>");
    let commands = contains("tour").and(contains("run")).and(contains("grade"));
    workshop(&["--help"])
        .assert()
        .success()
        .stdout(usage.and(commands))
        .stderr(is_empty());
}

#[test]
fn it_tells_its_version() {
    workshop(&["--version"])
        .assert()
        .success()
        .stdout(starts_with("workshop "));
}

#[test]
fn a_wrong_option_is_answered_with_the_usage() {
    let told = contains("--loud").and(contains("Usage: cargo run -- grade"));
    workshop(&["grade", "--loud", "2"])
        .assert()
        .code(2)
        .stdout(is_empty())
        .stderr(told);
}

/// Where io_uring is forbidden, nothing of the step that needs it has failed, and nothing has passed.
#[cfg(target_os = "linux")]
#[test]
fn a_step_that_cannot_run_here_is_skipped_with_the_reason() {
    let reason = "skipped: io_uring is forbidden here";
    let told = contains(reason)
        .and(contains("0 of 0 cases"))
        .and(contains("skipped"));
    forbid::without_io_uring(nix::errno::Errno::EPERM, || {
        workshop(&["grade", "7"]).assert().code(1).stdout(told);
        let json = ["grade", "7", "--format", "json"];
        let failed = contains("\"failed\"").not().and(contains("\"skipped\""));
        workshop(&json).assert().code(1).stdout(failed);
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_step_that_cannot_run_here_says_so_itself() {
    let told = contains("cannot use io_uring: it is forbidden here");
    forbid::without_io_uring(nix::errno::Errno::EPERM, || {
        workshop(&["run", "7"])
            .assert()
            .code(1)
            .stdout(is_empty())
            .stderr(told);
    });
}

#[test]
fn an_unknown_step_is_told_with_those_that_there_are() {
    let told = contains("no step \"fifteen\"").and(contains("02-fork-server"));
    workshop(&["grade", "fifteen"])
        .assert()
        .code(2)
        .stdout(is_empty())
        .stderr(told);
}

#[test]
fn an_address_that_cannot_be_one_is_a_wrong_command_line() {
    for (wrong, told) in [
        ("127.0.0.1", "write HOST:PORT"),
        ("::1", "in brackets"),
        ("127.0.0.1:0", "from 1 to 65535"),
        ("localhost:+1", "from 1 to 65535"),
        ("http://localhost:1", "without http://"),
    ] {
        workshop(&["grade", "2", "--address", wrong])
            .assert()
            .code(2)
            .stdout(is_empty())
            .stderr(contains(told));
    }
}

#[test]
fn an_address_in_use_is_told_with_the_way_out() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("it is bound").to_string();
    let told =
        contains(format!("cannot listen on {address}")).and(contains("--listen 127.0.0.1:0"));
    workshop(&["run", "2", "--listen", &address])
        .assert()
        .code(1)
        .stderr(told);
}

#[test]
fn a_program_that_is_not_there_fails_at_once() {
    let told = contains("/no/such/server");
    workshop(&["grade", "2", "--bin", "/no/such/server"])
        .assert()
        .code(2)
        .stderr(told);
}

#[test]
fn a_program_that_is_no_server_gets_no_full_points() {
    let words = contains("0 of")
        .or(contains("points"))
        .and(contains("listening on"));
    workshop(&["grade", "2", "--bin", "/bin/true"])
        .assert()
        .code(1)
        .stdout(words);
}

#[test]
fn it_speaks_chinese() {
    workshop(&["--lang", "zh", "grade", "2", "--bin", "/bin/true"])
        .assert()
        .code(1)
        .stdout(contains("个用例通过"));
}
