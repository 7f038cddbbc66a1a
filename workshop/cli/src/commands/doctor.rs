mod check;
mod look;
mod registry;
mod system;
mod to_be_judged;
mod to_read;
mod to_run;
mod to_weigh;

pub(crate) use check::Before;

use anyhow::Result;
use check::{Check, Found, Mend, Place};
use console::Style;
use nix::unistd::geteuid;
use std::process::ExitCode;
use std::thread;
use system::{KNOWN, System};
use terminal::{Language, ProgressBar, Terminal, Text, pad, text};

/// What to tell.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Of everything, what it is for, and what installs it on every system（每一项都说明用途，并列出各个系统上的安装命令）
    #[arg(long)]
    all: bool,
}

/// What is looked at, in the order in which it is wanted.
static GROUPS: [(Text, &[Check]); 4] = [
    (text("To run the steps", "运行各步"), to_run::CHECKS),
    (
        text("To write a copy, and be judged", "写副本、评分"),
        to_be_judged::CHECKS,
    ),
    (
        text("To test the book and the steps", "测试书和各步"),
        to_read::CHECKS,
    ),
    (text("To weigh servers", "测量服务器"), to_weigh::CHECKS),
];

/// How wide a name is shown, in columns.
const NAME_WIDTH: usize = 16;
/// How wide it is where nobody says how wide.
const WIDTH: usize = 80;
/// What stands left of what a lack means.
const INDENT: &str = "      ";

/// `doctor`: what this machine has for the tutorial, what it lacks, what that means, and what mends it.
///
/// # Errors
///
/// When this is no checkout.
pub(crate) fn doctor(terminal: &Terminal, options: &Options) -> Result<ExitCode> {
    let place = Place {
        root: terminal::workspace()?,
        system: System::here(),
    };
    let bar = terminal.bar(
        terminal.say("looking around", "正在检查"),
        GROUPS.iter().map(|(_, checks)| checks.len()).sum(),
    );
    let groups = look_at_all(&place, &bar);
    bar.finish_and_clear();

    let introduction = system::introduction(terminal.language);
    terminal.print("")?;
    for line in wrap(terminal, &introduction, "  ") {
        terminal.print(&format!("  {}", terminal.dim(&line)))?;
    }
    for ((title, _), looked) in GROUPS.iter().zip(&groups) {
        let title = title.get(terminal.language);
        terminal.print(&format!("\n  {}", terminal.bold(title)))?;
        for (check, found) in looked {
            print_check(terminal, &place, check, found, options.all)?;
        }
    }
    conclude(terminal, &groups, options.all)
}

/// A check, and what came of it.
type Looked = (&'static Check, Found);

/// All at once: some start programs, and wait for them.
fn look_at_all(place: &Place, bar: &ProgressBar) -> Vec<Vec<Looked>> {
    thread::scope(|scope| {
        let look = |check: &'static Check| {
            scope.spawn(move || {
                let found = (check.look)(place);
                bar.inc(1);
                (check, found)
            })
        };
        let groups: Vec<Vec<_>> = GROUPS
            .iter()
            .map(|(_, checks)| checks.iter().map(look).collect())
            .collect();
        let looked = groups.into_iter().map(|group| {
            let group = group.into_iter();
            group
                .map(|look| look.join().expect("it does not panic"))
                .collect()
        });
        looked.collect()
    })
}

fn print_check(
    terminal: &Terminal,
    place: &Place,
    check: &Check,
    found: &Found,
    all: bool,
) -> Result<()> {
    let (words, mend) = match found {
        Found::Fine(words) | Found::Lacking(words) => (words, &check.mend),
        Found::Diagnosed(words, mend) => (words, mend),
    };
    let mark = match found {
        Found::Fine(_) => terminal.paint(Style::new().green(), "✓"),
        _ if check.must => terminal.paint(Style::new().red().bold(), "✗"),
        _ => terminal.paint(Style::new().yellow(), "◦"),
    };
    let is_fine = matches!(found, Found::Fine(_));
    let language = terminal.language;
    let name = pad(check.name.get(language), NAME_WIDTH);
    let beside = " ".repeat(4 + NAME_WIDTH);
    let lines = wrap(terminal, words.get(language), &beside);
    for (place, line) in lines.iter().enumerate() {
        match place {
            0 => terminal.print(&format!("  {mark} {name}{line}"))?,
            _ => terminal.print(&format!("{beside}{line}"))?,
        }
    }
    if is_fine && !all {
        return Ok(());
    }
    for line in wrap(terminal, check.what_for.get(language), INDENT) {
        terminal.print(&format!("{INDENT}{}", terminal.dim(&line)))?;
    }
    let lines = match mend {
        Mend::Words(words) => wrap(terminal, words.get(language), INDENT),
        _ => commands(mend, place.system, all),
    };
    for line in lines {
        terminal.print(&format!("{INDENT}{}", terminal.accent(&line)))?;
    }
    Ok(())
}

