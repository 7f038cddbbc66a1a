//! `run 1`: a client of HTTP, and somebody to ask where there is no network.
#![cfg(unix)]

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::{contains, starts_with};
use std::time::Duration;

/// Long enough for cargo to build a step for speed, once.
const PATIENCE: Duration = Duration::from_secs(300);

fn run_1(language: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_workshop"));
    command
        .args(["--lang", language, "run", "1"])
        .args(arguments)
        .timeout(PATIENCE);
    command
}

#[test]
fn without_a_host_it_gets_a_page_of_this_machine() {
    let page = starts_with("HTTP/1.0 200 OK\r\n").and(contains("four calls"));
    let command = contains("$ blocking-client 127.0.0.1:");
    run_1("en", &[])
        .assert()
        .success()
        .stdout(page)
        .stderr(command);
}

#[test]
fn the_page_is_there_in_chinese_and_options_are_passed_on() {
    let command = contains("$ blocking-client --timeout 60 127.0.0.1:");
    run_1("zh", &["--timeout", "60"])
        .assert()
        .success()
        .stdout(contains("四个调用"))
        .stderr(command);
}

#[test]
fn a_host_is_asked_as_it_is() {
    // The port of tcpmux: nobody listens there.
    let told = contains("cannot connect to 127.0.0.1:1");
    run_1("en", &["127.0.0.1:1"]).assert().code(1).stderr(told);
}
