// ANCHOR: head
//! `poll-server [--listen ADDR]`: one thread that sleeps in poll(2) until somebody is ready.

use std::process::ExitCode;
#[cfg(unix)]
use {
    busy_poll_server::{ACCEPTS_PER_TURN, Connection, RECEIVE_SIZE},
    nix::errno::Errno,
    nix::poll::{PollFd, PollFlags, poll},
    select_server::{Readiness, Ready, Rest},
    shared::server,
    std::io,
    std::net::TcpListener,
    std::os::fd::AsFd,
};

const NAME: &str = "poll-server";

#[cfg(unix)]
fn main() -> ExitCode {
    let about = "Answers every line with its ROT13: one thread, which sleeps in poll(2)";
    server::main(NAME, about, serve)
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    shared::server::unsupported(NAME, "poll(2), which only Unix has")
}

#[cfg(unix)]
fn serve(listener: TcpListener) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let mut connections: Vec<Connection> = Vec::new();
    let mut buffer = vec![0; RECEIVE_SIZE];
    let mut rest = Rest::default();
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
            rest.begin_if_scarce(accept(&listener, &mut connections));
        }
    }
}
// ANCHOR_END: head

#[cfg(unix)]
// ANCHOR: wait
/// Sleeps until somebody is ready, and tells who.
fn wait(listener: &TcpListener, rest: &Rest, connections: &[Connection]) -> Ready {
    // What is watched stands in an array, however high its descriptor. The kernel writes its answer
    // beside the question.
    let timeout = rest.milliseconds_left();
    let listening = match timeout {
        None => PollFlags::POLLIN,
        Some(_) => PollFlags::empty(),
    };
    let mut watched = vec![PollFd::new(listener.as_fd(), listening)];
    for connection in connections {
        let mut events = PollFlags::empty();
        events.set(PollFlags::POLLIN, connection.wants_read());
        events.set(PollFlags::POLLOUT, connection.wants_write());
        watched.push(PollFd::new(connection.as_fd(), events));
    }
    match poll(&mut watched, timeout) {
        Ok(_) => {}
        // A signal came before anybody was ready.
        Err(Errno::EINTR) => return Ready::default(),
        // The kernel does not say who.
        Err(_) => return Ready::everybody(connections.len()),
    }
    // An end or an error is told without being asked for. Whatever is tried next finds it.
    let broken = PollFlags::POLLHUP | PollFlags::POLLERR;
    let mut answers = watched.iter().map(|it| it.revents().unwrap_or(broken));
    Ready {
        listener: answers
            .next()
            .is_some_and(|answer| answer.intersects(PollFlags::POLLIN)),
        connections: answers
            .map(|answer| Readiness {
                read: answer.intersects(PollFlags::POLLIN | broken),
                write: answer.intersects(PollFlags::POLLOUT | broken),
            })
            .collect(),
    }
}
// ANCHOR_END: wait

#[cfg(unix)]
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
