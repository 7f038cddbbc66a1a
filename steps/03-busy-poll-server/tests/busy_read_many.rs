//! The example does what its chapter says, and its command is the one that stands there.

#![cfg(unix)]

use assert_cmd::Command;
use std::time::Duration;

/// Long enough for cargo to build the example.
const PATIENCE: Duration = Duration::from_secs(300);

#[test]
fn nearly_all_that_is_asked_brings_nothing() {
    let command = "run -q -p busy-poll-server --example busy_read_many";
    let assert = Command::new(env!("CARGO"))
        .args(command.split(' '))
        .timeout(PATIENCE)
        .assert()
        .success();
    let printed = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
    let count = |of: &str| -> usize {
        let line = printed.lines().find_map(|line| line.strip_prefix(of));
        let count = line.and_then(|line| line.trim().parse().ok());
        count.unwrap_or_else(|| panic!("{of:?} is missing in\n{printed}"))
    };
    assert_eq!(count("bytes read"), 10);
    // Each socket has its byte and its end; all else was asked in vain.
    assert_eq!(count("reads"), count("that brought nothing") + 20);
    assert!(count("rounds") > 1_000, "it has slept:\n{printed}");
    assert!(printed.lines().count() <= 12, "{printed}");
}
