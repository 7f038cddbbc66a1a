//! `fork-server [--listen ADDR]`: a process for every connection.

mod children;
mod fork;
mod signals;

use children::Children;
use fork::fork;
use fork_server::{Connection, converse};
use nix::unistd::ForkResult;
use shared::server;
use signals::Signals;
use std::io;
use std::net::TcpListener;
use std::process::{ExitCode, exit};

const NAME: &str = "fork-server";

fn main() -> ExitCode {
    let about = "Answers every line with its ROT13: a process for every connection";
    server::main(NAME, about, serve)
}

fn serve(listener: TcpListener) -> io::Result<()> {
    let mut children = Children::default();
    let mut turned_away = server::Once::default();
    let signals = Signals::catch()?;
    // A signal may have ended the wait, or the client may have left: `accept` must not sleep.
    listener.set_nonblocking(true)?;
    server::announce(listener.local_addr()?)?;
    // A signal that comes after this look ends the next sleep all the same: by a byte in the pipe.
    while !signals.asked_to_stop() {
        children.reap();
        signals.wait_for_signal_or_client(&listener);
        match listener.accept() {
            Ok((socket, _)) => {
                // ANCHOR: task-who-closes-what
                let connection = Connection::new(socket);
                match fork(&signals) {
                    Ok(ForkResult::Parent { child }) => children.add(child),
                    Ok(ForkResult::Child) => {
                        drop(listener);
                        drop(signals);
                        let _ = converse(connection);
                        exit(0);
                    }
                    Err(error) => {
                        // ANCHOR: task-failed-fork
                        let message = format!("clients are turned away: cannot fork: {error}");
                        turned_away.warn(NAME, &message);
                        // ANCHOR_END: task-failed-fork
                    }
                }
                // The parent's own copy of `connection` is closed here. While it is open, the
                // client is never told that the child has finished.
                // ANCHOR_END: task-who-closes-what
            }
            Err(error) if server::must_rest(&error) => signals.wait_for_signal_or_rest(),
            Err(_) => {}
        }
    }
    children.kill();
    Ok(())
}
