//! The report for continuous integration, in JUnit's XML.

use super::painter::Painter;
use crate::case::{Graded, Outcome};
use crate::step::Step;
use anyhow::{Context, Result};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use terminal::Language;

/// A test suite for each program, a test case for each case. Excepted cases are skipped ones.
///
/// # Errors
///
/// When the XML cannot be written, which is a bug.
pub fn report(
    step: &Step,
    programs: &[(String, Vec<Graded>)],
    language: Language,
) -> Result<String> {
    let mut report = Report::new(step.slug.as_str());
    for (name, graded) in programs {
        let mut suite = TestSuite::new(name.as_str());
        suite.add_test_cases(graded.iter().map(|graded| case(name, graded, language)));
        report.add_test_suite(suite);
    }
    report.to_string().context("cannot write the report as XML")
}

fn case(program: &str, graded: &Graded, language: Language) -> TestCase {
    let mut case = TestCase::new(graded.case.slug, status(graded, language));
    case.set_classname(program).set_time(graded.took);
    case
}

fn status(graded: &Graded, language: Language) -> TestCaseStatus {
    match &graded.outcome {
        Outcome::Passed => TestCaseStatus::success(),
        Outcome::Failed(failure) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status
                .set_message(failure.meaning.get(language))
                .set_description(Painter::plain(language).failure(graded));
            status
        }
        Outcome::Skipped(reason) | Outcome::Excepted(reason) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(reason.get(language));
            status
        }
    }
}
