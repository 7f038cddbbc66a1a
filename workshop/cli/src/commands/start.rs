use anyhow::{Context, Result};
use grader::step::{Step, Steps};
use std::process::ExitCode;
use terminal::{Language, Terminal, Text, Told};

/// What to begin.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The step: its number or name, as in 2 or fork
    step: String,
    /// Begin at this task: those before it are done already
    #[arg(long, value_name = "TASK")]
    task: Option<String>,
}

/// `start STEP`: writes the step's copy into `work/`, and tells what is to be written there.
pub(crate) fn start(terminal: &Terminal, options: &Options) -> Result<ExitCode> {
    let steps = Steps::read()?;
    let (step, _) = steps.find(&options.step)?;
    let filled = match &options.task {
        None => 0,
        Some(name) => place_of(step, name)?,
    };
    let root = terminal::workspace()?;
    let begun = starter::begin(&root, step, filled, terminal.language)?;
    let shown = begun.copy.shown();
    let title = step.title.get(terminal.language);
    terminal.print(&format!("\n  {} · {title}\n", terminal.bold(&shown)))?;
    for (place, task) in step.tasks.iter().enumerate() {
        terminal.print(&line(terminal, place, task, place < filled))?;
    }
    let task = step.tasks.get(filled).context("it has no task")?;
    let number = step.number;
    let file = task
        .regions
        .first()
        .map_or("src", |region| starter::file_of(region));
    let (write, read, check) = match terminal.language {
        Language::English => ("write", "read", "check"),
        Language::Chinese => ("写", "读", "查"),
    };
    let mut hints = vec![
        (write, format!("{shown}/{file}")),
        (
            read,
            format!("{}.html#{}   (just book)", step.folder(), task.section),
        ),
        (
            check,
            format!("cargo run -- grade {number}   (just grade {number})"),
        ),
    ];
    hints.rotate_left(1);
    terminal.print("")?;
    for (what, how) in hints {
        terminal.print(&format!(
            "  {}  {how}",
            terminal.accent(&terminal::pad(what, 6))
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A task in the list: its number, name, minutes and title.
fn line(terminal: &Terminal, place: usize, task: &grader::step::Task, is_done: bool) -> String {
    let minutes = match terminal.language {
        Language::English => format!("{:>2} min", task.minutes),
        Language::Chinese => format!("{:>2} 分钟", task.minutes),
    };
    let mark = if is_done { "✓" } else { " " };
    let slug = terminal::pad(&task.slug, 18);
    let title = task.title.get(terminal.language);
    format!(
        "  {mark} {} {slug} {}  {title}",
        place + 1,
        terminal.dim(&minutes)
    )
}

/// Which of the step's tasks is called so, by name or number, counted from 0.
pub(crate) fn place_of(step: &Step, name: &str) -> Result<usize> {
    let mut tasks = step.tasks.iter().enumerate();
    let is_meant = |place: usize, slug: &str| slug == name || name.parse() == Ok(place + 1);
    let found = tasks.find(|(place, task)| is_meant(*place, &task.slug));
    found.map(|(place, _)| place).ok_or_else(|| {
        let all: Vec<&str> = step.tasks.iter().map(|task| task.slug.as_str()).collect();
        let slug = &step.slug;
        Told(Text::new(
            format!(
                "{slug} has no task {name:?}; it has {} (the number will do)",
                all.join(", ")
            ),
            format!(
                "{slug} 没有叫 {name:?} 的任务；有 {}（写编号也行）",
                all.join("、")
            ),
        ))
        .into()
    })
}
