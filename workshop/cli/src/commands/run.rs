use crate::cargo;
use crate::terminal::Terminal;
use anyhow::{Context, Result, anyhow};
use grader::step::{Kind, Steps};
use std::ffi::OsString;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

/// `run STEP`: this process becomes the step's server.
pub(crate) fn run(terminal: &Terminal, step: &str, arguments: &[OsString]) -> Result<ExitCode> {
    let steps = Steps::read()?;
    let step = steps.find(step)?;
    let server = step
        .programs(Kind::Server)
        .next()
        .with_context(|| format!("step {} has no server", step.folder()))?;
    let executables = cargo::build(terminal, &[step])?;
    let executable = executables.get(&server.name)?;
    let talk = terminal.say("talk to it from another terminal", "在另一个终端里和它说话");
    let stop = terminal.say("stop it", "停止");
    let about = step.title.get(terminal.painter.language);
    let mut stderr = io::stderr();
    let _ = writeln!(stderr, "{} · {about}", terminal.bold(&server.name));
    let _ = writeln!(
        stderr,
        "  {talk}: {}",
        terminal.accent("cargo run -q --release -p fork-server --bin rot13-client")
    );
    let _ = writeln!(stderr, "  {stop}: Ctrl-C");
    // Instead of a child: signals and the exit status then need no forwarding.
    let error = Command::new(executable).args(arguments).exec();
    Err(anyhow!("cannot start {}: {error}", executable.display()))
}
