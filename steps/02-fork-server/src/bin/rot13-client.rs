// ANCHOR: head
//! `rot13-client [ADDR]`: says standard input to a server, prints what it answers.

use anyhow::{Context, Result, anyhow, bail};
use shared::command_line::{self, HostPort};
use shared::{Tally, client, server};
use std::io::{self, BufRead, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

const NAME: &str = "rot13-client";

/// How much is read at a time, in bytes.
const READ_SIZE: usize = 64 * 1024;

#[derive(clap::Parser)]
struct CommandLine {
    /// The server's address, HOST:PORT
    #[arg(value_name = "ADDR", default_value = server::DEFAULT_ADDRESS, value_parser = command_line::server)]
    address: HostPort,
}

fn main() -> ExitCode {
    let about = "Sends standard input to a ROT13 server, line by line, and prints its answers";
    let CommandLine { address } = command_line::parse(NAME, about);
    match talk(&address) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            server::warn(NAME, &format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
// ANCHOR_END: head

// ANCHOR: talk
/// Two streams flow at once, so each has a thread. Sending all first and receiving afterwards
/// would end in a deadlock: the server waits to get rid of its answers, the client of its lines.
fn talk(address: &HostPort) -> Result<()> {
    let server = client::connect(address).map_err(|error| match error.kind() {
        ErrorKind::ConnectionRefused => {
            anyhow!("cannot connect to {address}: {error} (start a server: cargo run -- run 2)")
        }
        _ => anyhow!("cannot connect to {address}: {error}"),
    })?;
    server.set_nodelay(true)?;
    let is_all_said = Arc::new(AtomicBool::new(false));
    let sender = {
        let (server, is_all_said) = (server.try_clone()?, Arc::clone(&is_all_said));
        thread::Builder::new().spawn(move || send_standard_input(server, &is_all_said))
    }
    .context("cannot start a thread")?;
    let Some(answered) = print_answers(server, address)? else {
        return Ok(()); // nobody reads our output any more
    };
    if !is_all_said.load(Ordering::SeqCst) {
        // The sender may sleep in a read of the terminal for ever: it is not waited for.
        bail!("{address} closed the connection early: not all had been said");
    }
    let said = sender.join().expect("the sender does not panic")?;
    match said.fault(answered) {
        None => Ok(()),
        Some(fault) => bail!("{address} {fault}"),
    }
}

// ANCHOR_END: talk

// ANCHOR: say
/// Sends standard input as it comes (from a terminal: line by line), then half-closes.
fn send_standard_input(mut server: TcpStream, is_all_said: &AtomicBool) -> Result<Tally> {
    let mut said = Tally::default();
    let mut input = io::stdin().lock();
    let ended = loop {
        let bytes = match input.fill_buf() {
            Ok([]) => break Ok(()),
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => break Err(error),
        };
        if server.write_all(bytes).is_err() {
            // The receiving side learns the reason as well, and tells it.
            return Ok(said);
        }
        said.count(bytes);
        let length = bytes.len();
        input.consume(length);
    };
    // Whatever ended the input, there is nothing more to say, and the server may go home.
    is_all_said.store(true, Ordering::SeqCst);
    let _ = server.shutdown(Shutdown::Write);
    ended.context("cannot read standard input")?;
    Ok(said)
}

// ANCHOR_END: say

// ANCHOR: hear
/// Prints what comes until the server closes; returns how much it was, or `None` when standard
/// output was closed before (as by `| head -1`).
fn print_answers(mut server: TcpStream, address: &HostPort) -> Result<Option<Tally>> {
    let mut buffer = vec![0; READ_SIZE];
    let mut answered = Tally::default();
    loop {
        let length = match server.read(&mut buffer) {
            Ok(0) => return Ok(Some(answered)),
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => {
                return Err(error).context(format!("{address} closed the connection early"));
            }
        };
        answered.count(&buffer[..length]);
        let mut output = io::stdout().lock();
        match output
            .write_all(&buffer[..length])
            .and_then(|()| output.flush())
        {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(None),
            Err(error) => return Err(error).context("cannot write standard output"),
        }
    }
}
// ANCHOR_END: hear
