//! `mio-peer [--listen ADDR]`: the ROT13 line protocol on mio, the layer that tokio stands on.
//!
//! mio's events are edge-triggered: each tells of an arrival once, and whoever does not receive all
//! of it waits for ever. While answers are unsent nothing is received, and the rest is fetched
//! afterwards.

use conversation::LineCodec;
use mio::event::Event;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Registry, Token};
use shared::server;
use std::collections::HashMap;
use std::io::{self, ErrorKind, Read, Write};
use std::process::ExitCode;

const NAME: &str = "mio-peer";
const RECEIVE_SIZE: usize = 16 * 1024;
const LISTENER: Token = Token(0);

type Clients = HashMap<Token, Client>;

fn main() -> ExitCode {
    let about = "Answers every line with its ROT13: mio, one thread, edge-triggered";
    server::main(NAME, about, serve)
}

fn serve(listener: std::net::TcpListener) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let mut listener = TcpListener::from_std(listener);
    let mut poll = Poll::new()?;
    poll.registry()
        .register(&mut listener, LISTENER, Interest::READABLE)?;
    let (mut clients, mut next) = (Clients::new(), 1);
    let mut events = Events::with_capacity(1024);
    let mut buffer = vec![0; RECEIVE_SIZE];
    server::announce(address)?;
    loop {
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            told => told?,
        }
        for event in &events {
            if event.token() == LISTENER {
                accept(&listener, poll.registry(), &mut clients, &mut next)?;
            } else if let Some(client) = clients.get_mut(&event.token())
                && !client.go_on(event, &mut buffer).unwrap_or(false)
            {
                clients.remove(&event.token());
            }
        }
    }
}

/// All who wait: whoever is left out is not told of again.
fn accept(
    listener: &TcpListener,
    registry: &Registry,
    clients: &mut Clients,
    next: &mut usize,
) -> io::Result<()> {
    loop {
        let (mut stream, _) = match listener.accept() {
            Ok(accepted) => accepted,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) if server::must_rest(&error) => {
                std::thread::sleep(server::REST);
                continue;
            }
            Err(_) => continue,
        };
        let token = Token(*next);
        *next += 1;
        if stream.set_nodelay(true).is_ok() {
            registry.register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
            let client = Client {
                stream,
                codec: LineCodec::new(),
                unsent: Vec::new(),
                has_said_all: false,
            };
            clients.insert(token, client);
        }
    }
}

struct Client {
    stream: TcpStream,
    codec: LineCodec,
    unsent: Vec<u8>,
    has_said_all: bool,
}

impl Client {
    /// Is it to be gone on with?
    fn go_on(&mut self, event: &Event, buffer: &mut [u8]) -> io::Result<bool> {
        self.send()?;
        while self.unsent.is_empty() && !self.has_said_all {
            let length = match self.stream.read(buffer) {
                Ok(length) => length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            };
            self.has_said_all = length == 0;
            self.unsent = match length {
                0 => self.codec.finish(),
                _ => self.codec.feed(&buffer[..length]),
            };
            self.send()?;
            // Less than there was room for: what comes later is told anew. An end that was told
            // with this arrival is not.
            if length < buffer.len() && !event.is_read_closed() {
                break;
            }
        }
        Ok(!self.has_said_all || !self.unsent.is_empty())
    }

    fn send(&mut self) -> io::Result<()> {
        while !self.unsent.is_empty() {
            match self.stream.write(&self.unsent) {
                Ok(taken) if taken == self.unsent.len() => self.unsent = Vec::new(),
                Ok(taken) => drop(self.unsent.drain(..taken)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
