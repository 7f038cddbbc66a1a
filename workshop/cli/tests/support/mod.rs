//! What the judge says of programs that are none of ours, and whether their tools are there.

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
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!(
            "no report: {error}: {}",
            String::from_utf8_lossy(&output.stderr)
        )
    });
    assert_eq!(report["version"], 2);
    let cases = report["programs"][0]["cases"].as_array();
    Verdict {
        cases: cases.expect("a list of cases").clone(),
        full: output.status.success(),
    }
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
