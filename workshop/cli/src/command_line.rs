use crate::commands;
use anyhow::Context;
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand, ValueEnum};
use grader::step::Steps;
use std::ffi::OsString;
use std::io;
use std::process::ExitCode;
use terminal::{Language, Terminal};

/// Runs, shows, measures and grades the steps
#[derive(Parser)]
#[command(
    name = "workshop",
    bin_name = "cargo run --",
    version,
    arg_required_else_help = true
)]
struct CommandLine {
    /// The language of what is printed, en or zh [default: the environment's, from LANG]; of start, also
    /// what is written in: rust, c, python, go, node, other
    #[arg(long, global = true, value_name = "LANG", action = clap::ArgAction::Append)]
    lang: Vec<Lang>,
    #[command(subcommand)]
    command: Command,
}

/// Two kinds of languages, as learners name both by one option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Lang {
    En,
    Zh,
    Rust,
    C,
    Python,
    Go,
    Node,
    Other,
}

impl Lang {
    /// One that people speak.
    fn spoken(self) -> Option<Language> {
        match self {
            Lang::En => Some(Language::English),
            Lang::Zh => Some(Language::Chinese),
            _ => None,
        }
    }
}

#[derive(Subcommand)]
enum Command {
    /// Everything at once: builds each step, talks to it, grades it, measures it（一览：构建、对话、评分、测量）
    Tour(commands::tour::Options),
    /// Runs a step's program: its server, to be talked to from another terminal, or its client（运行某一步的程序）
    Run {
        /// The step: its number or name, as in 2 or fork
        step: String,
        /// Your copy of it, not the tutorial's own
        #[arg(long)]
        mine: bool,
        /// Arguments for the program, as in --listen 127.0.0.1:0
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Begins a copy of a step, in which you write what is its lesson（开始写一个步骤：得到一份自己的副本）
    Start(commands::start::Options),
    /// Puts a copy aside and begins it anew（把副本收起来，重新开始）
    Reset(commands::reset::Options),
    /// Shows how the tutorial writes it, beside your copy（对照教程的写法）
    Solution(commands::solution::Options),
    /// The cases that judge each rule of the protocol, in Markdown: for the book
    #[command(hide = true)]
    Catalogue,
    /// A step's tasks, in Markdown: for the book
    #[command(hide = true)]
    Tasks {
        /// The step
        step: String,
    },
    /// Grades a step's programs, case by case（逐个用例评分）
    Grade(commands::grade::Options),
    /// Grades your copy at every save, the task in hand first（每次保存都评分，手上的任务最先评）
    Watch(commands::watch::Options),
    /// Says to your own running server what a case says, beat by beat（把一个用例说的话，一步一步说给你正在运行的服务器听）
    Talk(commands::talk::Options),
    /// Looks whether this machine has what the tutorial needs, and says how to get what it lacks（检查这台机器缺什么、怎么补上）
    Doctor(commands::doctor::Options),
    /// Prints what makes your shell complete commands, steps, tasks and cases（打印补全脚本：命令、步骤、任务、用例都能补全）
    Completions(commands::completions::Options),
}

/// Parses the command line and does what it says.
pub(crate) fn main() -> ExitCode {
    commands::completions::answer(CommandLine::command);
    subject::signals::put_right();
    let CommandLine { lang, command } = terminal::parse();
    let language = spoken(&lang);
    let written = lang.iter().rev().find(|lang| lang.spoken().is_none());
    if let Some(lang) = written
        && !matches!(command, Command::Start(_))
    {
        let name = lang.to_possible_value().map(|it| it.get_name().to_owned());
        let message = format!(
            "--lang {} is for start: here it is en or zh",
            name.unwrap_or_default()
        );
        CommandLine::command()
            .error(ErrorKind::InvalidValue, message)
            .exit();
    }
    let terminal = Terminal::new("workshop", language);
    // Even where nothing runs yet: the first process of a container has no default action.
    let judges = matches!(command, Command::Grade(_) | Command::Talk(_));
    let caught = leave_nothing_behind(&terminal).context("cannot catch Ctrl-C");
    let done = caught.and_then(|()| match command {
        Command::Tour(options) => commands::tour::tour(&terminal, &options),
        Command::Start(options) => {
            let name = written.and_then(Lang::to_possible_value);
            let name = name.as_ref().map_or("rust", |it| it.get_name());
            commands::start::start(&terminal, &options, name)
        }
        Command::Reset(options) => commands::reset::reset(&terminal, &options),
        Command::Solution(options) => commands::solution::solution(&terminal, &options),
        Command::Run {
            step,
            mine,
            arguments,
        } => commands::run::run(&terminal, &step, mine, &arguments),
        Command::Catalogue => {
            terminal.print_for_programs(grader::protocol::markdown(language).trim_end())?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Tasks { step } => {
            let steps = Steps::read()?;
            let (step, _) = steps.find(&step)?;
            terminal.print_for_programs(starter::markdown(step, language).trim_end())?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Grade(options) => commands::grade::grade(&terminal, &options),
        Command::Watch(options) => commands::watch::watch(&terminal, &options),
        Command::Talk(options) => commands::talk::talk(&terminal, &options),
        Command::Doctor(options) => commands::doctor::doctor(&terminal, &options),
        Command::Completions(options) => commands::completions::completions(&terminal, &options),
    });
    let could_not = done.is_err();
    let status = terminal::conclude(done, language, |message| terminal.complain(message));
    // Of the judge, 1 is a verdict.
    if judges && could_not {
        return ExitCode::from(commands::grade::COULD_NOT_JUDGE);
    }
    status
}

/// The language that was asked for, or the environment's. An option before the command is forgotten by
/// the parser where the same stands behind it: the arguments know.
fn spoken(lang: &[Lang]) -> Language {
    let mut asked: Vec<Lang> = Vec::new();
    let mut arguments = std::env::args().skip(1).peekable();
    while let Some(argument) = arguments.next_if(|argument| argument.starts_with('-')) {
        let value = match argument.strip_prefix("--lang=") {
            Some(value) => Some(value.to_owned()),
            None if argument == "--lang" => arguments.next(),
            None => None,
        };
        asked.extend(value.and_then(|value| Lang::from_str(&value, false).ok()));
    }
    let mut all = asked.iter().chain(lang).rev();
    all.find_map(|lang| lang.spoken())
        .unwrap_or_else(Language::from_environment)
}

/// From now on a Ctrl-C kills what was started, and says so.
fn leave_nothing_behind(terminal: &Terminal) -> io::Result<()> {
    let terminal = terminal.clone();
    subject::kill_all_on_interrupt(move || {
        terminal::give_terminal_back();
        terminal.clear_progress();
        terminal.complain_anew(terminal.say(
            "interrupted; nothing is left running",
            "已中断；没有留下任何进程",
        ));
    })
}
