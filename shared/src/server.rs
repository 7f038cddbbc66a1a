//! A server from its command line to its listening socket: the same for every step.

mod limits;
mod listen;

use std::io::{self, Write};
use std::net::TcpListener;
use std::process::ExitCode;
use std::time::Duration;

pub use listen::Listen;

/// Where a server listens unless told otherwise: on this machine only.
pub const DEFAULT_ADDRESS: &str = "127.0.0.1:40713";

/// The command line of a server that has no options of its own.
#[derive(clap::Parser)]
struct CommandLine {
    #[command(flatten)]
    listen: Listen,
}

/// The `main` of a server without options of its own: `NAME [--listen ADDR]`.
///
/// Parses the command line (a wrong one: usage on standard error, exit status 2), then does what
/// [`run`] does.
pub fn main(
    name: &'static str,
    about: &'static str,
    serve: impl FnOnce(TcpListener) -> io::Result<()>,
) -> ExitCode {
    let CommandLine { listen } = parse(name, about);
    run(name, &listen, serve)
}

/// Parses the command line of the server `name` into `T`; ends the process if it is wrong, or if
/// it asks for `--help` or `--version`.
pub fn parse<T: clap::Parser>(name: &'static str, about: &'static str) -> T {
    let command = T::command()
        .name(name)
        .bin_name(name)
        .version(env!("CARGO_PKG_VERSION"))
        .about(about);
    T::from_arg_matches(&command.get_matches()).unwrap_or_else(|error| error.exit())
}

/// Raises the descriptor limit, listens, prints `listening on ADDR`, and calls `serve`.
///
/// When that fails, or `serve` returns an error: one line on standard error, exit status 1.
pub fn run(
    name: &'static str,
    listen: &Listen,
    serve: impl FnOnce(TcpListener) -> io::Result<()>,
) -> ExitCode {
    limits::raise_descriptor_limit();
    let ended = listen
        .open()
        .and_then(|listener| serve(listener).map_err(|error| format!("cannot go on: {error}")));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            warn(name, &message);
            ExitCode::FAILURE
        }
    }
}

/// Says on standard error what went wrong without ending the server.
///
/// Unlike `eprintln!` it does not panic when nobody reads standard error any more.
pub fn warn(name: &str, message: &str) {
    let _ = writeln!(io::stderr(), "{name}: {message}");
}

/// How long a server leaves its listener alone when the system is out of something: long enough to
/// cost nothing, short enough that a waiting client hardly notices.
pub const REST: Duration = Duration::from_millis(100);

/// After this error of `accept(2)`: is it wise to leave the listener alone for a while?
///
/// No, if nobody waits any more, or the client that waited has gone. Yes, if the system is out of
/// something (descriptors, memory): the client still waits, and asking again at once would fail
/// again at once.
pub fn must_rest(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, Interrupted, WouldBlock};
    !matches!(error.kind(), ConnectionAborted | Interrupted | WouldBlock)
}

/// The `main` of a server that cannot exist on this system: says what is missing.
pub fn unsupported(name: &str, needs: &str) -> ExitCode {
    warn(
        name,
        &format!("this system cannot run it: it needs {needs}"),
    );
    ExitCode::FAILURE
}
