use anyhow::{Context, Result, ensure};
use grader::Group;
use grader::step::workspace;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A binary of the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Binary<'a> {
    pub(super) package: &'a str,
    pub(super) name: &'a str,
}

/// Where binaries are, by their names.
pub(super) struct Executables(HashMap<String, PathBuf>);

impl Executables {
    pub(super) fn get(&self, name: &str) -> Result<&PathBuf> {
        self.0.get(name).with_context(|| {
            format!("cargo built no program {name}: does step.toml name it right?")
        })
    }
}

/// Builds them for speed; cargo shows its progress on standard error.
pub(super) fn build(binaries: &[Binary]) -> Result<Executables> {
    let binaries: BTreeSet<&Binary> = binaries.iter().collect();
    if binaries.is_empty() {
        return Ok(Executables(HashMap::new()));
    }
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    command
        .current_dir(workspace())
        .args([
            "build",
            "--release",
            "--message-format=json-render-diagnostics",
        ])
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let packages: BTreeSet<&str> = binaries.iter().map(|binary| binary.package).collect();
    for package in packages {
        command.args(["--package", package]);
    }
    for binary in binaries {
        command.args(["--bin", binary.name]);
    }
    let mut cargo = Group::spawn(&mut command).context("cannot run cargo: is it on the PATH?")?;
    let messages = cargo.leader().stdout.take().expect("piped");
    let executables = BufReader::new(messages)
        .lines()
        .map_while(Result::ok)
        .filter_map(|line| executable(&line))
        .collect();
    let status = cargo.leader().wait().context("cannot wait for cargo")?;
    ensure!(
        status.success(),
        "cargo build --release has failed: what is wrong stands above"
    );
    Ok(Executables(executables))
}

/// The name and the path of the program that one of cargo's messages tells of.
fn executable(message: &str) -> Option<(String, PathBuf)> {
    let message: Value = serde_json::from_str(message).ok()?;
    let path = message["executable"].as_str()?;
    Some((message["target"]["name"].as_str()?.to_owned(), path.into()))
}
