//! `busy-poll-server [--listen ADDR]`: one thread that never sleeps and asks everybody all the time.

use busy_poll_server::{ACCEPTS_PER_TURN, Connection, RECEIVE_SIZE};
use shared::server;
use std::io;
use std::net::TcpListener;
use std::process::ExitCode;

const NAME: &str = "busy-poll-server";

fn main() -> ExitCode {
    let about = "Answers every line with its ROT13: one thread, which never sleeps";
    server::main(NAME, about, serve)
}

// ANCHOR: serve
fn serve(listener: TcpListener) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let mut connections: Vec<Connection> = Vec::new();
    let mut buffer = vec![0; RECEIVE_SIZE];
    server::announce(listener.local_addr()?)?;
    loop {
        for connection in &mut connections {
            connection.on_readable(&mut buffer);
            connection.on_writable();
        }
        connections.retain(|connection| !connection.is_done());
        // What cannot be accepted now is asked for again in the next round.
        let _ = accept(&listener, &mut connections);
    }
}
// ANCHOR_END: serve

// ANCHOR: accept
/// Accepts clients who wait, until there are no more, or enough for one turn.
fn accept(listener: &TcpListener, connections: &mut Vec<Connection>) -> io::Result<()> {
    for _ in 0..ACCEPTS_PER_TURN {
        let (stream, _) = listener.accept()?;
        // A client may have left while it waited.
        connections.extend(Connection::new(stream));
    }
    Ok(())
}
// ANCHOR_END: accept
