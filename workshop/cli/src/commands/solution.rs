use super::grade::passed;
use super::hint::paragraph;
use super::start::place_of;
use anyhow::Result;
use console::Style;
use grader::step::{Step, Steps, Task};
use starter::{StepCopy, beside};
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use terminal::{Language, Terminal, Text, Told};

/// Which solution to show.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The step: its number or name, as in 2 or fork（哪一步：编号或名字，例如 2 或 fork）
    step: String,
    /// One of its tasks, by name or number; without, all of them
    /// （它的哪个任务：名字或编号；不写就是全部）
    task: Option<String>,
    /// Do not ask, even where a task is not passed（任务没通过也直接显示，不再询问）
    #[arg(long)]
    yes: bool,
}

impl Options {
    /// One task of the step.
    pub(crate) fn of(step: &Step, place: usize) -> Options {
        Options {
            step: step.slug.clone(),
            task: Some(step.tasks[place].slug.clone()),
            yes: false,
        }
    }
}

/// `solution STEP [TASK]`: how the tutorial writes it, beside what stands in the copy.
///
/// # Errors
///
/// When there is no copy, or no such task; when nobody can be asked.
pub(crate) fn solution(terminal: &Terminal, options: &Options) -> Result<ExitCode> {
    let steps = Steps::read()?;
    let (step, _) = steps.find(&options.step)?;
    let root = terminal::workspace()?;
    let copy = StepCopy::of(&root, step);
    let tasks = match &options.task {
        Some(name) => &step.tasks[place_of(step, name)?..][..1],
        None => &step.tasks[..],
    };
    if !copy.exists() {
        return Err(Told(no_copy(step)).into());
    }
    let open: Vec<&Task> = tasks
        .iter()
        .filter(|task| !passed(step, task, &copy))
        .collect();
    if !open.is_empty() && !options.yes && !asked(terminal, &open)? {
        return Ok(ExitCode::FAILURE);
    }
    for task in tasks {
        terminal.print(&format!(
            "\n  {}",
            terminal.bold(task.title.get(terminal.language))
        ))?;
        for beside in beside(&root, step, &copy, task)? {
            let file = &beside.file;
            if beside.diff.is_empty() {
                let same = terminal.say("as the tutorial has it", "与教程的写法相同");
                terminal.print(&format!("\n  {file}: {same}"))?;
                continue;
            }
            let (mine, reference) = (copy.shown(), format!("steps/{}", step.folder()));
            terminal.print(&format!("\n  {mine}/{file} → {reference}/{file}"))?;
            terminal.print(&coloured(terminal, &beside.diff))?;
        }
        if passed(step, task, &copy) {
            terminal.print("")?;
            let columns = terminal.width.unwrap_or(WIDTH);
            for line in paragraph(task.compare.get(terminal.language), columns) {
                terminal.print(&format!("  {line}"))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// How wide a paragraph is where no terminal says so.
const WIDTH: usize = 96;

/// A unified diff without its headlines: what is compared are pieces, whose lines have other numbers in the
/// files.
fn coloured(terminal: &Terminal, diff: &str) -> String {
    let lines = diff.lines().skip(2).filter(|line| !line.starts_with("@@"));
    let lines = lines.map(|line| {
        let style = match line.as_bytes().first() {
            Some(b'+') => Style::new().green(),
            Some(b'-') => Style::new().red(),
            _ => Style::new(),
        };
        format!("  {}", terminal.paint(style, line))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Shall it be shown although these are not passed?
fn asked(terminal: &Terminal, open: &[&Task]) -> Result<bool> {
    let names: Vec<&str> = open.iter().map(|task| task.slug.as_str()).collect();
    let question = match terminal.language {
        Language::English => {
            format!(
                "not passed yet: {}. Show the solution all the same? [y/N] ",
                names.join(", ")
            )
        }
        Language::Chinese => format!("还没有通过：{}。仍然要看答案吗？[y/N] ", names.join("、")),
    };
    if !io::stdin().is_terminal() {
        return Err(Told(Text::new(
            format!(
                "not passed yet: {}; to see the solution all the same, add --yes",
                names.join(", ")
            ),
            format!(
                "还没有通过：{}；仍然要看答案，请加上 --yes",
                names.join("、")
            ),
        ))
        .into());
    }
    let _ = write!(io::stderr(), "{question}");
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes" | "是"))
}

fn no_copy(step: &Step) -> Text {
    let (number, folder) = (step.number, step.folder());
    Text::new(
        format!(
            "there is no copy of yours to compare with: cargo run -- start {number}; the tutorial's own \
             stands in steps/{folder}"
        ),
        format!("还没有可以对照的副本：cargo run -- start {number}；教程的写法在 steps/{folder}"),
    )
}
