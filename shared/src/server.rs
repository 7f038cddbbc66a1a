//! A server from its command line to its listening socket: the same for every step.

mod limits;
mod listen;

use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::time::Duration;

pub use limits::raise_descriptor_limit;
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

/// The same as [`crate::command_line::parse`] for a server, which has done all that it was asked for
/// when it is told to end.
pub fn parse<T: clap::Parser>(name: &'static str, about: &'static str) -> T {
    crate::signals::put_right(|_| 0);
    crate::command_line::parsed(name, about)
}

/// Raises the limit of descriptors, listens, and calls `serve`, which calls [`announce`] when it is
/// ready.
///
/// When that fails, or `serve` returns an error: one line on standard error, exit status 1.
pub fn run(
    name: &'static str,
    listen: &Listen,
    serve: impl FnOnce(TcpListener) -> io::Result<()>,
) -> ExitCode {
    raise_descriptor_limit();
    let ended = listen.open().and_then(|listener| {
        let address = listener.local_addr();
        let address = address.map_or_else(|_| listen.address().to_string(), |it| it.to_string());
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

/// Prints `listening on ADDR`, the one line of a server's standard output.
///
/// It is a promise: whoever reads it connects, and must be served. So a server says it when it has
/// all that it needs and might not get, its event loop's descriptors, its threads, its ring.
///
/// # Errors
///
/// When it cannot be written (`write(2)`): to a full disk, or to a pipe that nobody reads.
pub fn announce(address: SocketAddr) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "listening on {address}")
        .and_then(|()| stdout.flush())
        .map_err(|error| {
            let message = format!("cannot print that it listens: {error}");
            io::Error::new(error.kind(), message)
        })
}

/// Says on standard error what went wrong without ending the program.
///
/// In one `write(2)`: standard error has no buffer, and a line in several pieces is torn apart by
/// whoever else writes there. Unlike `eprintln!` it does not panic when nobody reads it any more.
pub fn warn(name: &str, message: &str) {
    let line = format!("{name}: {message}\n");
    let _ = io::stderr().write_all(line.as_bytes());
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

/// How many clients a server accepts before those that are there get their turn again: enough that
/// a burst of a thousand is in within a few rounds, and nobody notices.
pub const ACCEPTS_PER_TURN: usize = 16;

// ANCHOR: must_rest
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
// ANCHOR_END: must_rest

/// The `main` of a server that cannot exist on this system: says what is missing.
pub fn unsupported(name: &str, needs: &str) -> ExitCode {
    warn(
        name,
        &format!("this system cannot run it: it needs {needs}"),
    );
    ExitCode::FAILURE
}
