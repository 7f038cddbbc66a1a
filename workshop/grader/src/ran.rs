use crate::case::{Trouble, Verdict};
use crate::client::PATIENCE;
use crate::evidence::Evidence;
use crate::program::Program;
use crate::text::Text;
use assert_cmd::assert::{Assert, AssertError};
use predicates::Predicate;
use std::process::Output;

/// A program that has run to its end, or for as long as patience lasts, under `assert_cmd`.
pub(crate) struct Ran<'a> {
    output: Output,
    command: String,
    meaning: &'a Text,
}

impl<'a> Ran<'a> {
    /// Runs `program` with `arguments` and `input`. What is asked of it later and does not hold
    /// usually means `meaning`.
    pub(crate) fn new(
        program: &Program,
        arguments: &[&str],
        input: &[u8],
        meaning: &'a Text,
    ) -> Ran<'a> {
        let mut command = assert_cmd::Command::new(&program.path);
        command
            .args(&program.arguments)
            .args(arguments)
            .timeout(PATIENCE);
        let assert = command.write_stdin(input).assert();
        Ran {
            output: assert.get_output().clone(),
            command: format!("{} {}", program.path.display(), arguments.join(" ")),
            meaning,
        }
    }

    /// All that it printed on standard output.
    pub(crate) fn stdout(&self) -> &[u8] {
        &self.output.stdout
    }

    /// It ended with this exit status.
    pub(crate) fn exits(&self, status: i32) -> Verdict {
        self.judge(self.assert().try_code(status))
    }

    /// What it printed on standard output is so.
    pub(crate) fn prints(&self, is_so: impl Predicate<str>) -> Verdict {
        self.judge(self.assert().try_stdout(is_so))
    }

    /// What it printed on standard error is so.
    pub(crate) fn complains(&self, is_so: impl Predicate<str>) -> Verdict {
        self.judge(self.assert().try_stderr(is_so))
    }

    fn assert(&self) -> Assert {
        Assert::new(self.output.clone()).append_context("command", self.command.clone())
    }

    fn judge(&self, asserted: Result<Assert, AssertError>) -> Verdict {
        asserted.map(drop).map_err(|error| {
            let found = error.to_string();
            Trouble::failed(
                Evidence::Note(Text::new(found.clone(), found)),
                self.meaning,
            )
        })
    }
}
