//! The reports for programs, as those read them.
#![cfg(unix)]

use assert_cmd::Command;
use boon::{Compiler, Schemas};
use grader::report::json::{Report, Status};
use predicates::str::contains;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;

/// A program that does nothing but complain, with all that a terminal or XML may stumble over.
const COMPLAINS: &str =
    "#!/bin/sh\nprintf '\\033[2Jgone\\007 \\001\\377\\357\\277\\276]]> <&\\n' >&2\nexit 3\n";
const PATIENCE: Duration = Duration::from_secs(300);

fn complains() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let program = folder.path().join("complains");
    fs::write(&program, COMPLAINS).expect("it is written");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it may run");
    (folder, program)
}

fn grade(step: &str, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_workshop"));
    command
        .args(["grade", step])
        .args(more)
        .timeout(PATIENCE)
        .env("LC_ALL", "C.UTF-8")
        .env("GRADER_SEED", "7");
    command
}

fn of_complains(format: &str) -> Vec<u8> {
    let (_folder, program) = complains();
    let program = program.display().to_string();
    let output = grade("fork-server", &["--bin", &program, "--format", format])
        .env("CLASSROOM", "room")
        .env("ASSIGNMENT", "fork")
        .env("SUBMISSION_TAG", "submit/1")
        .env("COMMIT_URL", "https://example.org/commit")
        .env("RELEASE_URL", "https://example.org/release")
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    output.stdout
}

fn value(json: &[u8]) -> Value {
    serde_json::from_slice(json).expect("it is JSON")
}

/// What is wrong with it by the schema that stands in the repository.
fn faults(report: &Value) -> Result<(), String> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../grader/report.schema.json");
    let schema = value(&fs::read(file).expect("the schema is there"));
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    let place = "file:///report.schema.json";
    compiler.add_resource(place, schema).expect("it is read");
    let index = compiler
        .compile(place, &mut schemas)
        .expect("it is a schema");
    schemas
        .validate(report, index)
        .map_err(|error| format!("{error:#}"))
}

#[test]
fn json_is_valid_and_can_be_read_again() {
    let passes = grade("event-loop", &["--format", "json"])
        .output()
        .expect("it runs")
        .stdout;
    for report in [of_complains("json"), passes] {
        let report = value(&report);
        faults(&report).expect("valid by the schema");
        let read: Report = serde_json::from_value(report.clone()).expect("it is a report");
        assert_eq!(serde_json::to_value(&read).expect("it is written"), report);
        assert_eq!((read.version, read.seed.as_str()), (2, "7"));
        let cases = read.programs.iter().flat_map(|program| &program.cases);
        let possible: u32 = cases.clone().map(|case| case.max_points).sum();
        let judged = cases.filter(|case| matches!(case.status, Status::Passed | Status::Failed));
        assert_eq!(
            read.max_points,
            judged.map(|case| case.max_points).sum::<u32>()
        );
        assert_eq!(read.max_points_possible, possible);
    }
}

#[test]
fn the_schema_refuses_what_is_no_report() {
    let mut report = value(&of_complains("json"));
    report["programs"][0]["cases"][0]["status"] = json!("lost");
    assert!(faults(&report).is_err());
    report["programs"][0]["cases"][0]["status"] = json!("failed");
    faults(&report).expect("as it was");
    report.as_object_mut().expect("an object").remove("seed");
    assert!(faults(&report).is_err());
}

#[test]
fn a_failure_is_told_in_both_languages_and_as_data() {
    let report = value(&of_complains("json"));
    let case = &report["programs"][0]["cases"][0];
    assert_eq!(case["message"], case["messages"]["en"]);
    assert_ne!(case["messages"]["zh"], case["messages"]["en"]);
    let expected = &case["evidence"]["expected"]["en"];
    assert!(
        expected
            .as_str()
            .is_some_and(|text| text.contains("listening on")),
        "{case}"
    );
}

#[test]
fn junit_is_xml_whatever_a_program_prints() {
    let xml = String::from_utf8(of_complains("junit")).expect("it is text");
    let document = roxmltree::Document::parse(&xml).expect("it is XML");
    let node = |name: &'static str| {
        document
            .descendants()
            .find(move |node| node.has_tag_name(name))
    };
    let suite = node("testsuite").expect("a suite");
    assert!(suite.has_attribute("time"));
    let property = |name: &str| {
        let mut all = suite.descendants();
        let one =
            all.find(|node| node.has_tag_name("property") && node.attribute("name") == Some(name));
        one.and_then(|node| node.attribute("value"))
    };
    assert_eq!(
        (property("points"), property("max_points")),
        (Some("0"), Some("84"))
    );
    let said = node("failure").and_then(|failure| failure.text().map(str::to_owned));
    assert!(said.is_some_and(|said| said.contains('\u{fffd}')), "{xml}");
}

#[test]
fn gradescope_gets_a_score_for_each_test() {
    let report = value(&of_complains("gradescope"));
    let tests = report["tests"].as_array().expect("tests");
    assert_eq!(report["score"], 0);
    assert!(report["execution_time"].is_u64());
    for test in tests {
        assert_eq!(
            (&test["score"], &test["status"]),
            (&json!(0), &json!("failed"))
        );
        assert!(
            test["max_score"].as_u64() > Some(0) && test["output"].is_string(),
            "{test}"
        );
    }
    let worth = tests
        .iter()
        .filter_map(|test| test["max_score"].as_u64())
        .sum::<u64>();
    assert_eq!(worth, 84);
}

#[test]
fn classroom50_gets_what_its_runner_asks_for() {
    let result = value(&of_complains("classroom50"));
    for (field, expected) in [
        ("schema", "classroom50/result/v1"),
        ("classroom", "room"),
        ("assignment", "fork"),
        ("submission", "submit/1"),
        ("commit", "https://example.org/commit"),
        ("review", "https://example.org/commit"),
        ("release", "https://example.org/release"),
    ] {
        assert_eq!(result[field], expected, "{field}");
    }
    let time = result["datetime"].as_str().expect("a time");
    assert!(time.len() == 20 && time.ends_with('Z'), "{time}");
    assert_eq!(
        (&result["score"], &result["max-score"]),
        (&json!(0), &json!(84))
    );
    let first = &result["tests"][0];
    assert_eq!(first["passed"], false);
    assert!(
        first["test-name"].is_string() && first["max-score"].is_u64(),
        "{first}"
    );
}

#[test]
fn without_its_runner_classroom50s_report_says_what_is_missing() {
    let (_folder, program) = complains();
    let program = program.display().to_string();
    grade(
        "fork-server",
        &["--bin", &program, "--format", "classroom50"],
    )
    .env_remove("COMMIT_URL")
    .assert()
    .code(2)
    .stderr(contains("COMMIT_URL is not set"));
}

#[test]
fn github_gets_an_annotation_in_one_line_for_each_failure() {
    let told = String::from_utf8(of_complains("github")).expect("it is text");
    let (errors, notice): (Vec<&str>, Vec<&str>) = told
        .lines()
        .partition(|line| line.starts_with("::error title="));
    assert_eq!(errors.len(), 43, "{told}");
    assert!(errors.iter().all(|line| line.contains("%0A")), "{told}");
    assert_eq!(notice, ["::notice title=fork-server::0 / 84"]);
}
