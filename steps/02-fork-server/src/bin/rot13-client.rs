// ANCHOR: head
//! `rot13-client [ADDR]`: says standard input to a server, prints what it answers.

use anyhow::{Context, Result, anyhow, bail};
use clap::Parser;
use std::io::{self, BufRead, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

/// How much is read at a time, in bytes.
const READ_SIZE: usize = 64 * 1024;

/// Sends standard input to a ROT13 server, line by line, and prints its answers
#[derive(Parser)]
#[command(name = "rot13-client", version)]
struct CommandLine {
    /// The server's address, HOST:PORT
    #[arg(value_name = "ADDR", default_value = shared::server::DEFAULT_ADDRESS)]
    address: String,
}

fn main() -> ExitCode {
    let CommandLine { address } = CommandLine::parse();
    match talk(&address) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "rot13-client: {error:#}");
            ExitCode::FAILURE
        }
    }
}
// ANCHOR_END: head

// ANCHOR: talk
/// Two streams flow at once, so each has a thread. Sending all first and receiving afterwards
/// would end in a deadlock: the server waits to get rid of its answers, the client of its lines.
fn talk(address: &str) -> Result<()> {
    let server = TcpStream::connect(address).map_err(|error| match error.kind() {
        ErrorKind::ConnectionRefused => {
            anyhow!("cannot connect to {address}: {error} (start a server: cargo run -- run 2)")
        }
        _ => anyhow!("cannot connect to {address}: {error}"),
    })?;
    server.set_nodelay(true)?;
    let said = Arc::new(Said::default());
    let sender = {
        let (server, said) = (server.try_clone()?, Arc::clone(&said));
        thread::spawn(move || send_standard_input(server, &said))
    };
    let Some(received) = print_answers(server, address)? else {
        return Ok(()); // nobody reads our output any more
    };
    if !said.all.load(Ordering::SeqCst) {
        // The sender may sleep in a read of the terminal for ever: it is not waited for.
        bail!("{address} closed the connection early: not all had been said");
    }
    sender.join().expect("the sender does not panic")?;
    // A server may insert newlines into long lines; it never answers with fewer bytes.
    let sent = said.bytes.load(Ordering::SeqCst);
    if received < sent {
        bail!("{address} closed the connection early: {received} of {sent} bytes answered");
    }
    Ok(())
}

/// How far the sender has come.
#[derive(Default)]
struct Said {
    bytes: AtomicU64,
    all: AtomicBool,
}

/// Sends standard input as it comes (from a terminal: line by line), then half-closes.
fn send_standard_input(mut server: TcpStream, said: &Said) -> Result<()> {
    let mut input = io::stdin().lock();
    let ended = loop {
        let bytes = match input.fill_buf() {
            Ok([]) => break Ok(()),
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => break Err(error),
        };
        if server.write_all(bytes).is_err() {
            // Why, the receiving side learns as well, and tells.
            return Ok(());
        }
        let length = bytes.len();
        said.bytes.fetch_add(length as u64, Ordering::SeqCst);
        input.consume(length);
    };
    // Whatever ended the input, there is nothing more to say, and the server may go home.
    said.all.store(true, Ordering::SeqCst);
    let _ = server.shutdown(Shutdown::Write);
    ended.context("cannot read standard input")
}

/// Prints what comes until the server closes; returns how much it was, in bytes, or `None` when
/// standard output was closed before (as by `| head -1`).
fn print_answers(mut server: TcpStream, address: &str) -> Result<Option<u64>> {
    let mut buffer = vec![0; READ_SIZE];
    let mut received = 0;
    loop {
        let length = match server.read(&mut buffer) {
            Ok(0) => return Ok(Some(received)),
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => {
                return Err(error).context(format!("{address} closed the connection early"));
            }
        };
        received += length as u64;
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
// ANCHOR_END: talk
