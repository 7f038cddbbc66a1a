//! The example does what its chapter says, and its command is the one that stands there.

#![cfg(unix)]

use assert_cmd::Command;
use std::time::Duration;

/// Long enough for cargo to build the example.
const PATIENCE: Duration = Duration::from_secs(300);

#[test]
fn nothing_that_is_asked_brings_nothing() {
    let command = "run -q -p select-server --example read_many";
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
    // Each socket has its byte and its end, and was asked for nothing else.
    assert_eq!((count("reads"), count("that brought nothing")), (20, 0));
    assert!((1..=20).contains(&count("rounds")), "{printed}");
    assert!(printed.lines().count() <= 12, "{printed}");
}
