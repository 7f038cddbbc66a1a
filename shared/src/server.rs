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
    let matches = command.clone().try_get_matches();
    let parsed = matches.and_then(|matches| T::from_arg_matches(&matches));
    parsed.unwrap_or_else(|error| explain(error, command))
}

/// Tells what is wrong with the command line, always with the usage, which clap leaves out when
/// only a value is wrong; or prints the help that was asked for. Ends the process.
fn explain(error: clap::Error, mut command: clap::Command) -> ! {
    let usage = command.render_usage().to_string();
    if error.use_stderr() && !error.to_string().contains(&usage) {
        let _ = writeln!(io::stderr(), "{usage}\n");
    }
    error.exit()
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
    let ended = listen.open().and_then(|listener| {
        let address = listener
            .local_addr()
            .map_or_else(|_| String::new(), |it| it.to_string());
        serve(listener).map_err(|error| format!("cannot serve {address}: {error}"))
    });
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

/// A warning that is given once in a server's life.
///
/// More of them, however seldom they come, would one day fill the pipe that standard error may be,
/// and a server that waits for somebody to read its warnings serves nobody.
#[derive(Debug, Default)]
pub struct Once {
    given: bool,
}

impl Once {
    /// Warns, unless it has done so already.
    pub fn warn(&mut self, name: &str, message: &str) {
        if !self.given {
            warn(name, message);
            self.given = true;
        }
    }
}

/// How long a server leaves its listener alone when the system is out of something: long enough to
/// cost nothing, short enough that a waiting client hardly notices.
pub const REST: Duration = Duration::from_millis(100);

/// After this error of `accept(2)`: is it wise to leave the listener alone for a while?
///
/// No, if nobody waits any more, or the client that waited has gone. Yes, if the system is out of
/// something (descriptors, memory): the client still waits, and asking again at once would fail
/// again at once. After any other error a rest does no harm.
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
