//! The step runs, and somebody talks to it.

use crate::site::Site;
use anyhow::Result;
use grader::step::{Kind, Step, Steps};
use grader::{Server, Trouble};
use std::path::Path;
use std::process::{Command, Stdio};
use terminal::{Explain, Language, Terminal, Text, Told};

/// Starts the step's server and the client that talks to it, or the client of HTTP; until what is said
/// is over.
pub(super) fn hold(terminal: &Terminal, step: &Step) -> Result<()> {
    let steps = Steps::read()?;
    // Its client is of another step.
    let clients = steps.find("rot13-client")?.0;
    let executables = Step::build(terminal, &[step, clients])?;
    let program = step.namesake()?;
    if program.kind == Kind::HttpClient {
        let site = Site::open(terminal.language)?;
        let address = site.address().to_string();
        terminal.print(&terminal.dim(&format!("\n  $ {} {address}\n", program.name)))?;
        return run(executables.get(&program.name)?, &[&address], Stdio::null());
    }
    let server = program.program(executables.get(&program.name)?);
    let server = Server::start(&server).map_err(|trouble| {
        Told(match trouble {
            Trouble::Failed(failure) => failure.meaning.clone(),
            Trouble::Skipped(reason) => reason,
        })
    })?;
    let address = server.address().to_string();
    let name = &program.name;
    let words = match terminal.language {
        Language::English => {
            format!("{name} listens on {address}. Say some lines; Ctrl-D ends the conversation.")
        }
        Language::Chinese => {
            format!("{name} 在 {address} 上监听。说几行话吧；按 Ctrl-D 结束对话。")
        }
    };
    terminal.print(&format!("\n  {words}\n"))?;
    run(
        executables.get("rot13-client")?,
        &[&address],
        Stdio::inherit(),
    )
}

/// In the foreground: what is typed is for it.
fn run(program: &Path, arguments: &[&str], input: Stdio) -> Result<()> {
    let cannot = || {
        let program = program.display();
        Text::new(
            format!("cannot start {program}"),
            format!("无法启动 {program}"),
        )
    };
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(input)
        .spawn()
        .explain(cannot)?;
    child.wait().explain(cannot)?;
    Ok(())
}
