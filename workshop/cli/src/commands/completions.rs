//! `completions`: what makes a shell complete the tool's commands, and the names in them.
//!
//! The script asks the tool itself at every Tab: the names are those of the checkout that one stands in.

use crate::kept;
use anyhow::Result;
use clap::Arg;
use clap_complete::Shell;
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use clap_complete::env::{CompleteEnv, Shells};
use grader::step::{Step, Steps};
use std::process::ExitCode;
use terminal::{Explain, Language, Terminal, in_language, speaking, text};

/// For which shell.
#[derive(clap::Args)]
#[command(after_help = INSTALL)]
pub(crate) struct Options {
    /// The shell（哪种 shell）
    #[arg(value_enum)]
    shell: Shell,
}

const INSTALL: &str = "\
To have it, once, in the checkout（在工作目录里运行一次，就装好了）

  bash        cargo run -q -- completions bash >> ~/.bashrc
  zsh         cargo run -q -- completions zsh >> ~/.zshrc
  fish        cargo run -q -- completions fish > ~/.config/fish/conf.d/workshop.fish
  elvish      workshop completions elvish >> ~/.config/elvish/rc.elv
  powershell  workshop completions powershell >> $PROFILE

No shell can complete what follows `cargo run --`. In bash, zsh and fish, the script also defines workshop, which is `cargo run -q --` by a short name, and completes that, as in `workshop grade 2`（`cargo run --` 后面的词，没有哪种 shell 能补全。在 bash、zsh 和 fish 里，脚本会顺便定义 workshop，它就是 `cargo run -q --`，补全的是它，例如 `workshop grade 2`）

elvish and powershell want it on the PATH first: `cargo install --path workshop/cli`（elvish 和 powershell 要先把它装到 `PATH` 上：`cargo install --path workshop/cli`）";

/// How the tool is called where words are completed.
const NAME: &str = "workshop";
/// By this variable the script asks.
const ASKED: &str = "WORKSHOP_COMPLETE";

/// The same tool by a short name, where none is on the PATH.
const POSIX: &str = "command -v workshop >/dev/null || workshop() { cargo run -q -- \"$@\"; }";
const FISH: &str = "type -q workshop; or function workshop; cargo run -q -- $argv; end";

/// `completions SHELL`: prints the script.
///
/// # Errors
///
/// When nobody can tell where this program is, or the script is lost.
pub(crate) fn completions(terminal: &Terminal, options: &Options) -> Result<ExitCode> {
    let this = std::env::current_exe()
        .explain(|| text("cannot tell where this program is", "查不到这个程序在哪里"))?;
    let shells = Shells::builtins();
    let shell = shells.completer(&options.shell.to_string());
    let shell = shell.explain(|| text("nothing is known of this shell", "不认识这种 shell"))?;
    let mut script = Vec::new();
    shell.write_registration(ASKED, NAME, NAME, &this.to_string_lossy(), &mut script)?;
    let mut script =
        String::from_utf8(script).explain(|| text("the script is no text", "脚本不是文本"))?;
    match options.shell {
        Shell::Bash | Shell::Zsh => script += &format!("\n{POSIX}\n"),
        Shell::Fish => script = format!("{FISH}\n{script}"),
        _ => {}
    }
    terminal.print_for_programs(script.trim())?;
    Ok(ExitCode::SUCCESS)
}

/// Where a script asks what could stand next, answers, and ends the process.
pub(crate) fn answer(command: fn() -> clap::Command) {
    CompleteEnv::with_factory(|| with_names(speaking(command(), language())))
        .var(ASKED)
        .complete();
}

/// In which the tool speaks where nothing is said of it.
fn language() -> Language {
    kept::language().unwrap_or_else(Language::from_environment)
}

/// Wherever a step, a task or a case is to be named, the names that there are.
fn with_names(command: clap::Command) -> clap::Command {
    command.mut_subcommands(|command| {
        command.mut_args(|argument| match argument.get_id().as_str() {
            "step" => argument.add(ArgValueCandidates::new(steps)),
            "task" => argument.add(ArgValueCandidates::new(tasks)),
            "case" | "cases" | "debug" => argument.add(ArgValueCandidates::new(cases)),
            _ => with_values(argument),
        })
    })
}

/// The values that are known, and what is said of them.
fn with_values(argument: Arg) -> Arg {
    let values = argument.get_possible_values();
    if values.iter().all(|value| value.get_help().is_none()) {
        return argument;
    }
    let language = language();
    let values = values.iter().map(|value| {
        let help = value.get_help().map(ToString::to_string);
        let help = in_language(&help.unwrap_or_default(), language);
        (value.get_name().to_owned(), help)
    });
    let values: Vec<(String, String)> = values.collect();
    argument.add(ArgValueCandidates::new(move || {
        let named = values.iter().enumerate();
        let named = named.map(|(place, (name, help))| candidate(name.clone(), help, place));
        named.collect()
    }))
}

/// By number, or by name where somebody has begun to type one.
fn steps() -> Vec<CompletionCandidate> {
    let language = language();
    let named = |(place, step): (usize, &Step)| {
        let (slug, title) = (&step.slug, step.title.get(language));
        let number = candidate(step.number.to_string(), &format!("{slug} · {title}"), place);
        [number, candidate(slug.clone(), title, place).hide(true)]
    };
    let steps = all_steps();
    steps.iter().enumerate().flat_map(named).collect()
}

fn tasks() -> Vec<CompletionCandidate> {
    let language = language();
    let steps = all_steps();
    let tasks = steps
        .iter()
        .flat_map(|step| step.tasks.iter().map(move |task| (step, task)));
    let named = tasks.enumerate().map(|(place, (step, task))| {
        let title = task.title.get(language);
        candidate(
            task.slug.clone(),
            &format!("{} · {title}", step.number),
            place,
        )
    });
    named.collect()
}

fn cases() -> Vec<CompletionCandidate> {
    let language = language();
    let all = grader::cases::all().into_iter().enumerate();
    all.map(|(place, case)| candidate(case.slug.to_owned(), case.title.get(language), place))
        .collect()
}

fn candidate(name: String, title: &str, place: usize) -> CompletionCandidate {
    CompletionCandidate::new(name)
        .help(Some(title.to_owned().into()))
        .display_order(Some(place))
}

/// None where one stands in no checkout.
fn all_steps() -> Vec<Step> {
    Steps::read().map_or(Vec::new(), |steps| steps.0)
}
