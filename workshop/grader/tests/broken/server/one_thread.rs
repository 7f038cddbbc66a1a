use crate::bug::Bug;
use crate::command_line::Way;
use crate::lines::Lines;
use nix::sys::select::{FD_SETSIZE, FdSet, select};
use nix::unistd::fork;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsFd, AsRawFd};
use std::thread;
use std::time::Duration;

/// How long a nap is.
const NAP: Duration = Duration::from_millis(10);
/// How many descriptors a small set has room for.
const SMALL: usize = 256;
/// How much is received at a time, in bytes.
const RECEIVE_SIZE: usize = 16 * 1024;

/// Serves all clients by the thread that there is, unless its bug is to have more.
pub(crate) fn serve(listener: &TcpListener, way: Way, bug: Bug) {
    let _ = listener.set_nonblocking(true);
    if bug == Bug::ChildInSecret {
        start_child();
    }
    let others = if bug == Bug::FourLoops { 3 } else { 0 };
    thread::scope(|loops| {
        for _ in 0..others {
            loops.spawn(|| go_round(listener, way, bug));
        }
        go_round(listener, way, bug);
    });
}

/// From here on there are two processes with one thread each.
#[allow(unsafe_code)]
fn start_child() {
    // SAFETY: no other thread runs, whose lock could stay locked in the child for ever.
    let _ = unsafe { fork() };
}

/// As simple as can be: after every wait each of the clients is asked.
fn go_round(listener: &TcpListener, way: Way, bug: Bug) {
    let (mut clients, mut kept) = (Vec::new(), Vec::new());
    let mut number = 0;
    loop {
        match way {
            _ if bug == Bug::NapsBetweenRounds => thread::sleep(NAP),
            Way::Select if bug != Bug::NeverSleeps => wait(listener, &clients),
            _ => {}
        }
        clients.retain_mut(Client::takes_its_turn);
        while let Ok((stream, _)) = listener.accept() {
            number += 1;
            match bug {
                Bug::FdsetOverflow if number > 1_000 => kept.push(stream),
                Bug::ClosesPastThousand if number > 1_000 => {}
                _ if has_room_for(&stream, bug) => clients.push(Client::new(stream, bug)),
                _ => {}
            }
        }
    }
}

fn has_room_for(stream: &TcpStream, bug: Bug) -> bool {
    let descriptor = stream.as_raw_fd() as usize;
    match bug {
        Bug::FdsetOffByOne => descriptor <= FD_SETSIZE,
        Bug::SmallSet => descriptor < SMALL,
        _ => descriptor < FD_SETSIZE,
    }
}

fn wait(listener: &TcpListener, clients: &[Client]) {
    let (mut readable, mut writable) = (FdSet::new(), FdSet::new());
    readable.insert(listener.as_fd());
    for client in clients {
        if !client.finished {
            readable.insert(client.stream.as_fd());
        }
        if !client.unsent.is_empty() {
            writable.insert(client.stream.as_fd());
        }
    }
    let _ = select(None, &mut readable, &mut writable, None, None);
}

struct Client {
    stream: TcpStream,
    lines: Lines,
    unsent: Vec<u8>,
    finished: bool,
}

impl Client {
    fn new(stream: TcpStream, bug: Bug) -> Client {
        let _ = stream.set_nonblocking(true);
        Client {
            stream,
            lines: Lines::new(bug),
            unsent: Vec::new(),
            finished: false,
        }
    }

    /// Receives and sends what can be; false when the conversation is over.
    fn takes_its_turn(&mut self) -> bool {
        let mut buffer = [0; RECEIVE_SIZE];
        if !self.finished {
            match self.stream.read(&mut buffer) {
                Ok(0) => {
                    self.finished = true;
                    self.unsent.extend(self.lines.finish());
                }
                Ok(length) => self.unsent.extend(self.lines.take(&buffer[..length])),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => return false,
            }
        }
        if !self.unsent.is_empty() {
            match self.stream.write(&self.unsent) {
                Ok(taken) => drop(self.unsent.drain(..taken)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => return false,
            }
        }
        !self.finished || !self.unsent.is_empty()
    }
}
