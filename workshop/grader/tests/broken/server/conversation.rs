use crate::answers::Answers;
use crate::bug::Bug;
use crate::lines::Lines;
use std::io::{self, ErrorKind, Read};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

/// How much is received at a time, in bytes.
const RECEIVE_SIZE: usize = 64 * 1024;

/// Talks with one client until it has said all, and answers all that it said.
pub(crate) fn converse(stream: TcpStream, bug: Bug) {
    let ended = answer_all(&stream, bug);
    if bug == Bug::ResetFdLeak && ended.is_err() {
        std::mem::forget(stream);
    }
}

fn answer_all(stream: &TcpStream, bug: Bug) -> io::Result<()> {
    let mut lines = Lines::new(bug);
    let mut answers = Answers::new(stream, bug)?;
    let mut buffer = vec![0; RECEIVE_SIZE];
    loop {
        match receive(stream, &mut buffer, bug) {
            Ok(0) if bug == Bug::EofSpin => thread::yield_now(),
            Ok(0) if bug == Bug::IgnoresSilentEof && lines.is_unused() => rest(),
            Ok(0) => break,
            Ok(length) => {
                let answer = lines.take(&buffer[..length]);
                let (first, rest) = answer.split_at(lines.falls_in_two_at());
                if !first.is_empty() {
                    answers.send(first)?;
                }
                answers.send(rest)?;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if bug == Bug::ReceiveErrorEndsServer => die(&format!("receive: {error}")),
            Err(error) => return Err(error),
        }
    }
    if bug == Bug::EndWithinLineEndsServer && lines.is_within_line() {
        die("unexpected end of file");
    }
    answers.finish(&lines.finish())
}

fn receive(mut stream: &TcpStream, buffer: &mut [u8], bug: Bug) -> io::Result<usize> {
    if bug == Bug::BusyPoll {
        stream.set_nonblocking(true)?;
        while would_block(&stream.peek(&mut [0])) {}
        stream.set_nonblocking(false)?;
    }
    stream.read(buffer)
}

fn would_block(received: &io::Result<usize>) -> bool {
    matches!(received, Err(error) if error.kind() == ErrorKind::WouldBlock)
}

fn rest() {
    thread::sleep(Duration::from_millis(100));
}

fn die(reason: &str) -> ! {
    eprintln!("broken-server: {reason}");
    std::process::exit(1);
}
