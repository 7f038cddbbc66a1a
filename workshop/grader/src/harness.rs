//! A step's own tests: its programs, and the cases that they have to pass, each a test.

use crate::case::Outcome;
use crate::grade::SIDE_BY_SIDE;
use crate::program::Program;
use crate::report;
use crate::step::{Assignment, Step};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use std::path::Path;
use std::process::ExitCode;
use terminal::{Language, Text};

/// The `main` of a step's `tests/cases.rs`. `folder` is where its `step.toml` stands; `binaries`
/// are its programs' names and executables: only the package that owns a binary is told by cargo
/// where it is, and that it is fresh.
pub fn main(folder: &str, binaries: &[(&str, &str)]) -> ExitCode {
    subject::signals::put_right();
    subject::raise_descriptor_limit();
    if let Err(error) = subject::kill_all_on_interrupt(|| {}) {
        eprintln!("cannot catch Ctrl-C: {error}");
    }
    let step = Step::read(Path::new(folder)).unwrap_or_else(|error| panic!("{error:#}"));
    let mut tests = Vec::new();
    for program in &step.programs {
        let (_, executable) = binaries
            .iter()
            .find(|(name, _)| *name == program.name)
            .unwrap_or_else(|| panic!("tests/cases.rs does not hand over {}", program.name));
        let under_test = program.program(executable);
        let assignments = program
            .assignments()
            .unwrap_or_else(|error| panic!("{error:#}"));
        if program.kind == crate::step::Kind::Server && !program.fails_on_purpose() {
            let under_test = under_test.clone();
            tests.push(Trial::ignorable_test(
                format!("{}::any-script", program.name),
                move || match under_test.cannot_run() {
                    Some(reason) => ignored("skipped", reason),
                    None => crate::script::any_script(&under_test)
                        .map(|()| Completion::Completed)
                        .map_err(Failed::from),
                },
            ));
        }
        for assignment in assignments {
            let name = format!("{}::{}", program.name, assignment.case.slug);
            let under_test = under_test.clone();
            tests.push(Trial::ignorable_test(name, move || {
                judge(&assignment, &under_test)
            }));
        }
    }
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(SIDE_BY_SIDE);
    libtest_mimic::run(&arguments, tests).exit_code()
}

fn judge(assignment: &Assignment, program: &Program) -> Result<Completion, Failed> {
    let graded = assignment.grade(program);
    match &graded.outcome {
        Outcome::Passed | Outcome::FailedOnPurpose(..) => Ok(Completion::Completed),
        Outcome::Skipped(reason) => ignored("skipped", reason),
        Outcome::Excepted(reason) => ignored("excepted", reason),
        Outcome::Failed(_) => {
            let painter = report::Painter::plain(Language::English);
            Err(Failed::from(painter.failure(&graded)))
        }
    }
}

fn ignored(what: &str, reason: &Text) -> Result<Completion, Failed> {
    Ok(Completion::ignored_with(format!(
        "{what}: {}",
        reason.get(Language::English)
    )))
}
