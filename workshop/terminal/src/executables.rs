use crate::not_built::NotBuilt;
use crate::terminal::Terminal;
use crate::text::{Text, text};
use crate::told::{Explain, ensure};
use crate::workspace::workspace;
use anyhow::Result;
use serde_json::Value;
use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;
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
        self.0.get(name).explain(|| {
            Text::new(
                format!("cargo built no program {name}: does step.toml name it right?"),
                format!("cargo 没有构建出 {name} 这个程序：step.toml 里的名字写对了吗？"),
            )
        })
    }
}

/// What cargo has built, by name. Each line that it says meanwhile is shown to `progress`.
fn built(
    folder: &Path,
    select: &[&str],
    mut progress: impl FnMut(&str),
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
    let mut cargo = Group::spawn(&mut command).explain(no_cargo)?;
    let (said, lines) = mpsc::channel();
    let no_thread = || text("no thread to be had", "系统给不出线程");
    let complaints = cargo.stderr().expect("piped");
    read_lines(complaints, said.clone(), Said::Complaint).explain(no_thread)?;
    let messages = cargo.stdout().expect("piped");
    read_lines(messages, said, Said::Message).explain(no_thread)?;
    let (mut complaints, mut executables) = (String::new(), HashMap::new());
    let mut hear = |said| match said {
        Said::Complaint(line) => {
            progress(line.trim());
            complaints += &line;
            complaints.push('\n');
        }
        Said::Message(line) => executables.extend(executable(&line)),
    };
    // Whom cargo has started may have its streams still, and stay: a server that caches what is compiled.
    loop {
        match lines.recv_timeout(LOOK) {
            Ok(said) => hear(said),
            Err(RecvTimeoutError::Timeout) if cargo.ended().is_none() => {}
            Err(_) => break,
        }
    }
    let status = cargo
        .wait_for_end()
        .explain(|| text("cannot wait for cargo", "等不到 cargo 结束"))?;
    lines.try_iter().for_each(&mut hear);
    if !status.success() {
        return Err(NotBuilt(complaints.trim_end().to_owned()).into());
    }
    Ok(executables)
}

/// How often is looked whether cargo has ended.
const LOOK: Duration = Duration::from_millis(200);

/// A line of cargo's.
enum Said {
    /// For people, on standard error.
    Complaint(String),
    /// For programs, on standard output.
    Message(String),
}

fn read_lines(
    pipe: impl Read + Send + 'static,
    said: mpsc::Sender<Said>,
    kind: fn(String) -> Said,
) -> io::Result<()> {
    thread::Builder::new().spawn(move || {
        let lines = BufReader::new(pipe).lines().map_while(Result::ok);
        // Until nobody listens any more.
        let _ = lines.map(kind).try_for_each(|line| said.send(line));
    })?;
    Ok(())
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
    let output = command.output().explain(no_cargo)?;
    ensure(output.status.success(), || {
        let complaints = String::from_utf8_lossy(&output.stderr);
        let complaints = complaints.trim_end();
        Text::new(
            format!("cargo metadata has failed:\n{complaints}"),
            format!("cargo metadata 没有成功：\n{complaints}"),
        )
    })?;
    let metadata: Value = serde_json::from_slice(&output.stdout).explain(|| {
        text(
            "cannot understand what cargo metadata says",
            "看不懂 cargo metadata 的输出",
        )
    })?;
    let folder = metadata["target_directory"].as_str();
    folder.map(PathBuf::from).explain(|| {
        text(
            "cargo names no target directory",
            "cargo 没有说它构建到哪个目录",
        )
    })
}

fn no_cargo() -> Text {
    text(
        "cannot run cargo (is it on the PATH?)",
        "无法运行 cargo（它在 PATH 上吗？）",
    )
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
