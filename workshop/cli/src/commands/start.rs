use super::doctor::{self, Before};
use super::grade::forget;
use crate::kept;
use anyhow::Result;
use grader::step::{Step, Steps, Task};
use starter::{Begin, StepCopy};
use std::process::ExitCode;
use terminal::{Language, Terminal, Text, Told, ensure, text};

/// What to begin.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The step: its number or name, as in 2 or fork（哪一步：编号或名字，例如 2 或 fork）
    step: String,
    /// Begin at this task: those before it are done already（从这个任务开始，前面的都已做好）
    #[arg(long, value_name = "TASK")]
    task: Option<String>,
    /// Bring into the copy what the tutorial has changed since it was begun
    /// （把教程后来的改动合并进你的副本）
    #[arg(long, conflicts_with = "task")]
    update: bool,
}

/// `start STEP`: writes the step's copy into `work/`, and tells what is to be written there.
///
/// # Errors
///
/// When it is there already, or there is no such step, task or language.
pub(crate) fn start(terminal: &Terminal, options: &Options, written_in: &str) -> Result<ExitCode> {
    let steps = Steps::read()?;
    let (step, _) = steps.find(&options.step)?;
    let is_rust = written_in == "rust";
    ensure(is_rust || options.task.is_none() && !options.update, || {
        text(
            "--task and --update are for copies in Rust",
            "--task 和 --update 只用于 Rust 写的副本",
        )
    })?;
    if options.update {
        update(terminal, step)?;
    } else if is_rust {
        let filled = options.task.as_deref().map(|task| place_of(step, task));
        begin(terminal, step, filled.transpose()?.unwrap_or(0))?;
        let needs = step.programs.iter().filter_map(|program| program.needs);
        doctor::warn(terminal, Before::Step(&needs.collect::<Vec<_>>()));
    } else {
        begin_foreign(terminal, step, written_in)?;
        doctor::warn(terminal, Before::Language(written_in));
    }
    Ok(ExitCode::SUCCESS)
}

/// Begins the step's copy with so many tasks done, and says what to do now.
pub(super) fn begin(terminal: &Terminal, step: &Step, filled: usize) -> Result<()> {
    let task = step.tasks.get(filled).ok_or_else(|| no_tasks(step))?;
    let begin = Begin {
        filled,
        language: terminal.language,
    };
    let copy = starter::begin(&terminal::workspace()?, step, begin)?;
    let shown = copy.shown();
    forget(step, &shown)?;
    kept::begun_anew(&shown)?;
    let file = task.regions.first().map_or("src", starter::file_of);
    introduce(terminal, step, &shown, |place, _| Some(place < filled))?;
    let number = step.number.to_string();
    what_next(terminal, step, task, &format!("{shown}/{file}"), &number)
}

/// The same in another language.
pub(super) fn begin_foreign(terminal: &Terminal, step: &Step, written_in: &str) -> Result<()> {
    // Its one program is a server.
    let is_its = |task: &Task| task.program.is_none() && !task.cases.is_empty();
    let first = step.tasks.iter().find(|task| is_its(task));
    let first = first.ok_or_else(|| no_tasks(step))?;
    let root = terminal::workspace()?;
    let copy = starter::begin_foreign(&root, step, written_in, terminal.language)?;
    let shown = copy.shown();
    forget(step, &shown)?;
    kept::begun_anew(&shown)?;
    introduce(terminal, step, &shown, |_, task| {
        is_its(task).then_some(false)
    })?;
    what_next(terminal, step, first, &shown, &shown)
}

fn no_tasks(step: &Step) -> Told {
    let slug = &step.slug;
    Told(Text::new(
        format!("{slug} has nothing to be written in this language"),
        format!("{slug} 没有可以用这种语言写的任务"),
    ))
}

/// `start STEP --update`: brings in what the tutorial has changed.
fn update(terminal: &Terminal, step: &Step) -> Result<()> {
    let root = terminal::workspace()?;
    let copy = StepCopy::of(&root, step);
    ensure(copy.exists(), || {
        let copy = copy.shown();
        Text::new(
            format!("there is no {copy} yet: leave out --update"),
            format!("还没有 {copy}：请先不写 --update"),
        )
    })?;
    let updated = starter::update(&root, step)?;
    let Some(kept) = &updated.kept else {
        let words = terminal.say(
            "nothing has changed since it was begun",
            "自创建以来，教程没有改动",
        );
        return Ok(terminal.print(&format!("\n  {words}"))?);
    };
    let words = terminal.say("as it was, your copy is kept in", "更新前的副本保存在");
    terminal.print(&format!("\n  {words} {}", kept.display()))?;
    let lists = [
        (terminal.say("brought in:", "已合并："), &updated.joined),
        (
            terminal.say(
                "changed on both sides, both stand there between <<<<<<< and >>>>>>>:",
                "两边都改了同一处，两种写法都留在 <<<<<<< 和 >>>>>>> 之间：",
            ),
            &updated.conflicts,
        ),
        (
            terminal.say(
                "the tutorial has these no more; yours stay:",
                "教程里已经没有了，你的保留：",
            ),
            &updated.abandoned,
        ),
    ];
    for (what, files) in lists.iter().filter(|(_, files)| !files.is_empty()) {
        terminal.print(&format!("\n  {what}"))?;
        for file in *files {
            terminal.print(&format!("    {}/{}", copy.shown(), file.display()))?;
        }
    }
    Ok(())
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
    let (read, write, word) = match terminal.language {
        Language::English => ("read", "write", "check"),
        Language::Chinese => ("读", "写", "查"),
    };
    let chapter = format!("{}.html#{}   (just book)", step.folder(), task.section);
    let check = match terminal.language {
        Language::English => {
            format!("cargo run -- watch {copy}   (at every save; once: grade {copy})")
        }
        Language::Chinese => {
            format!("cargo run -- watch {copy}   （每次保存都评分；只评一次：grade {copy}）")
        }
    };
    terminal.print("")?;
    for (what, how) in [(read, &*chapter), (write, file), (word, &check)] {
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
                "{slug} 没有叫“{name}”的任务；有 {}（写编号也行）",
                all.join("、")
            ),
        ))
        .into()
    })
}
