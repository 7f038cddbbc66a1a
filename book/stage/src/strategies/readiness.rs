//! Chapters 3 and 4: one process asks who is ready, or asks everybody.

use crate::call::{Errno, Fd, Interest, LISTENER};
use crate::process::Sys;
use conversation::{Conversation, RECEIVE_SIZE, RECEIVES_PER_TURN};
use std::mem;

/// As the steps have it: `shared::server::ACCEPTS_PER_TURN`.
pub(super) const ACCEPTS_PER_TURN: usize = 16;

pub(super) type Client = (Fd, Conversation);

/// Step 03's `on_readable`, line by line.
pub(super) async fn on_readable(sys: &Sys, fd: Fd, conversation: &mut Conversation) {
    let nothing_waits = !conversation.wants_write();
    for _ in 0..RECEIVES_PER_TURN {
        if !conversation.wants_read() {
            break;
        }
        match sys.recv("recv", fd, false).await {
            Ok(bytes) if bytes.is_empty() => conversation.finish(),
            Ok(bytes) => {
                conversation.receive(&bytes);
                if bytes.len() < RECEIVE_SIZE {
                    break;
                }
            }
            Err(Errno::WouldBlock) => break,
            Err(_) => conversation.abort(),
        }
    }
    if nothing_waits {
        on_writable(sys, fd, conversation).await;
    }
}

/// Step 03's `on_writable`.
pub(super) async fn on_writable(sys: &Sys, fd: Fd, conversation: &mut Conversation) {
    if conversation.wants_write() {
        match sys.send("send", fd, conversation.unsent(), false).await {
            Ok(taken) => conversation.sent(taken),
            Err(Errno::WouldBlock) => {}
            Err(_) => conversation.abort(),
        }
    }
}

/// What a conversation waits for.
pub(super) fn interest(conversation: &Conversation) -> Interest {
    Interest {
        read: conversation.wants_read(),
        write: conversation.wants_write(),
    }
}

/// Closes the connections that are over.
async fn retain(sys: &Sys, clients: &mut Vec<Client>) {
    for (fd, conversation) in mem::take(clients) {
        if conversation.is_done() {
            sys.close("retain", fd).await;
        } else {
            clients.push((fd, conversation));
        }
    }
}

async fn accept(sys: &Sys, clients: &mut Vec<Client>) {
    for _ in 0..ACCEPTS_PER_TURN {
        let Ok(fd) = sys.accept("accept", false).await else {
            return;
        };
        clients.push((fd, Conversation::new()));
    }
}

pub(super) async fn busy_poll(sys: Sys) {
    let mut clients: Vec<Client> = Vec::new();
    loop {
        for (fd, conversation) in &mut clients {
            on_readable(&sys, *fd, conversation).await;
            on_writable(&sys, *fd, conversation).await;
        }
        retain(&sys, &mut clients).await;
        accept(&sys, &mut clients).await;
    }
}

pub(super) async fn select(sys: Sys) {
    let mut clients = Vec::new();
    loop {
        let ready = sys.select("wait", asked(&clients)).await;
        turn(&sys, &mut clients, &ready).await;
    }
}

pub(super) async fn poll(sys: Sys) {
    let mut clients = Vec::new();
    loop {
        let ready = sys.poll("wait", asked(&clients)).await;
        turn(&sys, &mut clients, &ready).await;
    }
}

/// The question, made anew each time.
fn asked(clients: &[Client]) -> Vec<(Fd, Interest)> {
    let listener = (LISTENER, Interest::READ);
    let clients = clients.iter().map(|(fd, it)| (*fd, interest(it)));
    [listener].into_iter().chain(clients).collect()
}

/// What both do with the answer.
async fn turn(sys: &Sys, clients: &mut Vec<Client>, ready: &[(Fd, Interest)]) {
    let ready = |fd: Fd| {
        let found = ready.iter().find(|it| it.0 == fd);
        found.map_or(Interest::default(), |it| it.1)
    };
    for (fd, conversation) in clients.iter_mut() {
        let ready = ready(*fd);
        if ready.read {
            on_readable(sys, *fd, conversation).await;
        }
        if ready.write {
            on_writable(sys, *fd, conversation).await;
        }
    }
    let listener = ready(LISTENER).read;
    retain(sys, clients).await;
    if listener {
        accept(sys, clients).await;
    }
}
