use crate::site::Site;
use anyhow::Result;
use grader::step::{Kind, Step, StepProgram, Steps};
use starter::Built;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, ExitCode};
use subject::Group;
use terminal::{Executables, Explain, Terminal, Text, ensure};

/// `run STEP`: starts the step's server, or lets its client of HTTP get a page.
pub(crate) fn run(
    terminal: &Terminal,
    step: &str,
    mine: bool,
    arguments: &[OsString],
) -> Result<ExitCode> {
    let steps = Steps::read()?;
    let (step, programs) = steps.find(step)?;
    let program = match programs.as_slice() {
        [program] => *program,
        _ => step.namesake()?,
    };
    ensure(program.kind != Kind::Client, || {
        let name = &program.name;
        Text::new(
            format!("{name} is no server; see just client"),
            format!("{name} 不是服务器；请看 just client"),
        )
    })?;
    let executables = match mine {
        false => Step::build(terminal, &[step])?,
        true => build_mine(terminal, step)?,
    };
    let executable = executables.get(&program.name)?;
    match program.kind {
        Kind::HttpClient if !names_a_host(arguments) => {
            get_the_page(terminal, step, program, executable, arguments)
        }
        Kind::HttpClient => {
            introduce(terminal, step, program, &[command_line(program, arguments)]);
            become_program(executable, arguments)
        }
        Kind::Server | Kind::Client => {
            let talk = terminal.say("talk to it from another terminal", "另开终端，和它对话");
            let mut client = "cargo run -q --release -p fork-server --bin rot13-client".to_owned();
            if !arguments.is_empty() {
                // It may listen elsewhere: where, it says itself.
                client += " -- HOST:PORT";
            }
            let stop = terminal.say("stop it", "停止");
            let talk = format!("{talk}  {}", terminal.accent(&client));
            introduce(terminal, step, program, &[talk, format!("{stop}  Ctrl-C")]);
            become_program(executable, arguments)
        }
    }
}

/// The programs of the learner's own copy.
fn build_mine(terminal: &Terminal, step: &Step) -> Result<Executables> {
    let built = Built::of(terminal, &terminal::workspace()?, step)?;
    let built = built.explain(|| {
        let number = step.number;
        Text::new(
            format!("there is no copy of step {number} yet: cargo run -- start {number}"),
            format!("还没有步骤 {number} 的副本：cargo run -- start {number}"),
        )
    })?;
    Ok(built.executables?)
}

/// Where nobody is named whom the client is to ask, there is a site on this machine.
fn get_the_page(
    terminal: &Terminal,
    step: &Step,
    program: &StepProgram,
    executable: &Path,
    arguments: &[OsString],
) -> Result<ExitCode> {
    let site = Site::open(terminal.language)?;
    let mut arguments = arguments.to_vec();
    arguments.push(site.address().to_string().into());
    introduce(
        terminal,
        step,
        program,
        &[command_line(program, &arguments)],
    );
    // A child, because the site is here. Whatever ends this program ends both.
    let client = Group::spawn(Command::new(executable).args(&arguments))
        .explain(|| cannot_start(executable))?;
    let ended = client.wait_for_end().explain(|| {
        let program = executable.display();
        Text::new(
            format!("cannot wait for {program}"),
            format!("等不到 {program} 结束"),
        )
    })?;
    let status = ended.code().and_then(|code| u8::try_from(code).ok());
    Ok(status.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Do the client's arguments name anybody? Its one option with a value is --timeout; any other,
/// such as --help, is none of our business.
fn names_a_host(arguments: &[OsString]) -> bool {
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.to_str() {
            Some("--timeout") => drop(rest.next()),
            Some(option) if option.starts_with("--timeout=") => {}
            _ => return true,
        }
    }
    false
}

/// On standard error: which program this is, and what else is to be known.
fn introduce(terminal: &Terminal, step: &Step, program: &StepProgram, more: &[String]) {
    let name = terminal.bold(&program.name);
    let about = program.title.as_ref().unwrap_or(&step.title);
    let about = about.get(terminal.language);
    let lines = [&[format!("{name} · {about}")], more].concat().join("\n  ");
    let shown = match console::colors_enabled_stderr() {
        true => lines.into(),
        false => console::strip_ansi_codes(&lines),
    };
    let _ = writeln!(io::stderr(), "{shown}");
}

fn command_line(program: &StepProgram, arguments: &[OsString]) -> String {
    let words = arguments.iter().map(|argument| argument.to_string_lossy());
    let words: Vec<_> = words.collect();
    format!("$ {} {}", program.name, words.join(" "))
}

/// Instead of a child: signals and the exit status then need no forwarding.
fn become_program(executable: &Path, arguments: &[OsString]) -> Result<ExitCode> {
    let error = subject::become_program(Command::new(executable).args(arguments));
    Err(error).explain(|| cannot_start(executable))
}

fn cannot_start(executable: &Path) -> Text {
    let program = executable.display();
    Text::new(
        format!("cannot start {program}"),
        format!("无法启动 {program}"),
    )
}
