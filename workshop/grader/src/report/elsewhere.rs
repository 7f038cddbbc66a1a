//! Reports as others want them: Gradescope, Classroom 50, GitHub.

use super::json::{Case, Report, Status};
use anyhow::Result;
use serde_json::{Value, json};
use std::env;
use terminal::{Explain, Language, Text};

/// Gradescope's `results.json` (gradescope-autograders.readthedocs.io, "Output format"). Cases that
/// were skipped or need not be done are told in `output`, and are no tests: they would count as lost.
pub fn gradescope(report: &Report, language: Language) -> String {
    let mut unjudged = Vec::new();
    let mut tests = Vec::new();
    for (program, case) in cases(report) {
        let name = format!("{program} {}", case.slug);
        let message = message(case, language);
        match case.status {
            Status::Passed | Status::Failed => tests.push(json!({
                "name": format!("{name}: {}", case.title.get(language)),
                "score": case.points,
                "max_score": case.max_points,
                "status": if case.status == Status::Passed { "passed" } else { "failed" },
                "output": message,
                "output_format": "text",
                "visibility": "visible",
            })),
            Status::Skipped | Status::Excepted | Status::FailedOnPurpose => {
                unjudged.push(format!("{name}: {message}"))
            }
        }
    }
    pretty(&json!({
        "score": report.counted_points,
        "execution_time": report.milliseconds.div_ceil(1000),
        "output": unjudged.join("\n"),
        "tests": tests,
    }))
}

/// Classroom 50's `result.json` (foundation50/classroom50, `classroom50/result/v1`), which its runner
/// completes. Its variables of the environment say whose submission this is.
///
/// # Errors
///
/// When one of these is missing: names it.
pub fn classroom50(report: &Report, language: Language) -> Result<String> {
    let told = |name: &str| {
        env::var(name).ok().explain(|| {
            Text::new(
                format!("{name} is not set: Classroom 50's runner sets it"),
                format!("没有设置 {name}：它由 Classroom 50 的运行环境设置"),
            )
        })
    };
    let commit = told("COMMIT_URL")?;
    let judged =
        cases(report).filter(|(_, case)| matches!(case.status, Status::Passed | Status::Failed));
    let tests: Vec<Value> = judged
        .map(|(program, case)| {
            json!({
                "test-name": format!("{program} {}", case.slug),
                "passed": case.status == Status::Passed,
                "score": case.points,
                "max-score": case.max_points,
                "message": message(case, language),
            })
        })
        .collect();
    Ok(pretty(&json!({
        "schema": "classroom50/result/v1",
        "classroom": told("CLASSROOM")?,
        "assignment": told("ASSIGNMENT")?,
        "submission": told("SUBMISSION_TAG")?,
        "release": told("RELEASE_URL")?,
        "review": env::var("REVIEW_URL").unwrap_or_else(|_| commit.clone()),
        "commit": commit,
        // Without fractions of a second.
        "datetime": format!("{}Z", report.time.get(..19).unwrap_or_default()),
        "score": report.counted_points,
        "max-score": report.max_points,
        "tests": tests,
    })))
}

/// Annotations of a workflow's run on GitHub ("Workflow commands", `::error`), one for each failure,
/// and one for each case that could not be seen.
pub fn github(report: &Report, language: Language) -> String {
    let mut lines = String::new();
    for (program, case) in cases(report) {
        let kind = match case.status {
            Status::Passed | Status::Excepted | Status::FailedOnPurpose => continue,
            Status::Failed => "error",
            Status::Skipped => "warning",
        };
        let title = property(&format!("{program} {}", case.slug));
        lines += &format!(
            "::{kind} title={title}::{}\n",
            data(message(case, language))
        );
    }
    let sum = format!("{} / {}", report.points, report.max_points);
    lines + &format!("::notice title={}::{sum}\n", property(&report.step))
}

/// What is said of a case: of one that passed, nothing.
fn message(case: &Case, language: Language) -> &str {
    case.messages
        .as_ref()
        .map_or("", |words| words.get(language))
}

fn cases(report: &Report) -> impl Iterator<Item = (&str, &Case)> {
    let programs = report.programs.iter();
    programs.flat_map(|program| {
        program
            .cases
            .iter()
            .map(|case| (program.name.as_str(), case))
    })
}

/// What follows a command's second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// What stands after an `=`.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("it has no key that is not a string") + "\n"
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    #[test]
    fn what_would_end_a_workflow_command_is_escaped() {
        assert_eq!(data("50 %\r\n::error::"), "50 %25%0D%0A::error::");
        assert_eq!(property("a: b, c"), "a%3A b%2C c");
    }
}
