//! The example does what its chapter says, and its command is the one that stands there.

use assert_cmd::Command;
use std::time::Duration;

/// Long enough for cargo to build the example.
const PATIENCE: Duration = Duration::from_secs(300);

#[test]
fn the_order_of_noticing_is_not_the_order_of_coming() {
    let command = "run -q -p blocking-client --example head_of_line";
    let assert = Command::new(env!("CARGO"))
        .args(command.split(' '))
        .timeout(PATIENCE)
        .assert()
        .success();
    let printed = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
    let order = |of: &str| {
        let line = printed.lines().find(|line| line.starts_with(of));
        let line = line.unwrap_or_else(|| panic!("{of:?} is missing in\n{printed}"));
        let numbers = line.split_at(of.len()).1.split(',').map(str::trim);
        numbers.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(order("they spoke in the order"), ["3", "2", "1"]);
    assert_eq!(order("they were heard in"), ["1", "2", "3"]);
    assert!(printed.lines().count() <= 12, "{printed}");
}
