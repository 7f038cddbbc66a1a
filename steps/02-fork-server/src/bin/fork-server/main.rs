//! `fork-server [--listen ADDR]`: a process for every connection.

mod children;
mod fork;
mod signals;

use std::process::ExitCode;

const NAME: &str = "fork-server";

#[cfg(unix)]
fn main() -> ExitCode {
    let about = "Answers every line with its ROT13: a process for every connection";
    shared::server::main(NAME, about, serve)
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    shared::server::unsupported(NAME, "fork(2), which only Unix has")
}

// ANCHOR: serve
#[cfg(unix)]
fn serve(listener: std::net::TcpListener) -> std::io::Result<()> {
    use fork::{Side, fork};

    let mut children = children::Children::default();
    let signals = signals::Signals::catch()?;
    // A client may leave while it waits: `accept` must not sleep for one that has gone.
    listener.set_nonblocking(true)?;
    loop {
        signals.sleep_until_one_or(&listener)?;
        if signals.asked_to_stop() {
            children.kill();
            return Ok(());
        }
        children.reap();
        let connection = match listener.accept() {
            Ok((connection, _)) => connection,
            Err(error) => {
                if shared::server::must_rest(&error) {
                    signals.sleep_until_one_or_rested()?;
                }
                continue;
            }
        };
        match fork() {
            Ok(Side::Parent(child)) => children.add(child),
            Ok(Side::Child) => {
                drop((listener, signals));
                let ended = fork_server::Stream::new(connection).and_then(fork_server::converse);
                std::process::exit(ended.is_err().into());
            }
            Err(error) => shared::server::warn(NAME, &format!("a client is turned away: {error}")),
        }
        // The parent's own copy of `connection` is closed here. While it is open, the client is
        // never told that the child has finished.
    }
}
// ANCHOR_END: serve
