// ANCHOR: head
//! `busy-poll-server [--listen ADDR]`: one thread that never sleeps and asks everybody all the time.

use busy_poll_server::{Client, on_readable, on_writable, prepare};
use conversation::{Conversation, RECEIVE_SIZE};
use shared::server::{self, ACCEPTS_PER_TURN};
use std::io;
use std::net::TcpListener;
use std::process::ExitCode;

const NAME: &str = "busy-poll-server";

fn main() -> ExitCode {
    let about = "Answers every line with its ROT13: one thread, which never sleeps";
    server::main(NAME, about, serve)
}
// ANCHOR_END: head

// ANCHOR: serve
fn serve(listener: TcpListener) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let mut clients: Vec<Client> = Vec::new();
    let mut buffer = vec![0; RECEIVE_SIZE];
    server::announce(listener.local_addr()?)?;
    loop {
        for (stream, conversation) in &mut clients {
            on_readable(stream, conversation, &mut buffer);
            on_writable(stream, conversation);
        }
        clients.retain(|(_, conversation)| !conversation.is_done());
        accept(&listener, &mut clients);
    }
}
// ANCHOR_END: serve

// ANCHOR: accept
/// Accepts clients who wait, until there are no more, or enough for one turn.
fn accept(listener: &TcpListener, clients: &mut Vec<Client>) {
    for _ in 0..ACCEPTS_PER_TURN {
        // Whoever cannot be accepted now is asked for again in the next round.
        let Ok((stream, _)) = listener.accept() else {
            return;
        };
        // A client may have left while it waited.
        if prepare(&stream).is_ok() {
            clients.push((stream, Conversation::new()));
        }
    }
}
// ANCHOR_END: accept
