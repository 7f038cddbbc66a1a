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

#[cfg(unix)]
fn serve(listener: std::net::TcpListener) -> std::io::Result<()> {
    use fork::{Side, fork};
    use shared::server;

    let mut children = children::Children::default();
    let mut turned_away = server::Once::default();
    let signals = signals::Signals::catch()?;
    // A client may leave while it waits: `accept` must not sleep for one that has gone.
    listener.set_nonblocking(true)?;
    server::announce(listener.local_addr()?)?;
    // The last look before each sleep: a signal that comes after it has left a byte in the pipe.
    while !signals.asked_to_stop() {
        children.reap();
        signals.wait_for_signal_or_client(&listener);
        let connection = match listener.accept() {
            Ok((connection, _)) => connection,
            Err(error) => {
                if server::must_rest(&error) {
                    signals.wait_for_signal_or_rest();
                }
                continue;
            }
        };
        match fork(&signals) {
            Ok(Side::Parent(child)) => children.add(child),
            Ok(Side::Child) => {
                drop((listener, signals));
                let ended = fork_server::Stream::new(connection).and_then(fork_server::converse);
                std::process::exit(ended.is_err().into());
            }
            Err(error) => {
                turned_away.warn(
                    NAME,
                    &format!("clients are turned away: cannot fork: {error}"),
                );
            }
        }
        // The parent's own copy of `connection` is closed here. While it is open, the client is
        // never told that the child has finished.
    }
    children.kill();
    Ok(())
}
