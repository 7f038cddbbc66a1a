// ANCHOR: head
//! `blocking-client [--timeout SECONDS] [HOST[:PORT]] [PATH]`: four calls, one after another.
//!
//! Each of the four may put this process to sleep, and while it sleeps it does nothing else: that
//! is what *blocking* means.

mod command_line;

use anyhow::{Context, Result, bail};
use command_line::CommandLine;
use shared::client::to_somebody_else;
use shared::command_line::{HostPort, parse};
use shared::server::warn;
use std::fmt::Display;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::process::ExitCode;
use std::time::Duration;

const NAME: &str = "blocking-client";

/// How much one `recv(2)` may bring, in bytes. However long the answer is, this is all the memory
/// that it takes.
const RECEIVE_SIZE: usize = 64 * 1024;
// ANCHOR_END: head

// ANCHOR: get
fn main() -> ExitCode {
    let about = "Gets one page over HTTP with blocking calls, and prints the answer as it comes, \
                 headers included";
    match get(&parse(NAME, about)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            warn(NAME, &format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Gets one page: a name, a connection, a request, an answer.
fn get(command_line: &CommandLine) -> Result<()> {
    let addresses = resolve(&command_line.server)?;
    let (mut server, address) = connect(&addresses, command_line.timeout)?;
    send(&mut server, address, command_line.request().as_bytes())?;
    receive(&mut server, address)
}
// ANCHOR_END: get

// ANCHOR: resolve
/// Asks the system which addresses the name has (`getaddrinfo(3)`).
///
/// It may find them in a file, or have to ask servers all over the world, and sleeps until one of
/// them has answered. No call says for how long: its patience is set for the whole system (`resolv.conf(5)`).
fn resolve(server: &HostPort) -> Result<Vec<SocketAddr>> {
    server
        .to_socket_addrs()
        .map(Iterator::collect)
        .with_context(|| format!("cannot resolve {}", server.host()))
}
// ANCHOR_END: resolve

// ANCHOR: connect
/// Tries the addresses in turn, IPv6 and IPv4 alike, until one of them answers (`connect(2)`).
///
/// The kernel sends a SYN and sleeps until the other side's SYN-ACK is here. From nobody, nothing
/// comes back, not even a no: Linux then asks again and again, and gives up after two minutes.
fn connect(addresses: &[SocketAddr], timeout: Option<Duration>) -> Result<(TcpStream, SocketAddr)> {
    let mut failures = Vec::new();
    for &address in addresses {
        // ANCHOR: task-time-outs
        let connected = match timeout {
            None => TcpStream::connect(address),
            Some(timeout) => TcpStream::connect_timeout(&address, timeout),
        };
        // ANCHOR_END: task-time-outs
        let connected = connected.and_then(to_somebody_else);
        match connected.and_then(|server| with_timeout(server, timeout)) {
            Ok(server) => return Ok((server, address)),
            Err(error) => failures.push(format!("cannot connect to {address}: {}", Reason(&error))),
        }
    }
    bail!(failures.join("; "))
}

/// From now on, no single `send` or `receive` sleeps for longer (SO_SNDTIMEO and SO_RCVTIMEO,
/// `socket(7)`).
fn with_timeout(server: TcpStream, timeout: Option<Duration>) -> io::Result<TcpStream> {
    server.set_read_timeout(timeout)?;
    server.set_write_timeout(timeout)?;
    Ok(server)
}
// ANCHOR_END: connect

// ANCHOR: send
/// Hands the kernel all of `request`, however little it takes at a time (`send(2)`).
///
/// It sleeps while the kernel's queue is full, that is, until the other side has read. If
/// something cuts that sleep short (Ctrl-Z will do), it returns with what the kernel has taken by
/// then, and the rest is our business. `write_all` is this loop; every other chapter calls it.
pub(crate) fn send(server: &mut impl Write, address: SocketAddr, request: &[u8]) -> Result<()> {
    let mut sent = 0;
    while sent < request.len() {
        match server.write(&request[sent..]) {
            // No socket does that, and what does would do so for ever.
            Ok(0) => bail!("cannot send to {address}: it takes nothing more"),
            Ok(taken) => sent += taken,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => bail!("cannot send to {address}: {}", Reason(&error)),
        }
    }
    Ok(())
}
// ANCHOR_END: send

// ANCHOR: receive
/// Copies what comes to standard output, as it comes, until the server closes (`recv(2)`).
///
/// It sleeps until there is something, and returns with what is there: one byte or thousands,
/// wherever the network has cut. A reader who has gone (`| head -1`) has seen enough.
fn receive(server: &mut TcpStream, address: SocketAddr) -> Result<()> {
    let mut buffer = vec![0; RECEIVE_SIZE];
    let mut received: u64 = 0;
    let mut output = io::stdout().lock();
    loop {
        let length = match server.read(&mut buffer) {
            Ok(0) if received == 0 => {
                bail!("cannot receive from {address}: it has closed without an answer")
            }
            Ok(0) => return Ok(()),
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => bail!(
                "cannot receive from {address}: {} ({received} bytes had come)",
                Reason(&error)
            ),
        };
        received += length as u64;
        let printed = output.write_all(&buffer[..length]);
        match printed.and_then(|()| output.flush()) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
            Err(error) => return Err(error).context("cannot write standard output"),
        }
    }
}
// ANCHOR_END: receive

// ANCHOR: reason
/// Why a call failed, in the system's words; except that a time-out is called one.
struct Reason<'a>(&'a io::Error);

impl Display for Reason<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0.kind() {
            // A call that has slept for as long as it may says "try again", EAGAIN (`socket(7)`).
            ErrorKind::WouldBlock | ErrorKind::TimedOut => formatter.write_str("timed out"),
            _ => self.0.fmt(formatter),
        }
    }
}
// ANCHOR_END: reason
