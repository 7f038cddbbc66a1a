use crate::bug::Bug;
use std::io::{self, BufRead, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

/// How much is received at a time, in bytes.
const RECEIVE_SIZE: usize = 64 * 1024;
/// The published client's buffer without its terminator, in bytes.
const SHORT: usize = 1_023;
/// How rarely a byte is lost, in bytes.
const RARELY: usize = 5_000_000;

/// How far the sender has come.
#[derive(Default)]
struct Said {
    bytes: AtomicUsize,
    newlines: AtomicUsize,
    all: AtomicBool,
}

/// Says standard input to the server and prints what it answers.
pub(crate) fn talk(address: &str, bug: Bug) -> io::Result<()> {
    let server = connect(address, bug)?;
    server.set_nodelay(true)?;
    match bug {
        Bug::WaitsForGreeting => loop {
            thread::park();
        },
        Bug::Prompts => print!("> "),
        Bug::Talkative => eprintln!("connected to {address}"),
        Bug::ClientShortBuffer => return talk_in_short_pieces(&server),
        _ => {}
    }
    let said = Arc::new(Said::default());
    let mut sender = None;
    if bug == Bug::SaysAllFirst {
        send_standard_input(&server, &said, bug)?;
    } else {
        // Where sending breaks off, the receiver learns why.
        let (server, said) = (server.try_clone()?, Arc::clone(&said));
        sender = Some(thread::spawn(move || {
            send_standard_input(&server, &said, bug)
        }));
    }
    let (received, received_newlines) = print_answers(&server, &said, bug)?;
    if bug == Bug::WaitsForInput
        && let Some(sender) = sender
    {
        let _ = sender.join();
    }
    // The sender may sleep in a read of a terminal for ever.
    let is_all_said = said.all.load(Ordering::SeqCst);
    let (mut sent, mut received) = (said.bytes.load(Ordering::SeqCst), received);
    let newlines = said.newlines.load(Ordering::SeqCst);
    if bug != Bug::ComparesTotals {
        sent -= newlines;
        received -= received_newlines;
    }
    let is_all = is_all_said && received >= sent && received_newlines >= newlines;
    if is_all || bug == Bug::EarlyEndIsSuccess {
        return Ok(());
    }
    Err(io::Error::other(match bug {
        Bug::EarlyEndUnexplained => "something went wrong".to_owned(),
        _ => {
            format!("{address} closed the connection early: {received} of {sent} bytes answered")
        }
    }))
}

fn connect(address: &str, bug: Bug) -> io::Result<TcpStream> {
    TcpStream::connect(address).map_err(|error| match bug {
        Bug::RefusedPanics => panic!("called `Result::unwrap()` on an `Err` value: {error:?}"),
        Bug::RefusedUnexplained => error,
        _ => io::Error::other(format!("cannot connect to {address}: {error}")),
    })
}

fn send_standard_input(mut server: &TcpStream, said: &Said, bug: Bug) -> io::Result<()> {
    let mut input = io::stdin().lock();
    let mut kept = Vec::new();
    loop {
        let mut line = Vec::new();
        if input.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let is_tail = line.last() != Some(&b'\n');
        match bug {
            Bug::TailUnsent if is_tail => break,
            Bug::NewlineAdded if is_tail => line.push(b'\n'),
            Bug::TakesBytesForText => line = String::from_utf8_lossy(&line).into_owned().into(),
            _ => {}
        }
        if bug == Bug::InputAtEnd {
            kept.append(&mut line);
        }
        server.write_all(&line)?;
        said.bytes.fetch_add(line.len(), Ordering::SeqCst);
        said.newlines
            .fetch_add(newlines_in(&line), Ordering::SeqCst);
    }
    server.write_all(&kept)?;
    said.bytes.fetch_add(kept.len(), Ordering::SeqCst);
    said.newlines
        .fetch_add(newlines_in(&kept), Ordering::SeqCst);
    said.all.store(true, Ordering::SeqCst);
    if bug != Bug::NeverHalfCloses {
        server.shutdown(Shutdown::Write)?;
    }
    Ok(())
}

fn newlines_in(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte == b'\n').count()
}

/// Prints what comes until the server closes; returns how much it was, in bytes, and how many of
/// them were newlines.
fn print_answers(mut server: &TcpStream, said: &Said, bug: Bug) -> io::Result<(usize, usize)> {
    let mut buffer = vec![0; RECEIVE_SIZE];
    let mut kept = Vec::new();
    let (mut received, mut newlines) = (0, 0);
    loop {
        let mut length = server.read(&mut buffer)?;
        if bug == Bug::CountsBytes && said.all.load(Ordering::SeqCst) {
            length = length.min(said.bytes.load(Ordering::SeqCst) - received);
        }
        if length == 0 {
            print(&kept)?;
            return Ok((received, newlines));
        }
        received += length;
        newlines += newlines_in(&buffer[..length]);
        match bug {
            Bug::AnswersAtEnd => kept.extend_from_slice(&buffer[..length]),
            Bug::LosesAByte if received / RARELY > (received - length) / RARELY => {
                print(&buffer[..length - 1])?;
            }
            _ => print(&buffer[..length])?,
        }
    }
}

fn print(bytes: &[u8]) -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(bytes)?;
    output.flush()
}

/// As the published client does: what fits into its buffer is sent, and as many bytes are awaited.
fn talk_in_short_pieces(mut server: &TcpStream) -> io::Result<()> {
    let mut input = io::stdin().lock();
    loop {
        let mut piece = Vec::new();
        input
            .by_ref()
            .take(SHORT as u64)
            .read_until(b'\n', &mut piece)?;
        if piece.is_empty() {
            return Ok(());
        }
        server.write_all(&piece)?;
        server.read_exact(&mut piece)?;
        print(&piece)?;
    }
}