/// What is to be typed on this system, or on each. Of the first three, all are Linux.
fn commands(mend: &Mend, here: System, all: bool) -> Vec<String> {
    if !all && here != System::Other {
        let command = mend.on(here, false).map(|command| as_root(&command));
        return command.iter().map(|it| format!("$ {it}")).collect();
    }
    let mut lines: Vec<(Vec<&str>, String)> = Vec::new();
    for (system, name) in KNOWN {
        let Some(command) = mend.on(system, true) else {
            continue;
        };
        match lines.last_mut() {
            Some((names, same)) if *same == command => names.push(name),
            _ => lines.push((vec![name], command)),
        }
    }
    let line = |(names, command): (Vec<&str>, String)| match names.len() {
        4 => format!("$ {command}"),
        3 => format!("{}$ {command}", pad("Linux", NAME_WIDTH)),
        _ => format!("{}$ {command}", pad(&names.join(", "), NAME_WIDTH)),
    };
    lines.into_iter().map(line).collect()
}

/// In a container there is often no sudo, and nobody who needs it.
fn as_root(command: &str) -> String {
    match geteuid().is_root() {
        true => command.replace("sudo ", ""),
        false => command.to_owned(),
    }
}

/// In lines that fit beside or below what stands left of them.
fn wrap(terminal: &Terminal, words: &str, left: &str) -> Vec<String> {
    let width = terminal.width.unwrap_or(WIDTH).clamp(40, WIDTH);
    let options = textwrap::Options::new(width - left.len())
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    // A command stays together: no line is broken at this kind of space.
    let parts = words.split('`').enumerate();
    let parts = parts.map(|(place, part)| match place % 2 {
        0 => part.to_owned(),
        _ => part.replace(' ', "\u{a0}"),
    });
    let words = parts.collect::<Vec<_>>().join("`");
    let lines = textwrap::wrap(&words, options);
    let lines = lines.iter().map(|line| line.replace('\u{a0}', " "));
    lines.collect()
}

/// What it comes to.
fn conclude(terminal: &Terminal, groups: &[Vec<Looked>], all: bool) -> Result<ExitCode> {
    let lacking = groups.iter().flatten();
    let lacking = lacking.filter(|(_, found)| !matches!(found, Found::Fine(_)));
    let (must, may): (Vec<&Looked>, Vec<&Looked>) = lacking.partition(|(check, _)| check.must);
    let language = terminal.language;
    let names = |comma: &str| {
        let names = must.iter().map(|(check, _)| check.name.get(language));
        names.collect::<Vec<_>>().join(comma)
    };
    let words = match (must.len(), may.len(), language) {
        (0, 0, Language::English) => "You can begin with step 1. Nothing is lacking.".to_owned(),
        (0, 0, Language::Chinese) => "可以从第 1 步开始了，什么都不缺。".to_owned(),
        (0, may, Language::English) => {
            format!("You can begin with step 1. Lacking, and optional (◦): {may}.")
        }
        (0, may, Language::Chinese) => {
            format!("可以从第 1 步开始了。可选的还缺 {may} 项（◦）。")
        }
        (_, _, Language::English) => format!("To be mended first (✗): {}.", names(", ")),
        (_, _, Language::Chinese) => format!("要先解决（✗）：{}。", names("、")),
    };
    terminal.print("")?;
    for line in wrap(terminal, &words, "  ") {
        terminal.print(&format!("  {}", terminal.bold(&line)))?;
    }
    if all {
        let wsl = terminal.say(
            "In WSL: as in the distribution that runs there, which is Ubuntu as a rule.",
            "在 WSL 里：照其中那个发行版的做，一般是 Ubuntu。",
        );
        terminal.print(&format!("  {}", terminal.dim(wsl)))?;
    } else if !must.is_empty() || !may.is_empty() {
        let more = terminal.say("for every system", "各个系统的命令");
        let command = terminal.accent("cargo run -- doctor --all");
        terminal.print(&format!("  {}  {command}", terminal.dim(more)))?;
    }
    Ok(match must.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// Before somebody does something, one line for each thing that they will miss. Only what takes no
/// time is looked at.
pub(crate) fn warn(terminal: &Terminal, before: Before) {
    let Ok(root) = terminal::workspace() else {
        return; // which others tell
    };
    let system = System::here();
    let place = Place { root, system };
    let language = terminal.language;
    let checks = GROUPS.iter().flat_map(|(_, checks)| *checks);
    for check in checks.filter(|check| (check.before)(before)) {
        let (Found::Lacking(found) | Found::Diagnosed(found, _)) = (check.look)(&place) else {
            continue;
        };
        let name = check.name.get(language);
        warn_of(
            terminal,
            &format!("{name}{}{}", terminal.say(": ", "："), found.get(language)),
        );
    }
    if let Before::Language(name) = before
        && let Some(missing) = to_be_judged::tool_missing(name)
    {
        warn_of(terminal, missing.get(language));
    }
}

fn warn_of(terminal: &Terminal, what: &str) {
    let more = terminal.say("; more: cargo run -- doctor", "；详见：cargo run -- doctor");
    terminal.complain(&format!("{what}{more}"));
}
