//! A step's own tests: its programs, and the cases that they have to pass, each a test.

use crate::case::Outcome;
use crate::program::Program;
use crate::report;
use crate::step::Step;
use crate::text::Language;
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use std::path::Path;
use std::process::ExitCode;

/// The `main` of a step's `tests/cases.rs`. `folder` is where its `step.toml` stands; `binaries`
/// are its programs' names and executables: only the package that owns a binary is told by cargo
/// where it is, and that it is fresh.
pub fn main(folder: &str, binaries: &[(&str, &str)]) -> ExitCode {
    crate::raise_descriptor_limit();
    if let Err(error) = crate::kill_all_on_interrupt(|| {}) {
        eprintln!("cannot catch Ctrl-C: {error}");
    }
    let step = Step::read(Path::new(folder)).unwrap_or_else(|error| panic!("{error:#}"));
    let mut tests = Vec::new();
    for program in &step.programs {
        let (_, executable) = binaries
            .iter()
            .find(|(name, _)| *name == program.name)
            .unwrap_or_else(|| panic!("tests/cases.rs does not hand over {}", program.name));
        for case in program.kind.cases() {
            let name = format!("{}::{}", program.name, case.slug);
            let under_test = Program::new(executable);
            tests.push(Trial::ignorable_test(name, move || {
                let graded = case.grade(&under_test);
                match &graded.outcome {
                    Outcome::Passed => Ok(Completion::Completed),
                    Outcome::Skipped(reason) => Ok(Completion::ignored_with(format!(
                        "skipped: {}",
                        reason.get(Language::English)
                    ))),
                    Outcome::Failed(_) => Err(Failed::from(
                        report::Painter::plain(Language::English).failure(&graded),
                    )),
                }
            }));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), tests).exit_code()
}
