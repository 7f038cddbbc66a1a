#[path = "../which_bug.rs"]
mod which_bug;

use crate::bug::Bug;
use clap::Parser;
use clap::error::ErrorKind;
use std::process::exit;
use std::time::Duration;

/// A client of HTTP with one bug: `--bug SLUG` goes before all else
#[derive(Parser)]
#[command(name = "broken-http-client", version)]
pub(crate) struct CommandLine {
    /// How long to wait, in seconds
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u32>,
    /// Whom to ask
    #[arg(value_name = "HOST[:PORT]", value_parser = with_port)]
    pub(crate) host: String,
    /// What to ask for
    #[arg(default_value = "/")]
    pub(crate) path: String,
}

impl CommandLine {
    pub(crate) fn timeout(&self) -> Option<Duration> {
        let seconds = self.timeout.filter(|&seconds| seconds > 0)?;
        Some(Duration::from_secs(seconds.into()))
    }
}

/// Reads the command line: what is wrong with this client, and whom it is to ask for what.
pub(crate) fn read() -> (Bug, CommandLine) {
    let (bug, arguments) = which_bug::read("broken-http-client", Bug::None);
    match CommandLine::try_parse_from(arguments) {
        Ok(line) if line.timeout == Some(0) && bug != Bug::ZeroTimeoutTaken => {
            eprintln!("broken-http-client: 0 seconds are no time-out");
            exit(if bug == Bug::WrongOptionExits1 { 1 } else { 2 })
        }
        Ok(line) if breaks_a_line(&line, bug) => {
            eprintln!("broken-http-client: neither HOST nor PATH may have a line break");
            exit(2)
        }
        Ok(line) => (bug, line),
        Err(answer) => instead_of_getting(bug, &answer),
    }
}

fn breaks_a_line(line: &CommandLine, bug: Bug) -> bool {
    let has_break = |text: &str| text.contains(['\r', '\n']);
    has_break(&line.path) && bug != Bug::LineBreakInPath
        || has_break(&line.host) && bug != Bug::LineBreakInHost
}

/// Adds the port of HTTP where none is given.
fn with_port(host: &str) -> Result<String, String> {
    match host.rsplit_once(':') {
        Some((_, port)) if !host.ends_with(']') => match port.parse::<u16>() {
            Ok(_) => Ok(host.to_owned()),
            Err(error) => Err(format!("port {port}: {error}")),
        },
        _ => Ok(format!("{host}:80")),
    }
}

/// `--help`, `--version`, or a wrong command line.
fn instead_of_getting(bug: Bug, answer: &clap::Error) -> ! {
    match (bug, answer.kind()) {
        (Bug::HelpFails, ErrorKind::DisplayHelp) => {
            print!("{answer}");
            exit(1)
        }
        (Bug::VersionUnknown, ErrorKind::DisplayVersion) => {
            eprintln!("broken-http-client: unknown option --version");
            exit(2)
        }
        (_, ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => answer.exit(),
        (Bug::WrongOptionIgnored, _) => exit(0),
        (Bug::WrongOptionExits1, _) => {
            eprint!("{answer}");
            exit(1)
        }
        _ => answer.exit(),
    }
}
