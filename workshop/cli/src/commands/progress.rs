//! `progress`: what is done, and what comes next.

use super::hint::first_open;
use crate::kept;
use anyhow::Result;
use grader::step::{Step, Steps};
use progress::Progress;
use starter::{ForeignCopy, StepCopy};
use std::path::Path;
use std::process::ExitCode;
use terminal::{Align, Language, Table, Terminal, UNKNOWN, workspace};

/// `progress`: every step, its copies, their tasks and points; and the next thing to do.
///
/// # Errors
///
/// When what is kept cannot be read.
pub(crate) fn progress(terminal: &Terminal) -> Result<ExitCode> {
    let (steps, root) = (Steps::read()?, workspace()?);
    let progress = kept::read(&steps)?;
    let names = [
        (terminal.say("step", "步骤"), Align::Left),
        (terminal.say("tasks", "任务"), Align::Left),
        (terminal.say("points", "分数"), Align::Right),
        (terminal.say("hints seen", "看过的提示"), Align::Right),
    ];
    let mut table = Table::new(&names);
    let mut has_begun = false;
    for step in &steps.0 {
        let copies = copies(&root, step)?;
        has_begun |= !copies.is_empty();
        for copy in &copies {
            table.add(row(terminal, &progress, step, Some(copy)));
        }
        if copies.is_empty() {
            table.add(row(terminal, &progress, step, None));
        }
    }
    let lines = table.render(terminal.width);
    terminal.print(&format!("\n{}", lines.trim_end_matches('\n')))?;
    let next = next(terminal, &steps, &root, &progress, has_begun);
    terminal.print(&format!("\n  {next}"))?;
    Ok(ExitCode::SUCCESS)
}

/// The step's copies, by the names of their folders.
fn copies(root: &Path, step: &Step) -> Result<Vec<String>> {
    let mine = StepCopy::of(root, step);
    let mut names = Vec::new();
    names.extend(mine.exists().then(|| step.slug.clone()));
    let foreign = ForeignCopy::all_of(root, step)?.into_iter();
    names.extend(foreign.filter_map(|copy| {
        let name = copy.folder.file_name()?;
        Some(name.to_string_lossy().into_owned())
    }));
    Ok(names)
}

fn row(
    terminal: &Terminal,
    progress: &Progress,
    step: &Step,
    copy: Option<&String>,
) -> Vec<String> {
    let name = copy.unwrap_or(&step.slug);
    let number = format!("{:02} {name}", step.number);
    let hints: usize = step
        .tasks
        .iter()
        .map(|task| progress.hints(&step.slug, &task.slug))
        .sum();
    let hints = match hints {
        0 => UNKNOWN.to_owned(),
        seen => seen.to_string(),
    };
    let Some(copy) = copy else {
        let nothing = UNKNOWN.to_owned();
        return vec![number, nothing.clone(), nothing, hints];
    };
    let count = step.tasks.len();
    let passed = progress.tasks(copy);
    let done = step
        .tasks
        .iter()
        .filter(|task| passed.contains(&&*task.slug))
        .count();
    let bar = format!(
        "{}{}",
        "━".repeat(done * CELLS),
        "─".repeat((count - done) * CELLS)
    );
    let tasks = match terminal.language {
        Language::English => format!("{bar}  {done} of {count}"),
        Language::Chinese => format!("{bar}  {count} 个完成 {done} 个"),
    };
    let points = progress.points(copy);
    let points = points.map_or(UNKNOWN.to_owned(), |(points, most)| {
        format!("{points}/{most}")
    });
    vec![number, tasks, points, hints]
}

/// How many cells of the bar a task has.
const CELLS: usize = 2;

/// The first step of which not everything is done, and what there is to do in it.
fn next(
    terminal: &Terminal,
    steps: &Steps,
    root: &Path,
    progress: &Progress,
    has_begun: bool,
) -> String {
    let is_open = |step: &&Step| !step.tasks.is_empty() && first_open(step, progress).is_some();
    let begun = steps
        .0
        .iter()
        .filter(|step| StepCopy::of(root, step).exists());
    // Whoever has begun further on goes on from there.
    let furthest = begun.clone().map(|step| step.number).max().unwrap_or(0);
    let behind = steps.0.iter().filter(|step| step.number > furthest);
    let of_begun = begun.clone().find(is_open);
    let of_all = behind.chain(&steps.0).find(is_open);
    let Some(step) = of_begun.or(of_all) else {
        let words = terminal.say("all steps are done", "所有步骤都完成了");
        return words.to_owned();
    };
    let number = step.number;
    let task = first_open(step, progress).map(|place| (place + 1, &step.tasks[place]));
    match (terminal.language, of_begun.is_some(), task) {
        (Language::English, true, Some((place, task))) => {
            format!(
                "next: task {place} of step {number}, {}: cargo run -- watch {number}",
                task.title.en
            )
        }
        (Language::Chinese, true, Some((place, task))) => {
            format!(
                "下一个：第 {number} 步的任务 {place}“{}”：cargo run -- watch {number}",
                task.title.zh
            )
        }
        (Language::English, ..) if !has_begun => {
            format!("nothing has been begun; begin with: cargo run -- step {number}")
        }
        (Language::Chinese, ..) if !has_begun => {
            format!("还没有开始；从这里开始：cargo run -- step {number}")
        }
        (Language::English, ..) => format!("next: cargo run -- step {number}"),
        (Language::Chinese, ..) => format!("下一步：cargo run -- step {number}"),
    }
}
