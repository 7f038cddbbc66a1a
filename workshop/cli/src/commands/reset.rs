use super::start::{begin, begin_foreign, place_of};
use anyhow::Result;
use grader::step::Steps;
use starter::{ForeignCopy, StepCopy, put_aside};
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use terminal::{Explain, Terminal, Text, Told, ensure, text};

/// What to begin anew.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The step: its number or name; or a copy in another language, as in fork-server-c
    /// （哪一步：编号或名字；或者用别的语言写的副本，例如 fork-server-c）
    #[arg(required_unless_present = "all")]
    step: Option<String>,
    /// Begin at this task: those before it are done already（从这个任务开始，前面的都已做好）
    #[arg(long, value_name = "TASK", conflicts_with = "all")]
    task: Option<String>,
    /// All copies that have been begun（所有已经开始的副本）
    #[arg(long, conflicts_with = "step")]
    all: bool,
}

/// `reset STEP`: puts the copy aside, says where, and begins a new one.
///
/// # Errors
///
/// When there is none, or it cannot be moved.
pub(crate) fn reset(terminal: &Terminal, options: &Options) -> Result<ExitCode> {
    let (steps, root) = (Steps::read()?, terminal::workspace()?);
    let names = match &options.step {
        Some(name) => vec![name.clone()],
        None => begun(&root, &steps)?,
    };
    if names.is_empty() {
        let nothing = "no copy has been begun: cargo run -- start 2";
        return Err(Told(Text::new(nothing, "还没有副本：cargo run -- start 2")).into());
    }
    for name in names {
        reset_one(terminal, &root, &steps, &name, options.task.as_deref())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The copies that there are, by the names of their folders.
fn begun(root: &Path, steps: &Steps) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for step in &steps.0 {
        names.extend(StepCopy::of(root, step).exists().then(|| step.slug.clone()));
        let foreign = ForeignCopy::all_of(root, step)?;
        names.extend(foreign.iter().map(|copy| folder_name(&copy.folder)));
    }
    Ok(names)
}

fn reset_one(
    terminal: &Terminal,
    root: &Path,
    steps: &Steps,
    name: &str,
    task: Option<&str>,
) -> Result<()> {
    if let Some(copy) = ForeignCopy::named(root, name)? {
        let (step, _) = steps.find(&copy.step)?;
        let folder = folder_name(&copy.folder);
        let language = folder.strip_prefix(&format!("{}-", step.slug));
        let language = language.explain(|| {
            Text::new(
                format!("{folder} was not begun by start"),
                format!("{folder} 不是用 start 开始的"),
            )
        })?;
        ensure(task.is_none(), || {
            text(
                "--task is for copies in Rust",
                "--task 只用于 Rust 写的副本",
            )
        })?;
        tell(terminal, &put_aside(root, &folder)?)?;
        return begin_foreign(terminal, step, language);
    }
    let (step, _) = steps.find(name)?;
    let copy = StepCopy::of(root, step);
    if !copy.exists() {
        let (shown, number) = (copy.shown(), step.number);
        return Err(Told(Text::new(
            format!("there is no {shown} yet: cargo run -- start {number}"),
            format!("还没有 {shown}：cargo run -- start {number}"),
        ))
        .into());
    }
    let filled = task.map(|task| place_of(step, task)).transpose()?;
    tell(terminal, &put_aside(root, &step.slug)?)?;
    begin(terminal, step, filled.unwrap_or(0))
}

fn folder_name(folder: &Path) -> String {
    let name = folder.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

fn tell(terminal: &Terminal, to: &Path) -> Result<()> {
    // The terminal's folder may be gone with it.
    let to = fs::canonicalize(terminal::workspace()?.join(to)).unwrap_or_else(|_| to.to_owned());
    let words = terminal.say("what was there is now in", "原来的已移到");
    Ok(terminal.print(&format!("\n  {words} {}", to.display()))?)
}
