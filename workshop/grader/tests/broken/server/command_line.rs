#[path = "../which_bug.rs"]
mod which_bug;

use crate::bug::Bug;
use clap::error::{ContextKind, ErrorKind};
use clap::{Parser, ValueEnum};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::exit;

/// A server of the ROT13 line protocol with one bug: `--bug SLUG` goes before all else
#[derive(Parser)]
#[command(name = "broken-server", version)]
pub(crate) struct CommandLine {
    /// Where to listen, HOST:PORT
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:40713")]
    pub(crate) listen: SocketAddr,
    /// How many clients to serve at once, by a pool of threads
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
    /// Serve each client by a process of its own
    #[arg(long)]
    pub(crate) processes: bool,
    /// Serve all clients by one thread that waits for them this way
    #[arg(long, value_enum, value_name = "WAY")]
    pub(crate) one_thread: Option<Way>,
}

/// How one thread waits for many clients.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Way {
    /// It sleeps in select(2).
    Select,
    /// It never sleeps.
    Busy,
}

/// Reads the command line: what is wrong with this server, and how it is to serve.
pub(crate) fn read() -> (Bug, CommandLine) {
    let (bug, arguments) = which_bug::read("broken-server", Bug::None);
    match CommandLine::try_parse_from(arguments) {
        Ok(options) => (bug, options),
        Err(answer) => {
            let options = CommandLine {
                listen: instead_of_serving(bug, &answer),
                threads: None,
                processes: false,
                one_thread: None,
            };
            (bug, options)
        }
    }
}

/// `--help`, `--version`, or a wrong command line. Some bugs start a server even so.
fn instead_of_serving(bug: Bug, answer: &clap::Error) -> SocketAddr {
    let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    match (bug, answer.kind()) {
        (Bug::HelpFails, ErrorKind::DisplayHelp) => {
            print!("{answer}");
            exit(1)
        }
        (Bug::HelpOnStderr, ErrorKind::DisplayHelp) => {
            eprint!("{answer}");
            exit(0)
        }
        (Bug::HelpOfNoHelp, ErrorKind::DisplayHelp) => {
            println!("broken-server: a server of the ROT13 line protocol");
            exit(0)
        }
        (Bug::VersionUnknown, ErrorKind::DisplayVersion) => {
            eprintln!("broken-server: unknown option --version");
            exit(2)
        }
        (Bug::VersionWithoutNumber, ErrorKind::DisplayVersion) => {
            println!("broken-server");
            exit(0)
        }
        (_, ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => answer.exit(),
        (Bug::WrongOptionIgnored, _) => any_port,
        (Bug::WrongOptionExits1, _) => {
            eprint!("{answer}");
            exit(1)
        }
        (Bug::UsageOnStdout, _) => {
            print!("{answer}");
            exit(2)
        }
        (Bug::NonsenseExits1, ErrorKind::ValueValidation) => {
            let nonsense = answer.get(ContextKind::InvalidValue);
            let nonsense = nonsense.map_or(String::new(), ToString::to_string);
            eprintln!("broken-server: cannot listen on {nonsense}: no such address");
            exit(1)
        }
        _ => {
            eprintln!("usage: broken-server [--bug SLUG] [--listen ADDR]");
            answer.exit()
        }
    }
}
