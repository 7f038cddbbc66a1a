use crate::terminal::Terminal;
use crate::workspace::workspace;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use subject::Group;

/// Programs of the workspace that cargo has built for speed, by name.
#[derive(Debug)]
pub struct Executables(HashMap<String, PathBuf>);

impl Executables {
    /// Has cargo build what `select` selects (`--package`, `--bin`, …), which may be nothing, and
    /// shows meanwhile on the terminal what that is, and what cargo says.
    ///
    /// # Errors
    ///
    /// When there is no cargo, or when it cannot build them: then all that it said.
    pub fn build(terminal: &Terminal, what: &str, select: &[&str]) -> Result<Executables> {
        if select.is_empty() {
            return Ok(Executables(HashMap::new())); // cargo would build everything
        }
        let spinner = terminal.spinner(what);
        let shown = spinner.clone();
        let built = built(select, move |line| shown.set_message(line.to_owned()));
        spinner.finish_and_clear();
        built.map(Executables)
    }

    /// Where the program is.
    ///
    /// # Errors
    ///
    /// When cargo has built none of this name.
    pub fn get(&self, name: &str) -> Result<&PathBuf> {
        self.0.get(name).with_context(|| {
            format!("cargo built no program {name}: does step.toml name it right?")
        })
    }
}

/// What cargo has built, by name. Each line that it says meanwhile is shown to `progress`.
fn built(
    select: &[&str],
    mut progress: impl FnMut(&str) + Send + 'static,
) -> Result<HashMap<String, PathBuf>> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    command
        .current_dir(workspace()?)
        .args([
            "build",
            "--release",
            "--message-format=json-render-diagnostics",
        ])
        .args(select)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut cargo = Group::spawn(&mut command).context("cannot run cargo: is it on the PATH?")?;
    let complaints = cargo.leader().stderr.take().expect("piped");
    let complaints = thread::spawn(move || {
        let mut all = String::new();
        for line in BufReader::new(complaints).lines().map_while(Result::ok) {
            progress(line.trim());
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
    let complaints = complaints.join().expect("it does not panic");
    if !status.success() {
        bail!("cargo build has failed:\n{}", complaints.trim_end());
    }
    Ok(executables)
}

/// The name and the path of the program that one of cargo's messages tells of.
fn executable(message: &str) -> Option<(String, PathBuf)> {
    let message: Value = serde_json::from_str(message).ok()?;
    let path = message["executable"].as_str()?;
    Some((message["target"]["name"].as_str()?.to_owned(), path.into()))
}
