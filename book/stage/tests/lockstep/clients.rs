//! Clients of the real server, who do what those of the model do.

use crate::PATIENCE;
use crate::script::CLIENTS;
use conversation::LineCodec;
use nix::libc;
use nix::sys::socket::{setsockopt, sockopt};
use stage::{Act, Action, Machine};
use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Instant;
use subject::poll_until;

/// What is said on and on.
const LINE: &[u8] = b"on and on\n";

pub(crate) struct Clients {
    server: SocketAddr,
    clients: Vec<Client>,
}

#[derive(Default)]
struct Client {
    stream: Option<TcpStream>,
    is_in_a_line: bool,
    has_paused: bool,
    heard: Vec<u8>,
    /// Lines that are being said, and how many bytes have been said of all lines.
    rest: Vec<u8>,
    said: usize,
    /// It has read the end, and left.
    is_closed: bool,
}

impl Clients {
    pub(crate) fn new(server: SocketAddr) -> Clients {
        let clients = (0..CLIENTS).map(|_| Client::default()).collect();
        Clients { server, clients }
    }

    /// A client comes; tells its port.
    pub(crate) fn connect(&mut self, client: usize) -> u16 {
        let stream = TcpStream::connect(self.server).expect("the server listens");
        stream.set_nonblocking(true).expect("it is open");
        stream.set_nodelay(true).expect("it is open");
        let port = stream.local_addr().expect("it is open").port();
        self.clients[client - 1] = Client {
            stream: Some(stream),
            ..Client::default()
        };
        port
    }

    pub(crate) fn act(&mut self, Action { client, act }: Action) {
        let client = &mut self.clients[client - 1];
        match act {
            Act::Half => client.say(b"Hel"),
            Act::Line if client.is_in_a_line => client.say(b"lo\n"),
            Act::Line => client.say(b"Hello\n"),
            Act::Burst => client.say(b"one\ntwo\nthree\n"),
            Act::Block => {
                let line = [[b'x'; 63].as_slice(), b"\n"].concat();
                client.say(&line.repeat(1024));
            }
            Act::Pause => client.has_paused = true,
            Act::Resume => client.has_paused = false,
            Act::HalfClose => {
                let stream = client.stream.as_ref().expect("it is there");
                stream.shutdown(Shutdown::Write).expect("it is open");
            }
            Act::Reset => client.break_off(),
            Act::Connect => unreachable!("it has a port to tell"),
        }
    }

    /// Waits until the server's kernel has all that a client has said.
    pub(crate) fn wait_until_all_has_come(&self, client: usize) {
        let stream = self.clients[client - 1].stream.as_ref();
        let port = stream
            .and_then(|it| it.local_addr().ok())
            .map(|it| it.port());
        let (from, to) = (port.expect("it is there"), self.server.port());
        let has_come = poll_until(Instant::now() + PATIENCE, || unacknowledged(from, to) == 0);
        assert!(has_come, "what client {client} says does not come");
    }

    /// Says as much as there is room for. Was there any?
    pub(crate) fn say_on(&mut self, client: usize) -> bool {
        let it = &mut self.clients[client - 1];
        if it.rest.is_empty() {
            it.rest = LINE.repeat(64 * 1024);
        }
        it.say_the_rest()
    }

    /// Says the rest of what it has begun, as much as there is room for. Was there any?
    pub(crate) fn say_the_rest(&mut self, client: usize) -> bool {
        self.clients[client - 1].say_the_rest()
    }

    /// Reads what has come. Has anything?
    pub(crate) fn hear(&mut self, client: usize) -> bool {
        let client = &mut self.clients[client - 1];
        let before = client.heard.len();
        client.hear();
        client.heard.len() > before
    }

    /// Has it read an answer to every line that it has said on and on?
    pub(crate) fn has_heard_all(&self, client: usize) -> bool {
        let client = &self.clients[client - 1];
        let answer = LineCodec::new().feed(LINE);
        let mut answers = client.heard.chunks(LINE.len());
        client.heard.len() == client.said && answers.all(|it| it == answer)
    }

    /// Reads what has come. Has everybody read by now what its like in the model has?
    pub(crate) fn agree_with(&mut self, machine: &Machine) -> bool {
        self.clients.iter_mut().for_each(Client::hear);
        self.difference_to(machine).is_ok()
    }

    pub(crate) fn difference_to(&self, machine: &Machine) -> Result<(), String> {
        for (number, client) in (1..).zip(&self.clients) {
            if client.stream.is_none() && !client.is_closed {
                continue; // it has not come, or it has broken off
            }
            let expected = machine.heard(number);
            if client.heard != expected {
                let of = expected.len();
                let heard = client.heard.len();
                return Err(format!("client {number} has read {heard} bytes, not {of}"));
            }
            // Who does not read does not see the end.
            let is_closed = machine.is_closed(number) && !client.has_paused;
            if client.is_closed != is_closed {
                let by = if is_closed { "the model" } else { "the server" };
                return Err(format!("client {number} is sent away by {by} alone"));
            }
        }
        Ok(())
    }
}

impl Client {
    fn say(&mut self, mut bytes: &[u8]) {
        self.is_in_a_line = !bytes.ends_with(b"\n");
        let mut stream = self.stream.as_ref().expect("it is there");
        let is_said = poll_until(Instant::now() + PATIENCE, || {
            match stream.write(bytes) {
                Ok(taken) => bytes = &bytes[taken..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => panic!("a client cannot speak: {error}"),
            }
            bytes.is_empty()
        });
        assert!(is_said, "a client cannot say all");
    }

    fn say_the_rest(&mut self) -> bool {
        let mut stream = self.stream.as_ref().expect("it is there");
        match stream.write(&self.rest) {
            Ok(taken) => {
                self.rest.drain(..taken);
                self.said += taken;
                taken > 0
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => false,
            Err(error) => panic!("a client cannot speak: {error}"),
        }
    }

    fn hear(&mut self) {
        let mut buffer = [0; 16 * 1024];
        while !self.has_paused
            && let Some(mut stream) = self.stream.as_ref()
        {
            match stream.read(&mut buffer) {
                Ok(0) => {
                    self.is_closed = true;
                    self.stream = None;
                }
                Ok(length) => self.heard.extend(&buffer[..length]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => panic!("a client cannot hear: {error}"),
            }
        }
    }

    fn break_off(&mut self) {
        let stream = self.stream.take().expect("it is there");
        let linger = libc::linger {
            l_onoff: 1,
            l_linger: 0,
        };
        setsockopt(&stream, sockopt::Linger, &linger).expect("it is open");
        *self = Client::default();
    }
}

/// How many bytes are on their way from one port to another (`proc(5)`, `/proc/net/tcp`).
fn unacknowledged(from: u16, to: u16) -> u64 {
    let sockets = fs::read_to_string("/proc/net/tcp").expect("there is /proc");
    let port = |address: &str| u16::from_str_radix(address.split_once(':')?.1, 16).ok();
    let queue = sockets.lines().skip(1).find_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let ends = (port(fields.next()?)?, port(fields.next()?)?);
        let queues = fields.nth(1)?;
        let sending = queues.split_once(':')?.0;
        (ends == (from, to)).then(|| u64::from_str_radix(sending, 16).unwrap_or(u64::MAX))
    });
    queue.expect("it is connected")
}
