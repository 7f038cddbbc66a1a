//! The report for continuous integration, in JUnit's XML.

use super::painter::Painter;
use super::run::{Judged, Run};
use super::score::Score;
use crate::case::{Graded, Outcome};
use anyhow::Result;
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};
use terminal::{Explain, Language, text};

/// A test suite for each program, a test case for each case. Excepted cases are skipped ones.
///
/// # Errors
///
/// When the XML cannot be written, which is a bug.
pub fn report(run: &Run, programs: &[Judged], language: Language) -> Result<String> {
    let mut report = Report::new(run.step.slug.as_str());
    report.set_time(run.began.elapsed());
    for Judged { name, graded, took } in programs {
        let mut suite = TestSuite::new(xml(name));
        let score = Score::of(graded);
        suite.set_time(*took);
        suite.add_property(Property::new("points", score.points.to_string()));
        suite.add_property(Property::new("max_points", score.max_points.to_string()));
        suite.add_test_cases(graded.iter().map(|graded| case(name, graded, language)));
        report.add_test_suite(suite);
    }
    report
        .to_string()
        .explain(|| text("cannot write the report as XML", "无法把报告写成 XML"))
}

fn case(program: &str, graded: &Graded, language: Language) -> TestCase {
    let mut case = TestCase::new(graded.case.slug, status(graded, language));
    case.set_classname(xml(program)).set_time(graded.took);
    let points = match graded.outcome {
        Outcome::Passed => graded.case.points,
        _ => 0,
    };
    case.add_property(Property::new("points", points.to_string()));
    case.add_property(Property::new("max_points", graded.case.points.to_string()));
    case
}

fn status(graded: &Graded, language: Language) -> TestCaseStatus {
    match &graded.outcome {
        Outcome::Passed => TestCaseStatus::success(),
        Outcome::Failed(failure) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status
                .set_message(xml(failure.meaning.get(language)))
                .set_description(xml(&Painter::plain(language).failure(graded)));
            status
        }
        Outcome::Skipped(reason)
        | Outcome::Excepted(reason)
        | Outcome::FailedOnPurpose(reason, _) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(xml(reason.get(language)));
            status
        }
    }
}

/// With U+FFFD for each character that XML cannot hold (XML 1.0, 2.2 Characters): a program may print
/// any.
fn xml(text: &str) -> String {
    let holds = |c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..);
    text.chars()
        .map(|c| {
            if holds(c) {
                c
            } else {
                char::REPLACEMENT_CHARACTER
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::xml;

    #[test]
    fn what_xml_cannot_hold_is_replaced() {
        assert_eq!(
            xml("a\u{1}\u{fffe}\u{ffff}\0b\t字"),
            "a\u{fffd}\u{fffd}\u{fffd}\u{fffd}b\t字"
        );
    }
}
