use crate::terminal::Terminal;
use anyhow::{Context, Result, bail};
use grader::Group;
use grader::step::{Step, workspace};
use serde_json::Value;
use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;

/// The executables of one or more steps, by name.
pub(crate) struct Executables(HashMap<String, PathBuf>);

impl Executables {
    /// Where the program is.
    pub(crate) fn get(&self, name: &str) -> Result<&PathBuf> {
        self.0.get(name).with_context(|| {
            format!("cargo built no program {name}: does step.toml name it right?")
        })
    }
}

/// Builds the steps' programs for speed and tells where they are.
pub(crate) fn build(terminal: &Terminal, steps: &[&Step]) -> Result<Executables> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    command
        .current_dir(workspace())
        .args([
            "build",
            "--release",
            "--bins",
            "--message-format=json-render-diagnostics",
        ])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for step in steps {
        command.args(["--package", &step.slug]);
    }
    let spinner =
        terminal.spinner(terminal.say("building the steps (release)", "正在构建各步（release）"));
    let mut cargo = Group::spawn(&mut command).context("cannot run cargo: is it on the PATH?")?;

    let complaints = cargo.leader().stderr.take().expect("piped");
    let shown = spinner.clone();
    let complaints = thread::spawn(move || {
        let mut all = String::new();
        for line in BufReader::new(complaints).lines().map_while(Result::ok) {
            shown.set_message(line.trim().to_owned());
            all += &line;
            all.push('\n');
        }
        all
    });
    let messages = cargo.leader().stdout.take().expect("piped");
    let executables = BufReader::new(messages)
        .lines()
        .map_while(Result::ok)
        .filter_map(|line| executable(&line))
        .collect();
    let status = cargo.leader().wait().context("cannot wait for cargo")?;
    spinner.finish_and_clear();
    let complaints = complaints.join().expect("it does not panic");
    if !status.success() {
        bail!("cargo build has failed:\n{}", complaints.trim_end());
    }
    Ok(Executables(executables))
}

/// The name and the path of the program that one of cargo's messages tells of.
fn executable(message: &str) -> Option<(String, PathBuf)> {
    let message: Value = serde_json::from_str(message).ok()?;
    let path = message["executable"].as_str()?;
    Some((message["target"]["name"].as_str()?.to_owned(), path.into()))
}
