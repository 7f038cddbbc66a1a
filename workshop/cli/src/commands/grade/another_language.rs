//! A copy in another language than Rust: built and started as its `grade.toml` says.

use super::command::{find_executable, words};
use anyhow::Result;
use grader::Program;
use grader::step::StepProgram;
use starter::ForeignCopy;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};
use subject::Start;
use terminal::{Explain, Language, Terminal, Text, ensure};

/// How long a build may take: a compiler's first time, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// Builds it with a spinner; what was said where that fails.
///
/// # Errors
///
/// Those of [`build`].
pub(super) fn build_shown(terminal: &Terminal, copy: &ForeignCopy) -> Result<Option<String>> {
    if copy.build.is_none() {
        return Ok(None);
    }
    let what = match terminal.language {
        Language::English => format!("building {}", copy.shown()),
        Language::Chinese => format!("正在构建 {}", copy.shown()),
    };
    let spinner = terminal.spinner(&what);
    let built = build(copy);
    spinner.finish_and_clear();
    built
}

/// Builds it, where it has to be built; what was said where that fails.
///
/// # Errors
///
/// When the command cannot be run, or does not end.
pub(crate) fn build(copy: &ForeignCopy) -> Result<Option<String>> {
    let Some(build) = &copy.build else {
        return Ok(None);
    };
    let (path, arguments) = words(build)?;
    let mut command = Command::new(find(copy, &path)?);
    command.args(arguments).current_dir(&copy.folder);
    let started = Start::default().spawn_and_read(&mut command);
    let mut started = started
        .explain(|| Text::new(format!("cannot run {build}"), format!("无法运行 {build}")))?;
    let ended = started.group.wait(PATIENCE);
    let ended = ended.explain(|| {
        Text::new(
            format!("{build} has not ended after {PATIENCE:?}"),
            format!("{build} 过了 {} 秒还没有结束", PATIENCE.as_secs()),
        )
    })?;
    // What it has said is read when its outputs are closed.
    subject::poll_until(Instant::now() + OUTPUT, || {
        started.stdout.is_complete() && started.stderr.is_complete()
    });
    let said = started.stdout.so_far() + &started.stderr.so_far();
    Ok((!ended.success()).then_some(said))
}

/// How long its last words may take.
const OUTPUT: Duration = Duration::from_secs(2);

/// The program that it starts.
///
/// # Errors
///
/// When there is none.
pub(crate) fn program(copy: &ForeignCopy, claims: &StepProgram) -> Result<Program> {
    let (path, arguments) = words(&copy.command)?;
    Ok(Program {
        arguments,
        folder: Some(copy.folder.clone()),
        ..claims.program(find(copy, &path)?)
    })
}

/// As a shell in the copy's folder would find it.
fn find(copy: &ForeignCopy, path: &str) -> Result<PathBuf> {
    if !path.contains('/') {
        return find_executable(path);
    }
    let file = copy.folder.join(path);
    ensure(file.is_file(), || {
        let copy = copy.shown();
        Text::new(
            format!("{copy}: there is no {path} ({copy}/grade.toml)"),
            format!("{copy} 里没有 {path}（见 {copy}/grade.toml）"),
        )
    })?;
    Ok(file)
}
