use crate::bug::Bug;
use clap::error::ErrorKind;
use clap::{Parser, ValueEnum};
use std::process::exit;

/// A ROT13 client with one bug: `--bug SLUG` goes before all else
#[derive(Parser)]
#[command(name = "broken-client", version)]
struct CommandLine {
    /// The server's address, HOST:PORT
    #[arg(value_name = "ADDR", default_value = "127.0.0.1:40713")]
    address: String,
}

/// Reads the command line: what is wrong with this client, and where its server listens.
pub(crate) fn read() -> (Bug, String) {
    let mut arguments: Vec<String> = std::env::args().collect();
    let mut bug = Bug::None;
    if arguments.get(1).is_some_and(|first| first == "--bug") {
        let slug = arguments.drain(1..3.min(arguments.len())).next_back();
        bug = Bug::from_str(&slug.unwrap_or_default(), false).unwrap_or_else(|_| {
            eprintln!("broken-client: no such bug; see tests/broken/client/bug.rs");
            exit(2)
        });
    }
    match CommandLine::try_parse_from(arguments) {
        Ok(CommandLine { address }) => (bug, address),
        Err(answer) => instead_of_talking(bug, &answer),
    }
}

/// `--help`, `--version`, or a wrong command line.
fn instead_of_talking(bug: Bug, answer: &clap::Error) -> ! {
    match (bug, answer.kind()) {
        (Bug::HelpFails, ErrorKind::DisplayHelp) => {
            print!("{answer}");
            exit(1)
        }
        (Bug::VersionUnknown, ErrorKind::DisplayVersion) => {
            eprintln!("broken-client: unknown option --version");
            exit(2)
        }
        (_, ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => answer.exit(),
        (Bug::WrongOptionIgnored, _) => exit(0),
        _ => answer.exit(),
    }
}
