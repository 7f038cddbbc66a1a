use crate::site::Site;
use anyhow::Result;
use grader::step::{Kind, Step};
use grader::{Program, Server, Trouble};
use std::process::Command;
use terminal::{Executables, Explain, Terminal, Text, Told};

/// What the conversation with a server begins with.
const GREETING: &str = "Hello, World";
/// How many lines of what is heard are shown.
const SHOWN: usize = 6;

/// A command, and what it printed.
struct Conversation {
    command: String,
    heard: String,
}

/// Lets the step's own program speak with somebody, and shows it on every terminal.
pub(super) fn show(terminals: &[&Terminal], step: &Step, executables: &Executables) -> Result<()> {
    let first = step.namesake()?;
    let program = first.program(executables.get(&first.name)?);
    if let Some(reason) = program.cannot_run() {
        for terminal in terminals {
            let (colon, reason) = (terminal.say(": ", "："), reason.get(terminal.language));
            let skipped = format!("{}{colon}{reason}", terminal.say("skipped", "跳过"));
            announce(terminal, step)?;
            terminal.print(&format!("  {skipped}\n"))?;
        }
        return Ok(());
    }
    let spoken = match first.kind {
        Kind::Server => Some(speak_to(&program, executables)?),
        // The page is in the language of whoever reads it.
        Kind::HttpClient => None,
        Kind::Client => return Ok(()),
    };
    for terminal in terminals {
        let Conversation { command, heard } = match &spoken {
            Some(spoken) => spoken,
            None => &visit(&program, &first.name, &Site::open(terminal.language)?)?,
        };
        announce(terminal, step)?;
        terminal.print(&terminal.dim(&format!("  $ {command}")))?;
        for line in heard.lines().take(SHOWN) {
            terminal.print(format!("  {line}").trim_end())?;
        }
        terminal.print("")?;
    }
    Ok(())
}

fn announce(terminal: &Terminal, step: &Step) -> Result<()> {
    let number = terminal.bold(&format!("{:02}", step.number));
    let title = terminal.bold(step.title.get(terminal.language));
    Ok(terminal.print(&format!("  {number}  {title}\n"))?)
}

/// The client of step 02 says one line to a server.
fn speak_to(program: &Program, executables: &Executables) -> Result<Conversation> {
    let server = start(program)?;
    let address = server.address().to_string();
    let mut client = Command::new(executables.get("rot13-client")?);
    client.arg(&address);
    Ok(Conversation {
        command: format!("printf '{GREETING}\\n' | rot13-client {address}"),
        heard: run(client, &format!("{GREETING}\n"))?,
    })
}

/// A client of HTTP gets the one page that there is.
fn visit(program: &Program, name: &str, site: &Site) -> Result<Conversation> {
    let address = site.address().to_string();
    let mut client = Command::new(&program.path);
    client.arg(&address);
    Ok(Conversation {
        command: format!("{name} {address}"),
        heard: run(client, "")?,
    })
}

/// Runs a client with `input`; returns what it printed.
fn run(mut client: Command, input: &str) -> Result<String> {
    let name = client.get_program().to_string_lossy().into_owned();
    let output = subject::run_to_end(&mut client, input.as_bytes().to_vec())
        .explain(|| Text::new(format!("cannot start {name}"), format!("无法启动 {name}")))?;
    String::from_utf8(output.stdout).explain(|| {
        Text::new(
            format!("{name} has printed what is no text"),
            format!("{name} 打印的不是文本"),
        )
    })
}

/// Starts a server.
pub(super) fn start(program: &Program) -> Result<Server> {
    let started = Server::start(program).map_err(|trouble| match trouble {
        Trouble::Failed(failure) => {
            let (program, why) = (program.path.display(), &failure.meaning);
            Told(Text::new(
                format!("{program} does not start: {}", why.en),
                format!("{program} 启动不了：{}", why.zh),
            ))
        }
        Trouble::Skipped(reason) => Told(reason),
    });
    Ok(started?)
}
