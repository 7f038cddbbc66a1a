use anyhow::{Context, Result, ensure};
use grader::step::{Step, Steps, Task};
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
///
/// # Errors
///
/// When it is there already, or there is no such step, task or language.
pub(crate) fn start(terminal: &Terminal, options: &Options, written_in: &str) -> Result<ExitCode> {
    let steps = Steps::read()?;
    let (step, _) = steps.find(&options.step)?;
    if written_in != "rust" {
        return start_foreign(terminal, options, step, written_in);
    }
    let filled = match &options.task {
        None => 0,
        Some(name) => place_of(step, name)?,
    };
    let root = terminal::workspace()?;
    let begun = starter::begin(&root, step, filled, terminal.language)?;
    let shown = begun.copy.shown();
    let task = step.tasks.get(filled).context("it has no task")?;
    let file = task.regions.first().map_or("src", starter::file_of);
    introduce(terminal, step, &shown, |place, _| Some(place < filled))?;
    let number = step.number.to_string();
    what_next(terminal, step, task, &format!("{shown}/{file}"), &number)?;
    Ok(ExitCode::SUCCESS)
}

/// The same in another language.
fn start_foreign(
    terminal: &Terminal,
    options: &Options,
    step: &Step,
    written_in: &str,
) -> Result<ExitCode> {
    ensure!(options.task.is_none(), "--task is for copies in Rust");
    let copy =
        starter::begin_foreign(&terminal::workspace()?, step, written_in, terminal.language)?;
    let shown = copy.shown();
    // Its one program is a server.
    let is_its = |task: &Task| task.program.is_none() && !task.cases.is_empty();
    introduce(terminal, step, &shown, |_, task| {
        is_its(task).then_some(false)
    })?;
    let task = step
        .tasks
        .iter()
        .find(|task| is_its(task))
        .context("it has no task")?;
    what_next(terminal, step, task, &shown, &shown)?;
    Ok(ExitCode::SUCCESS)
}

/// Which copy it is, and its tasks: of each, `is_done` tells whether it is to be shown, and how.
fn introduce(
    terminal: &Terminal,
    step: &Step,
    shown: &str,
    is_done: impl Fn(usize, &Task) -> Option<bool>,
) -> Result<()> {
    let title = step.title.get(terminal.language);
    terminal.print(&format!("\n  {} · {title}\n", terminal.bold(shown)))?;
    for (place, task) in step.tasks.iter().enumerate() {
        if let Some(is_done) = is_done(place, task) {
            terminal.print(&line(terminal, place, task, is_done))?;
        }
    }
    Ok(())
}

/// Where to read, where to write, and how to see what it is worth.
fn what_next(terminal: &Terminal, step: &Step, task: &Task, file: &str, copy: &str) -> Result<()> {
    let (read, write, check) = match terminal.language {
        Language::English => ("read", "write", "check"),
        Language::Chinese => ("读", "写", "查"),
    };
    let chapter = format!("{}.html#{}   (just book)", step.folder(), task.section);
    let grade = format!("cargo run -- grade {copy}   (just grade {copy})");
    terminal.print("")?;
    for (what, how) in [(read, &*chapter), (write, file), (check, &grade)] {
        terminal.print(&format!(
            "  {}  {how}",
            terminal.accent(&terminal::pad(what, 6))
        ))?;
    }
    Ok(())
}

/// A task in the list: its number, name, minutes and title.
fn line(terminal: &Terminal, place: usize, task: &Task, is_done: bool) -> String {
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
