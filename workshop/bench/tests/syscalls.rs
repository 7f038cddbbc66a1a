//! How many system calls a line takes, as it is told from outside.
#![cfg(unix)]

mod support;

use predicates::prelude::*;
use predicates::str::{contains, is_match};
use support::bench;

/// Where strace is not there, or may not look at other processes, the command has to say so;
/// `BENCH_STRACE=required` demands it.
#[test]
fn system_calls_are_counted_by_line() {
    let lines = ["--connections", "3", "--lines", "200"];
    let run = bench(&[&["syscalls", "floor"], &lines[..]].concat()).assert();
    let output = run.get_output().clone();
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(told.contains("strace"), "{told}");
        assert!(std::env::var_os("BENCH_STRACE").is_none(), "{told}");
        eprintln!("skipped: {told}");
        return;
    }
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let head = is_match(r"program +calls/line .*epoll_wait .*recvfrom +sendto").expect("it is one");
    assert!(head.eval(&printed), "{printed}");
    // It receives and sends once for each of the 600 lines, and may be told of three at once.
    let row = printed.lines().find(|line| line.contains("floor"));
    let row: Vec<&str> = row.unwrap_or_default().split_whitespace().collect();
    let all: f64 = row[1].parse().expect("a number");
    assert!((2.3..=3.01).contains(&all), "{printed}");
    assert_eq!(
        row.iter().filter(|&&count| count == "1.00").count(),
        2,
        "{printed}"
    );
}

#[test]
fn without_strace_it_says_what_to_install() {
    // Cargo is needed, and nothing else; where it is the system's own, strace is beside it.
    let cargo = std::path::Path::new(env!("CARGO"))
        .parent()
        .expect("a folder");
    if cargo.join("strace").exists() {
        return;
    }
    let told = contains("there is no strace").and(contains("apt install strace"));
    let mut run = bench(&["syscalls", "/bin/cat -", "--connections", "1"]);
    // Its server does not matter: it is asked for first.
    run.env("PATH", cargo).assert().code(1).stderr(told);
}
