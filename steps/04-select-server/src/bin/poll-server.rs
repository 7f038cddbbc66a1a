// ANCHOR: head
//! `poll-server [--listen ADDR]`: one thread that sleeps in poll(2) until somebody is ready.

use busy_poll_server::{Client, on_readable, on_writable, prepare};
use conversation::{Conversation, RECEIVE_SIZE};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, poll};
use select_server::{Readiness, Ready, Rest};
use shared::server::{self, ACCEPTS_PER_TURN};
use std::io;
use std::net::TcpListener;
use std::os::fd::AsFd;
use std::process::ExitCode;

const NAME: &str = "poll-server";

fn main() -> ExitCode {
    let about = "Answers every line with its ROT13: one thread, which sleeps in poll(2)";
    server::main(NAME, about, serve)
}
// ANCHOR_END: head

// ANCHOR: serve
fn serve(listener: TcpListener) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let mut clients: Vec<Client> = Vec::new();
    let mut buffer = vec![0; RECEIVE_SIZE];
    let mut rest = Rest::default();
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
            accept(&listener, &mut clients, &mut rest);
        }
    }
}
// ANCHOR_END: serve

// ANCHOR: wait
/// Sleeps until somebody is ready, and tells who.
fn wait(listener: &TcpListener, rest: &Rest, clients: &[Client]) -> Ready {
    // What is watched stands in an array, however high its descriptor. The kernel writes its answer
    // beside the question.
    let mut listening = PollFlags::empty();
    listening.set(PollFlags::POLLIN, !rest.is_on());
    let mut watched = vec![PollFd::new(listener.as_fd(), listening)];
    for (stream, conversation) in clients {
        let mut events = PollFlags::empty();
        events.set(PollFlags::POLLIN, conversation.wants_read());
        events.set(PollFlags::POLLOUT, conversation.wants_write());
        watched.push(PollFd::new(stream.as_fd(), events));
    }
    match poll(&mut watched, rest.time_out()) {
        Ok(_) => {}
        // A signal came before anybody was ready.
        Err(Errno::EINTR) => return Ready::default(),
        // The kernel does not say who.
        Err(_) => return Ready::everybody(clients.len()),
    }
    // An end or an error is told without being asked for. Whatever is tried next finds it.
    let broken = PollFlags::POLLHUP | PollFlags::POLLERR;
    let mut answers = watched.iter().map(|it| it.revents().unwrap_or(broken));
    Ready {
        listener: answers
            .next()
            .is_some_and(|answer| answer.intersects(PollFlags::POLLIN)),
        clients: answers
            .map(|answer| Readiness {
                read: answer.intersects(PollFlags::POLLIN | broken),
                write: answer.intersects(PollFlags::POLLOUT | broken),
            })
            .collect(),
    }
}
// ANCHOR_END: wait

// ANCHOR: accept
/// Accepts clients who wait, until there are no more, or enough for one turn.
fn accept(listener: &TcpListener, clients: &mut Vec<Client>, rest: &mut Rest) {
    for _ in 0..ACCEPTS_PER_TURN {
        let stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(error) => return rest.begin_if_scarce(&error),
        };
        // A client may have left while it waited.
        if prepare(&stream).is_ok() {
            clients.push((stream, Conversation::new()));
        }
    }
}
// ANCHOR_END: accept
