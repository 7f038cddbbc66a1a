//! What the judge says of programs that are none of ours, and whether their tools are there.
#![allow(dead_code)] // each test needs some of it

use assert_cmd::Command;
use serde_json::Value;
use std::process::Stdio;
use std::time::Duration;

/// A whole grade, one case after another, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(180);

/// What the judge said.
pub(crate) struct Verdict {
    cases: Vec<Value>,
    pub(crate) full: bool,
}

impl Verdict {
    /// As a report in JSON has it, which must be whole.
    pub(crate) fn read(report: &[u8], full: bool) -> Result<Verdict, String> {
        let report: Value = serde_json::from_slice(report).map_err(|it| it.to_string())?;
        assert_eq!(report["version"], 2);
        let cases = report["programs"][0]["cases"].as_array();
        let cases = cases.ok_or("no list of cases")?.clone();
        let passed = cases.iter().filter(|case| case["status"] == "passed");
        let points: Option<u64> = passed.map(|case| case["max_points"].as_u64()).sum();
        assert_eq!(report["programs"][0]["points"].as_u64(), points);
        Ok(Verdict { cases, full })
    }

    /// What is said of a case, in English.
    pub(crate) fn message(&self, slug: &str) -> String {
        let case = self.cases.iter().find(|case| case["slug"] == slug);
        let message = case.and_then(|case| case["messages"]["en"].as_str());
        message.unwrap_or("nothing is said of it").to_owned()
    }

    /// The slugs of the cases that ended so: `passed`, `failed`, `skipped`.
    pub(crate) fn slugs(&self, status: &str) -> Vec<&str> {
        let some = self.cases.iter().filter(|case| case["status"] == status);
        some.map(|case| case["slug"].as_str().expect("a slug"))
            .collect()
    }
}

pub(crate) fn grade(arguments: &[&str]) -> Verdict {
    let mut command = Command::new(env!("CARGO_BIN_EXE_workshop"));
    command
        .args(["grade"])
        .args(arguments)
        .args(["--format", "json"]);
    let output = command.timeout(PATIENCE).output().expect("the tool runs");
    let full = output.status.success();
    Verdict::read(&output.stdout, full).unwrap_or_else(|error| {
        panic!(
            "no report: {error}: {}",
            String::from_utf8_lossy(&output.stderr)
        )
    })
}

/// Is the tool there? Go's knows a command `version`, and no such option.
pub(crate) fn has(tool: &str) -> bool {
    let says = |version: &str| {
        let mut trial = std::process::Command::new(tool);
        trial
            .arg(version)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        trial.status().is_ok_and(|status| status.success())
    };
    let there = says("--version") || says("version");
    if !there {
        eprintln!("SKIPPED: {tool} is not there");
    }
    there
}
