#[path = "../which_bug.rs"]
mod which_bug;

use crate::bug::Bug;
use clap::Parser;
use clap::error::ErrorKind;
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
    let (bug, arguments) = which_bug::read("broken-client", Bug::None);
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
