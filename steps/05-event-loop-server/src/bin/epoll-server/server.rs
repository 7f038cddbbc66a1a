// ANCHOR: head
#![cfg(target_os = "linux")]

use busy_poll_server::{Client, on_readable, on_writable, prepare};
use conversation::{Conversation, RECEIVE_SIZE};
use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags};
use select_server::Rest;
use shared::server::{self, ACCEPTS_PER_TURN};
use std::collections::HashMap;
use std::io;
use std::net::TcpListener;
use std::os::fd::AsRawFd;

/// The clients, by what the kernel gives back with each event: the number of the descriptor.
type Clients = HashMap<u64, Client>;
/// The same for the listener: no descriptor has this number.
const LISTENER: u64 = u64::MAX;
/// How many of those who are ready are reported at a time; the others come with the next wait.
const EVENTS: usize = 256;
// ANCHOR_END: head

// ANCHOR: serve
pub(crate) fn serve(listener: TcpListener) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let mut clients = Clients::new();
    let mut buffer = vec![0; RECEIVE_SIZE];
    let mut rest = Rest::default();
    let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
    epoll.add(&listener, EpollEvent::new(EpollFlags::EPOLLIN, LISTENER))?;
    server::announce(listener.local_addr()?)?;
    // ANCHOR: task-epoll
    let mut events = [EpollEvent::empty(); EVENTS];
    loop {
        if rest.end_if_over() {
            let mut listening = EpollEvent::new(EpollFlags::EPOLLIN, LISTENER);
            epoll.modify(&listener, &mut listening)?;
        }
        let ready = match epoll.wait(&mut events, rest.time_out()) {
            Ok(count) => &events[..count],
            // A signal came before anybody was ready.
            Err(Errno::EINTR) => &[],
            Err(error) => return Err(error.into()),
        };
        for event in ready {
            match event.data() {
                LISTENER => accept(&epoll, &listener, &mut clients, &mut rest)?,
                client => go_on(&epoll, &mut clients, client, event.events(), &mut buffer),
            }
        }
    }
    // ANCHOR_END: task-epoll
}
// ANCHOR_END: serve

// ANCHOR: go_on
/// A client is ready: its conversation goes on, and the kernel is told if it waits for something else
/// now.
fn go_on(epoll: &Epoll, clients: &mut Clients, client: u64, ready: EpollFlags, buffer: &mut [u8]) {
    let Some((stream, conversation)) = clients.get_mut(&client) else {
        return; // it does not happen: nothing but a client's own entry removes it
    };
    let before = interest(conversation);
    // A hang-up or an error is reported without being asked for: the next receive or send returns it.
    let broken = EpollFlags::EPOLLHUP | EpollFlags::EPOLLERR;
    if ready.intersects(EpollFlags::EPOLLIN | broken) {
        on_readable(stream, conversation, buffer);
    }
    if ready.intersects(EpollFlags::EPOLLOUT | broken) {
        on_writable(stream, conversation);
    }
    let now = interest(conversation);
    let mut changed = EpollEvent::new(now, client);
    if conversation.is_done() || now != before && epoll.modify(&*stream, &mut changed).is_err() {
        clients.remove(&client);
    }
}

/// What a conversation waits for.
fn interest(conversation: &Conversation) -> EpollFlags {
    let mut interest = EpollFlags::empty();
    interest.set(EpollFlags::EPOLLIN, conversation.wants_read());
    interest.set(EpollFlags::EPOLLOUT, conversation.wants_write());
    interest
}
// ANCHOR_END: go_on

// ANCHOR: accept
/// Accepts clients who wait, until there are no more, or enough for one turn.
fn accept(
    epoll: &Epoll,
    listener: &TcpListener,
    clients: &mut Clients,
    rest: &mut Rest,
) -> io::Result<()> {
    for _ in 0..ACCEPTS_PER_TURN {
        let stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(error) => {
                rest.begin_if_scarce(&error);
                break;
            }
        };
        let conversation = Conversation::new();
        let client = stream.as_raw_fd() as u64;
        let event = EpollEvent::new(interest(&conversation), client);
        // A client may have left while it waited. One that the kernel cannot watch cannot be served.
        if prepare(&stream).is_ok() && epoll.add(&stream, event).is_ok() {
            clients.insert(client, (stream, conversation));
        }
    }
    if rest.is_on() {
        let mut nothing = EpollEvent::new(EpollFlags::empty(), LISTENER);
        epoll.modify(listener, &mut nothing)?;
    }
    Ok(())
}
// ANCHOR_END: accept
