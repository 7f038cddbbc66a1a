use anyhow::{Context, Result, bail};
use grader::model;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use shared::client::to_somebody_else;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

/// A line of 64 bytes, its newline counted.
const LINE: &[u8; 64] = b"The quick brown fox jumps over the lazy dog, and then once more\n";
/// How long no answer must come for the server to be given up, in milliseconds.
const PATIENCE: u16 = 5_000;

/// How many lines a second the server answers `count` clients, of which each waits for its answer
/// before it says the next line. Every byte is compared.
pub(super) fn lines_per_second(address: SocketAddr, count: usize, time: Duration) -> Result<f64> {
    let streams = connect(address, count)?;
    let mut watched: Vec<PollFd> = streams
        .iter()
        .map(|stream| PollFd::new(stream.as_fd(), PollFlags::POLLIN))
        .collect();
    let mut clients: Vec<Client> = streams.iter().map(Client::new).collect();
    let answer = model::owed(LINE, true);
    let mut answered = 0;
    let start = Instant::now();
    for client in &mut clients {
        client.say()?;
    }
    while start.elapsed() < time {
        if poll(&mut watched, PollTimeout::from(PATIENCE))? == 0 {
            bail!("the server has not answered for {PATIENCE} ms");
        }
        for (client, watched) in clients.iter_mut().zip(&watched) {
            if watched.any() == Some(true) && client.hear(&answer)? {
                answered += 1;
                client.say()?;
            }
        }
    }
    Ok(f64::from(answered) / start.elapsed().as_secs_f64())
}

fn connect(address: SocketAddr, count: usize) -> Result<Vec<TcpStream>> {
    let mut streams = Vec::new();
    for number in 1..=count {
        let stream = TcpStream::connect(address)
            .and_then(to_somebody_else)
            .with_context(|| format!("cannot connect client {number} of {count} to {address}"))?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        streams.push(stream);
    }
    Ok(streams)
}

struct Client<'a> {
    stream: &'a TcpStream,
    /// How much of the current line's answer has come, in bytes.
    heard: usize,
}

impl Client<'_> {
    fn new(stream: &TcpStream) -> Client<'_> {
        Client { stream, heard: 0 }
    }

    fn say(&mut self) -> Result<()> {
        self.heard = 0;
        // A line is far smaller than a socket's buffer, which is empty: it is taken whole.
        self.stream
            .write_all(LINE)
            .context("cannot send to the server")
    }

    /// Receives what has come; true when that completes the answer.
    fn hear(&mut self, answer: &[u8]) -> Result<bool> {
        let mut buffer = [0; LINE.len()];
        let length = match self.stream.read(&mut buffer) {
            Ok(0) => bail!("the server has closed the connection under load"),
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error).context("cannot receive from the server"),
        };
        if answer.get(self.heard..self.heard + length) != Some(&buffer[..length]) {
            bail!("the server has answered wrongly under load");
        }
        self.heard += length;
        Ok(self.heard == LINE.len())
    }
}
