// ANCHOR: head
//! `select-server [--listen ADDR]`: one thread that sleeps in select(2) until somebody is ready.

use std::process::ExitCode;
#[cfg(unix)]
use {
    busy_poll_server::{ACCEPTS_PER_TURN, Connection, RECEIVE_SIZE},
    nix::errno::Errno,
    nix::sys::select::{FdSet, select},
    nix::sys::time::{TimeVal, TimeValLike},
    select_server::{Readiness, Ready, Rest, has_place},
    shared::server,
    std::io,
    std::net::TcpListener,
    std::os::fd::{AsFd, AsRawFd},
};

const NAME: &str = "select-server";

#[cfg(unix)]
fn main() -> ExitCode {
    let about = "Answers every line with its ROT13: one thread, which sleeps in select(2)";
    server::main(NAME, about, serve)
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    shared::server::unsupported(NAME, "select(2) as Unix has it")
}
// ANCHOR_END: head

#[cfg(unix)]
// ANCHOR: serve
fn serve(listener: TcpListener) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    if !has_place(&listener) {
        return Err(io::Error::other(
            "its own descriptor is past FD_SETSIZE (start it with fewer open files)",
        ));
    }
    let mut connections: Vec<Connection> = Vec::new();
    let mut buffer = vec![0; RECEIVE_SIZE];
    let mut rest = Rest::default();
    let mut turned_away = server::Once::default();
    server::announce(listener.local_addr()?)?;
    loop {
        let ready = wait(&listener, &rest, &connections);
        for (connection, ready) in connections.iter_mut().zip(&ready.connections) {
            if ready.read {
                connection.on_readable(&mut buffer);
            }
            if ready.write {
                connection.on_writable();
            }
        }
        connections.retain(|connection| !connection.is_done());
        if ready.listener {
            rest.begin_if_scarce(accept(&listener, &mut connections, &mut turned_away));
        }
    }
}
// ANCHOR_END: serve

#[cfg(unix)]
// ANCHOR: wait
/// Sleeps until somebody is ready, and tells who.
fn wait(listener: &TcpListener, rest: &Rest, connections: &[Connection]) -> Ready {
    // Made anew for every wait: the kernel writes its answer over the question.
    // The third is for what TCP calls urgent data (`tcp(7)`): this protocol has none.
    let (mut readable, mut writable, mut except) = (FdSet::new(), FdSet::new(), FdSet::new());
    let timeout = rest.milliseconds_left();
    if timeout.is_none() {
        readable.insert(listener.as_fd());
    }
    let mut largest = listener.as_raw_fd();
    for connection in connections {
        largest = largest.max(connection.as_fd().as_raw_fd());
        if connection.wants_read() {
            readable.insert(connection.as_fd());
        }
        if connection.wants_write() {
            writable.insert(connection.as_fd());
        }
    }
    let mut timeout = timeout.map(|left| TimeVal::milliseconds(left.into()));
    let (read, write, end) = (&mut readable, &mut writable, largest + 1);
    match select(end, read, write, &mut except, timeout.as_mut()) {
        Ok(_) => {}
        // A signal came, and the sets are still the question: nobody is known to be ready.
        Err(Errno::EINTR) => return Ready::default(),
        // The kernel does not say who.
        Err(_) => return Ready::everybody(connections.len()),
    }
    let readiness = |connection: &Connection| Readiness {
        read: readable.contains(connection.as_fd()),
        write: writable.contains(connection.as_fd()),
    };
    Ready {
        listener: readable.contains(listener.as_fd()),
        connections: connections.iter().map(readiness).collect(),
    }
}
// ANCHOR_END: wait

#[cfg(unix)]
// ANCHOR: accept
/// Accepts clients who wait, until there are no more, or enough for one turn.
fn accept(
    listener: &TcpListener,
    connections: &mut Vec<Connection>,
    turned_away: &mut server::Once,
) -> io::Result<()> {
    for _ in 0..ACCEPTS_PER_TURN {
        let (stream, _) = listener.accept()?;
        if !has_place(&stream) {
            turned_away.warn(NAME, "clients are turned away: FD_SETSIZE is reached");
            continue;
        }
        // A client may have left while it waited.
        connections.extend(Connection::new(stream));
    }
    Ok(())
}
// ANCHOR_END: accept
