use crate::commands;
use crate::kept;
use crate::picture;
use clap::{CommandFactory, Parser, Subcommand, ValueEnum};
use grader::step::Steps;
use std::ffi::OsString;
use std::io;
use std::process::ExitCode;
use terminal::{Explain, Language, Terminal, Text, text};

// What is said of a command, an option, an argument or a value stands beside it in both languages, the
// Chinese in brackets at its end: `terminal::parse_in` shows one of the two.

/// Runs, shows, measures and grades the steps（运行各步的程序，展示、测量、评分）
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
    /// （用哪种语言显示：en 或 zh [默认：由环境变量 LANG 决定]；对 start 来说，也是用哪种语言写程序：rust、c、python、go、node、other）
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
        /// The step: its number or name, as in 2 or fork（哪一步：编号或名字，例如 2 或 fork）
        step: String,
        /// Your copy of it, not the tutorial's own（运行你的副本，不是教程自带的程序）
        #[arg(long)]
        mine: bool,
        /// Arguments for the program, as in --listen 127.0.0.1:0（传给程序的参数，例如 --listen 127.0.0.1:0）
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Begins a copy of a step, in which you write what is its lesson（开始写一个步骤：得到一份自己的副本）
    Start(commands::start::Options),
    /// Puts a copy aside and begins it anew（把副本收起来，重新开始）
    Reset(commands::reset::Options),
    /// Shows how the tutorial writes it, beside your copy（对照教程的写法）
    Solution(commands::solution::Options),
    /// The cases that judge each rule of the protocol, in Markdown: for the book（每条协议规则由哪些用例来查，写成 Markdown，供书使用）
    #[command(hide = true)]
    Catalogue,
    /// A step's tasks, in Markdown: for the book（某一步的任务，写成 Markdown，供书使用）
    #[command(hide = true)]
    Tasks {
        /// The step（哪一步）
        step: String,
    },
    /// Draws what stands on standard input as a terminal shows it, in SVG: for the book（把标准输入的内容画成终端的样子，输出 SVG，供书使用）
    #[command(hide = true)]
    Picture {
        /// What it is called（图的名字）
        title: String,
    },
    /// Grades a step's programs, case by case（逐个用例评分）
    Grade(commands::grade::Options),
    /// Grades your copy at every save, the task in hand first（每次保存都评分，手上的任务最先评）
    Watch(commands::watch::Options),
    /// One step as a lesson: read, predict, run, write, have it judged, compare（一步一课：读、猜、跑、写、评分、对照）
    Step(commands::step::Options),
    /// Gives a hint for the task in hand, a clearer one each time（给手上的任务一条提示，一次比一次具体）
    Hint(commands::hint::Options),
    /// Shows what is done, and what comes next（看做完了什么、接下来做什么）
    Progress,
    /// Says to your own running server what a case says, beat by beat（把一个用例说的话，一步一步说给你正在运行的服务器听）
    Talk(commands::talk::Options),
    /// Looks whether this machine has what the tutorial needs, and says how to get what it lacks（检查这台机器缺什么、怎么补上）
    Doctor(commands::doctor::Options),
    /// Prints what makes your shell complete commands, steps, tasks and cases（打印补全脚本：命令、步骤、任务、用例都能补全）
    Completions(commands::completions::Options),
}

impl Command {
    /// Is it one of those that keep what a learner has done?
    fn is_of_a_learner(&self) -> bool {
        matches!(
            self,
            Command::Start(_)
                | Command::Step(_)
                | Command::Watch(_)
                | Command::Hint(_)
                | Command::Progress
        )
    }
}

/// Parses the command line and does what it says.
pub(crate) fn main() -> ExitCode {
    commands::completions::answer(CommandLine::command);
    subject::signals::put_right();
    let asked = asked();
    let language = asked
        .or_else(kept::language)
        .unwrap_or_else(Language::from_environment);
    let CommandLine { lang, command } = terminal::parse_in(language);
    let written = lang.iter().rev().find(|lang| lang.spoken().is_none());
    if let Some(lang) = written
        && !matches!(command, Command::Start(_))
    {
        let name = lang.to_possible_value().map(|it| it.get_name().to_owned());
        let name = name.unwrap_or_default();
        let what = Text::new(
            format!("--lang {name} is for start: here it is en or zh"),
            format!("--lang {name} 只用于 start：这里只能是 en 或 zh"),
        );
        terminal::refuse::<CommandLine>(&what, language);
    }
    if let Some(asked) = asked
        && command.is_of_a_learner()
    {
        // Where it cannot be kept, it is asked for again the next time.
        let _ = kept::remember(asked);
    }
    let terminal = Terminal::new("workshop", language);
    // Even where nothing runs yet: the first process of a container has no default action.
    let judges = matches!(command, Command::Grade(_) | Command::Talk(_));
    let caught =
        leave_nothing_behind(&terminal).explain(|| text("cannot catch Ctrl-C", "无法捕获 Ctrl-C"));
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
        Command::Picture { title } => {
            let lines = io::read_to_string(io::stdin())
                .explain(|| text("cannot read standard input", "无法读取标准输入"))?;
            let lines: Vec<String> = lines.lines().map(str::to_owned).collect();
            terminal.print_for_programs(picture::draw(&lines, &title).trim_end())?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Grade(options) => commands::grade::grade(&terminal, &options),
        Command::Watch(options) => commands::watch::watch(&terminal, &options),
        Command::Step(options) => commands::step::step(&terminal, &options),
        Command::Hint(options) => commands::hint::hint(&terminal, &options),
        Command::Progress => commands::progress::progress(&terminal),
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

/// The language that the command line asks for. Wherever `--lang` stands on it, and
/// even if the rest of it is wrong or asks for help: that is told in this language, too.
fn asked() -> Option<Language> {
    let mut arguments = std::env::args_os().skip(1);
    let mut asked = None;
    while let Some(argument) = arguments.next().filter(|argument| argument != "--") {
        let value = match argument.to_string_lossy().strip_prefix("--lang") {
            Some("") => arguments.next(),
            Some(value) => value.strip_prefix('=').map(OsString::from),
            None => None,
        };
        let lang = value.and_then(|value| Lang::from_str(value.to_str()?, false).ok());
        asked = lang.and_then(Lang::spoken).or(asked);
    }
    asked
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
