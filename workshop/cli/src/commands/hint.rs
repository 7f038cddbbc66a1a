//! `hint`: from a nudge to nearly the solution, one more each time.

use super::start::place_of;
use crate::kept;
use anyhow::Result;
use grader::step::{Step, Steps, Task};
use progress::Progress;
use starter::{Hint, Hints};
use std::process::ExitCode;
use terminal::{Language, Terminal, Text, Told, workspace};

/// Which hint to show.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The step: its number or name, as in 2 or fork（哪一步：编号或名字，例如 2 或 fork）
    step: String,
    /// One of its tasks, by name or number; without, the first that is not passed
    /// （哪个任务：名字或编号；不写就是第一个没通过的）
    task: Option<String>,
    /// Show again what has been seen, and nothing new（把看过的再显示一遍，不看新的）
    #[arg(long)]
    all: bool,
}

/// `hint STEP [TASK]`: the next hint. What was seen is remembered, and changes nothing in the points.
///
/// # Errors
///
/// When there is no such step or task, or what was seen cannot be kept.
pub(crate) fn hint(terminal: &Terminal, options: &Options) -> Result<ExitCode> {
    let steps = Steps::read()?;
    let (step, _) = steps.find(&options.step)?;
    let progress = kept::read(&steps)?;
    let place = match &options.task {
        Some(name) => place_of(step, name)?,
        None => first_open(step, &progress).ok_or_else(|| Told(nothing_open(step)))?,
    };
    let task = &step.tasks[place];
    let hints = Hints::of(&workspace()?, step)?;
    let hints = hints.for_task(&task.slug);
    let seen = progress.hints(&step.slug, &task.slug).min(hints.len());
    let title = task.title.get(terminal.language);
    let (number, place) = (step.number, place + 1);
    terminal.print(&format!("\n  {}", terminal.bold(title)))?;
    if options.all {
        if seen == 0 {
            let words = terminal.say("no hint has been seen yet: ", "还没有看过提示：");
            terminal.print(&format!("\n  {words}cargo run -- hint {number} {place}"))?;
        }
        for (index, hint) in hints[..seen].iter().enumerate() {
            show(terminal, task, hint, index + 1, hints.len())?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let Some(hint) = hints.get(seen) else {
        if let Some(last) = hints.last() {
            show(terminal, task, last, hints.len(), hints.len())?;
        }
        let words = terminal.say(
            "that was the last one; all of them again: ",
            "这是最后一条了；全部再看一遍：",
        );
        let solution = terminal.say("and the solution: ", "答案：");
        terminal.print(&format!(
            "\n  {words}cargo run -- hint {number} {place} --all\n  {solution}cargo run -- solution {number} {place}"
        ))?;
        return Ok(ExitCode::SUCCESS);
    };
    show(terminal, task, hint, seen + 1, hints.len())?;
    kept::change(&steps, |progress| {
        progress.set_hints(&step.slug, &task.slug, seen + 1);
    })?;
    if seen + 1 < hints.len() {
        let words = terminal.say("if that is not enough: ", "还不够的话：");
        terminal.print(&format!("\n  {words}cargo run -- hint {number} {place}"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The first task that the last grade of the step's copy has not passed.
pub(crate) fn first_open(step: &Step, progress: &Progress) -> Option<usize> {
    let passed = progress.tasks(&step.slug);
    let is_open = |task: &Task| !passed.contains(&&*task.slug);
    step.tasks.iter().position(is_open)
}

fn show(terminal: &Terminal, task: &Task, hint: &Hint, place: usize, count: usize) -> Result<()> {
    let columns = terminal.width.unwrap_or(MOST_COLUMNS);
    terminal.print("")?;
    for line in lines(terminal, task, hint, place, count, columns) {
        terminal.print(format!("  {line}").trim_end())?;
    }
    Ok(())
}

/// A hint in lines of at most so many columns: which it is, its words, its code.
pub(crate) fn lines(
    terminal: &Terminal,
    task: &Task,
    hint: &Hint,
    place: usize,
    count: usize,
    columns: usize,
) -> Vec<String> {
    let head = match terminal.language {
        Language::English => format!("Hint {place} of {count}"),
        Language::Chinese => format!("提示 {place}/{count}"),
    };
    let mut lines = vec![terminal.accent(&head), String::new()];
    lines.extend(paragraph(hint.words.get(terminal.language), columns));
    if let Some(code) = &hint.code {
        lines.push(String::new());
        let place = hint.region(task).unwrap_or_default();
        lines.push(terminal.dim(&format!("  // {}", shown_place(place))));
        lines.extend(code.trim_end().lines().map(|line| format!("  {line}")));
    }
    lines
}

/// `src/lib.rs::converse` as people write it; of the lines between two anchors, the file.
fn shown_place(region: &str) -> String {
    match (region.split_once("::"), region.split_once('#')) {
        (Some((file, function)), _) => format!("{file}, {function}"),
        (None, Some((file, _))) => file.to_owned(),
        (None, None) => region.to_owned(),
    }
}

/// In lines of at most so many columns, less what stands before and behind them.
pub(crate) fn paragraph(words: &str, columns: usize) -> Vec<String> {
    let width = columns.min(MOST_COLUMNS).saturating_sub(MARGIN);
    let options =
        textwrap::Options::new(width).word_splitter(textwrap::WordSplitter::NoHyphenation);
    let lines = words
        .lines()
        .flat_map(|line| textwrap::wrap(line, &options));
    lines.map(|line| line.into_owned()).collect()
}

/// Longer lines are hard to read.
const MOST_COLUMNS: usize = 96;
const MARGIN: usize = 4;

fn nothing_open(step: &Step) -> Text {
    let (slug, number) = (&step.slug, step.number);
    Text::new(
        format!(
            "every task of {slug} is passed; for a hint all the same, name one: hint {number} 1"
        ),
        format!("{slug} 的任务已经全部通过；仍想看提示，请写明任务：cargo run -- hint {number} 1"),
    )
}
