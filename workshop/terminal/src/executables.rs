use crate::terminal::Terminal;
use crate::workspace::workspace;
use anyhow::{Context, Result};
use serde_json::Value;
use std::collections::HashMap;
use std::fmt;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use subject::Group;

/// Programs of the workspace that cargo has built for speed, by name.
#[derive(Debug)]
pub struct Executables(HashMap<String, PathBuf>);

/// It cannot be built: all that cargo and the compiler said.
#[derive(Debug)]
pub struct NotBuilt(pub String);

impl fmt::Display for NotBuilt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cargo build has failed:\n{}", self.0)
    }
}

impl std::error::Error for NotBuilt {}

impl Executables {
    /// Has cargo build what `select` selects (`--package`, `--bin`, …), which may be nothing, and
    /// shows meanwhile on the terminal what that is, and what cargo says.
    ///
    /// # Errors
    ///
    /// When there is no cargo; [`NotBuilt`].
    pub fn build(terminal: &Terminal, what: &str, select: &[&str]) -> Result<Executables> {
        if select.is_empty() {
            return Ok(Executables(HashMap::new())); // cargo would build everything
        }
        Executables::build_in(terminal, what, &workspace()?, select)
    }

    /// The same, in a folder of another workspace.
    ///
    /// # Errors
    ///
    /// The same.
    pub fn build_in(
        terminal: &Terminal,
        what: &str,
        folder: &Path,
        select: &[&str],
    ) -> Result<Executables> {
        let spinner = terminal.spinner(what);
        let shown = spinner.clone();
        let built = Executables::build_telling(folder, select, move |line| {
            shown.set_message(line.to_owned())
        });
        spinner.finish_and_clear();
        built
    }

    /// The same, and each line that cargo says meanwhile is shown to `progress`.
    ///
    /// # Errors
    ///
    /// The same.
    pub fn build_telling(
        folder: &Path,
        select: &[&str],
        progress: impl FnMut(&str) + Send + 'static,
    ) -> Result<Executables> {
        built(folder, select, progress).map(Executables)
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
    folder: &Path,
    select: &[&str],
    mut progress: impl FnMut(&str) + Send + 'static,
) -> Result<HashMap<String, PathBuf>> {
    let mut command = cargo();
    command
        .current_dir(folder)
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
        return Err(NotBuilt(complaints.trim_end().to_owned()).into());
    }
    Ok(executables)
}

/// The folder into which cargo builds the workspace that one stands in, whatever its configuration says.
///
/// # Errors
///
/// When one stands in none, or cargo cannot tell.
pub fn target_folder() -> Result<PathBuf> {
    let mut command = cargo();
    command
        .current_dir(workspace()?)
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .stdin(Stdio::null());
    let output = command
        .output()
        .context("cannot run cargo: is it on the PATH?")?;
    let metadata: Value = serde_json::from_slice(&output.stdout).with_context(|| {
        let complaints = String::from_utf8_lossy(&output.stderr);
        format!("cargo metadata has failed:\n{}", complaints.trim_end())
    })?;
    let folder = metadata["target_directory"].as_str();
    folder
        .map(PathBuf::from)
        .context("cargo names no target directory")
}

/// The cargo that started this program, if one did.
fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()))
}

/// The name and the path of the program that one of cargo's messages tells of.
fn executable(message: &str) -> Option<(String, PathBuf)> {
    let message: Value = serde_json::from_str(message).ok()?;
    let path = message["executable"].as_str()?;
    Some((message["target"]["name"].as_str()?.to_owned(), path.into()))
}
