//! A library is judged by its tests, each of which counts as a case.

use crate::case::{Case, Drive, Graded, Outcome, Trouble};
use crate::evidence::Evidence;
use crate::rule::Rule;
use crate::section::Section;
use crate::stage::Stage;
use crate::step::{Assignment, Expected, Step, Task};
use std::path::Path;
use std::process::Command;
use std::time::Instant;
use subject::run_to_end;
use terminal::{Text, chinese, text};

/// How the report calls the library of a step.
pub fn name(step: &Step) -> String {
    format!("{} (library)", step.slug)
}

/// The tests of all tasks, as cases.
pub fn assignments(step: &Step) -> Vec<Assignment> {
    let cases = step.tasks.iter().flat_map(|task| {
        let cases = task.tests.iter();
        cases.map(|test| Assignment {
            case: Box::leak(Box::new(case(step, task, test))),
            expected: Expected::Pass,
        })
    });
    cases.collect()
}

/// A test's lasting name, as cases have them.
pub fn slug(test: &str) -> String {
    test.replace('_', "-")
}

/// A case that is known only when `step.toml` has been read: it lives as long as the program.
fn case(step: &Step, task: &Task, test: &str) -> Case {
    let leak = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    Case {
        slug: leak(slug(test)),
        title: Text::new(test.replace('_', " "), format!("单元测试 {test}")),
        points: 1,
        teaches: task.title.clone(),
        rule: Rule::Library,
        stage: Stage::Talks,
        section: Box::leak(Box::new(Section {
            chapter: step.number,
            id: leak(task.section.clone()),
            title: task.title.clone(),
        })),
        drive: Drive::Program(|_| Err(Trouble::Skipped(NO_PROGRAM.clone()))),
    }
}

/// Runs each of `assignments` alone, in `executable`, which is what cargo has made of `tests/library.rs`.
pub fn grade(executable: &Path, assignments: &[Assignment]) -> Vec<Graded> {
    let graded = assignments.iter().map(|assignment| {
        let start = Instant::now();
        let case = assignment.case;
        Graded {
            case,
            outcome: run(executable, &case.slug.replace('-', "_")),
            took: start.elapsed(),
            unharmed_by: None,
        }
    });
    graded.collect()
}

fn run(executable: &Path, test: &str) -> Outcome {
    let mut command = Command::new(executable);
    command
        .args(["--exact", test, "--test-threads=1", "--nocapture"])
        .env("RUST_BACKTRACE", "0");
    let output = match run_to_end(&mut command, Vec::new()) {
        Ok(output) => output,
        Err(error) => {
            let program = executable.display();
            let found = Text::new(
                format!("cannot start {program}: {error}"),
                format!("无法启动 {program}：{}", chinese(&error)),
            );
            return outcome(Trouble::failed(Evidence::Note(found), &DOES_NOT_HOLD));
        }
    };
    let said = String::from_utf8_lossy(&output.stdout);
    if output.status.success() && said.contains("test result: ok. 1 passed") {
        return Outcome::Passed;
    }
    let complaints = String::from_utf8_lossy(&output.stderr);
    let complaints: Vec<&str> = complaints
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("note: run with `RUST_BACKTRACE"))
        .collect();
    let has_ended = said.contains("test result: ");
    let mut found = match has_ended {
        true => Text::default(),
        false => DID_NOT_END.clone(),
    };
    let complaints = terminal::harmless(&complaints.join("\n"));
    for words in [found.en.to_mut(), found.zh.to_mut()] {
        if !words.is_empty() && !complaints.is_empty() {
            words.push('\n');
        }
        words.push_str(&complaints);
    }
    let alone = Text::new(
        format!("alone, in the copy's folder: cargo test --test library {test}"),
        format!("在副本的目录里单独运行：cargo test --test library {test}"),
    );
    outcome(Trouble::failed(Evidence::Note(found), &DOES_NOT_HOLD).noted(alone))
}

static DID_NOT_END: Text = text(
    "it did not end, and was stopped: something spins, or sleeps for ever",
    "它没有结束，被强行停止了：有什么在空转，或者永远睡着了",
);

fn outcome(trouble: Trouble) -> Outcome {
    match trouble {
        Trouble::Failed(failure) => Outcome::Failed(failure),
        Trouble::Skipped(reason) => Outcome::Skipped(reason),
    }
}

static NO_PROGRAM: Text = text("a library is no program", "库不是程序");
static DOES_NOT_HOLD: Text = text(
    "A test of the library, which stands in tests/library.rs: read what it does, and run it alone.",
    "这是库的一个测试，在 tests/library.rs 里：读读它做了什么，再单独运行它。",
);
