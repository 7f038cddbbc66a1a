//! The examples do what their chapter says, and their commands are those that stand there.

#![cfg(unix)]

use assert_cmd::Command;
use std::time::Duration;

/// Long enough for cargo to build the example.
const PATIENCE: Duration = Duration::from_secs(300);

/// What an example has printed.
struct Printed(String);

impl Printed {
    fn by(example: &str) -> Printed {
        let command = format!("run -q -p event-loop-server --example {example}");
        let assert = Command::new(env!("CARGO"))
            .args(command.split(' '))
            .timeout(PATIENCE)
            .assert()
            .success();
        Printed(String::from_utf8_lossy(&assert.get_output().stdout).into_owned())
    }

    /// The first number after these words.
    fn number(&self, after: &str) -> f64 {
        let found = self.0.split_once(after).map(|(_, rest)| rest);
        let word = found.and_then(|rest| rest.split_whitespace().next());
        word.and_then(|word| word.parse().ok())
            .unwrap_or_else(|| panic!("{after:?} is missing in\n{}", self.0))
    }

    /// Everybody has got all answers, and the computing has come to what it should.
    fn has_all_answers(&self) {
        assert_eq!(self.number("answers to the nine"), 450.0, "{}", self.0);
        assert_eq!(self.number("its answer"), 1229.0, "{}", self.0);
        let computing = self.number("asks once for");
        assert!(self.number("wait of the tenth") >= computing, "{}", self.0);
        let fits = |line: &str| line.chars().count() <= 80;
        assert!(self.0.lines().all(fits), "{}", self.0);
        assert!(self.0.lines().count() <= 8, "{}", self.0);
    }
}

#[test]
fn a_callback_that_computes_keeps_everybody_waiting() {
    let printed = Printed::by("slow_callback");
    printed.has_all_answers();
    let (computing, slowest) = ("asks once for", "their slowest wait");
    let (computing, slowest) = (printed.number(computing), printed.number(slowest));
    assert!(slowest >= computing - 10.0, "{}", printed.0);
}

#[test]
fn what_another_thread_has_computed_is_answered_by_the_loop() {
    Printed::by("offload").has_all_answers();
}
