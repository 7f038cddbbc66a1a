//! Programs that print for ever (`ends/`): the judge holds little of it. Alone in its process, whose memory is
//! looked at. Skipped where there is no Python.
#![cfg(target_os = "linux")]

#[path = "ends/judging.rs"]
mod judging;

use grader::Outcome;
use judging::{client_case, judged, must_fail, python, server_case, shell};
use std::fs;

/// How much memory the judge may hold at most, in KiB: what is kept of several programs at a time, and far
/// less than one can print meanwhile.
const LITTLE: u64 = 200 << 10;

#[test]
fn whoever_prints_for_ever_is_capped() {
    let Some(program) = python("client.py", "prints-for-ever") else {
        return;
    };
    let case = client_case("http-byte-at-a-time");
    must_fail(case, program, "went on printing");
    for slug in ["http-help", "http-refused"] {
        must_fail(
            client_case(slug),
            shell("prints.sh", "1"),
            "it printed more than",
        );
    }
    let most = most_memory();
    println!("{most} KiB at most");
    assert!(most < LITTLE, "{most} KiB");
}

#[test]
fn whoever_complains_for_ever_is_capped() {
    let Some(program) = python("client.py", "complains-for-ever") else {
        return;
    };
    let case = client_case("http-byte-at-a-time");
    must_fail(case, program, "only the first 16 KiB of it are kept");
    let case = client_case("http-help");
    must_fail(case, shell("prints.sh", "2"), "it printed more than");
    // A server may say what it likes.
    let program = python("server.py", "babbles").expect("there was one");
    let (graded, words) = judged(server_case("hello"), program);
    assert!(matches!(graded.outcome, Outcome::Passed), "{words}");
    let most = most_memory();
    println!("{most} KiB at most");
    assert!(most < LITTLE, "{most} KiB");
}

/// The most memory that this process has held so far, in KiB.
fn most_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux tells");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number
        .and_then(|number| number.parse().ok())
        .expect("a number")
}
