// ANCHOR: head
//! `select-server [--listen ADDR]`: one thread that sleeps in select(2) until somebody is ready.

use busy_poll_server::{Client, on_readable, on_writable, prepare};
use conversation::{Conversation, RECEIVE_SIZE};
use nix::errno::Errno;
use nix::sys::select::{FdSet, select};
use nix::sys::time::{TimeVal, TimeValLike};
use select_server::{Readiness, Ready, Rest, has_place};
use shared::server::{self, ACCEPTS_PER_TURN};
use std::io;
use std::net::TcpListener;
use std::os::fd::{AsFd, AsRawFd};
use std::process::ExitCode;

const NAME: &str = "select-server";

fn main() -> ExitCode {
    let about = "Answers every line with its ROT13: one thread, which sleeps in select(2)";
    server::main(NAME, about, serve)
}

// ANCHOR_END: head

// ANCHOR: serve
fn serve(listener: TcpListener) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    if !has_place(&listener) {
        return Err(io::Error::other(
            "its own descriptor is past FD_SETSIZE (start it with fewer open files)",
        ));
    }
    let mut clients: Vec<Client> = Vec::new();
    let mut buffer = vec![0; RECEIVE_SIZE];
    let mut rest = Rest::default();
    let mut turned_away = server::Once::default();
    server::announce(listener.local_addr()?)?;
    loop {
        rest.end_if_over();
        let ready = wait(&listener, &rest, &clients);
        for ((stream, conversation), ready) in clients.iter_mut().zip(&ready.clients) {
            if ready.read {
                on_readable(stream, conversation, &mut buffer);
            }
            if ready.write {
                on_writable(stream, conversation);
            }
        }
        clients.retain(|(_, conversation)| !conversation.is_done());
        if ready.listener {
            accept(&listener, &mut clients, &mut rest, &mut turned_away);
        }
    }
}
// ANCHOR_END: serve

// ANCHOR: wait
/// Sleeps until somebody is ready, and tells who.
fn wait(listener: &TcpListener, rest: &Rest, clients: &[Client]) -> Ready {
    // Made anew for every wait: the kernel writes its answer over the question.
    // The third is for what TCP calls urgent data (`tcp(7)`): this protocol has none.
    let (mut readable, mut writable, mut except) = (FdSet::new(), FdSet::new(), FdSet::new());
    if !rest.is_on() {
        readable.insert(listener.as_fd());
    }
    let mut largest = listener.as_raw_fd();
    for (stream, conversation) in clients {
        largest = largest.max(stream.as_raw_fd());
        if conversation.wants_read() {
            readable.insert(stream.as_fd());
        }
        if conversation.wants_write() {
            writable.insert(stream.as_fd());
        }
    }
    let mut timeout = rest
        .time_out()
        .map(|left| TimeVal::milliseconds(left.into()));
    let (read, write, end) = (&mut readable, &mut writable, largest + 1);
    match select(end, read, write, &mut except, timeout.as_mut()) {
        Ok(_) => {}
        // A signal came, and the sets are still the question: nobody is known to be ready.
        Err(Errno::EINTR) => return Ready::default(),
        // The kernel does not say who.
        Err(_) => return Ready::everybody(clients.len()),
    }
    // ANCHOR: task-answer
    let readiness = |(stream, _): &Client| Readiness {
        read: readable.contains(stream.as_fd()),
        write: writable.contains(stream.as_fd()),
    };
    Ready {
        listener: readable.contains(listener.as_fd()),
        clients: clients.iter().map(readiness).collect(),
    }
    // ANCHOR_END: task-answer
}
// ANCHOR_END: wait

// ANCHOR: accept
/// Accepts clients who wait, until there are no more, or enough for one turn.
fn accept(
    listener: &TcpListener,
    clients: &mut Vec<Client>,
    rest: &mut Rest,
    turned_away: &mut server::Once,
) {
    for _ in 0..ACCEPTS_PER_TURN {
        let stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(error) => return rest.begin_if_scarce(&error),
        };
        // ANCHOR: task-fd-setsize
        if !has_place(&stream) {
            turned_away.warn(NAME, "clients are turned away: FD_SETSIZE is reached");
            continue;
        }
        // ANCHOR_END: task-fd-setsize
        // A client may have left while it waited.
        if prepare(&stream).is_ok() {
            clients.push((stream, Conversation::new()));
        }
    }
}
// ANCHOR_END: accept
