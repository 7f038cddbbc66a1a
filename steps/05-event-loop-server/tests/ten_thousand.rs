//! Ten thousand clients at once, served by one thread.

#![cfg(unix)]

use grader::{Program, Server};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;
use subject::processes;

const CLIENTS: usize = 10_000;
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn ten_thousand_clients_are_there_at_once_and_all_are_served() {
    subject::raise_descriptor_limit();
    let (needed, limit) = (CLIENTS as u64 + 100, subject::descriptor_limit());
    if limit < needed {
        println!("skipped: it needs {needed} open descriptors, {limit} are allowed here");
        return;
    }
    let program = Program::new(env!("CARGO_BIN_EXE_event-loop-server"));
    let server = Server::start(&program).expect("it starts");
    let mut clients: Vec<TcpStream> = Vec::with_capacity(CLIENTS);
    for number in 0..CLIENTS {
        let client = TcpStream::connect(server.address()).and_then(|client| {
            client.set_nodelay(true)?;
            client.set_read_timeout(Some(PATIENCE))?;
            ask(&client, number)?;
            Ok(client)
        });
        clients.push(client.unwrap_or_else(|error| panic!("client {number}: {error}")));
    }
    // Who came last is not served because the others have left.
    if let Ok(open) = processes::descriptors(server.pid().expect("it was started here")) {
        assert!(open > CLIENTS, "{open} descriptors for {CLIENTS} clients");
    }
    for (number, client) in clients.iter().enumerate().rev() {
        ask(client, number).unwrap_or_else(|error| panic!("client {number}, again: {error}"));
    }
}

/// Says a line that no other client says, and hears its answer.
fn ask(mut client: &TcpStream, number: usize) -> io::Result<()> {
    let question = format!("I am client number {number}\n");
    client.write_all(question.as_bytes())?;
    let mut answer = vec![0; question.len()];
    client.read_exact(&mut answer)?;
    let expected = format!("V nz pyvrag ahzore {number}\n");
    assert_eq!(String::from_utf8_lossy(&answer), expected);
    Ok(())
}
