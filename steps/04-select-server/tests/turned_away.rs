//! Past FD_SETSIZE: however many clients are turned away, and however often, standard error gets one
//! line.

#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// More than FD_SETSIZE by so many that several are turned away.
const CLIENTS: usize = 1_060;
/// How long an answer or an end may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Killed when it is dropped, whatever the test has found.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn those_turned_away_are_told_of_once() {
    subject::raise_descriptor_limit();
    if subject::descriptor_limit() < CLIENTS as u64 + 100 {
        println!("skipped: it needs {CLIENTS} descriptors and a few");
        return;
    }
    let command = Command::new(env!("CARGO_BIN_EXE_select-server"))
        .args(["--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut server = Server(command.expect("it can be started"));
    let mut line = String::new();
    let stdout = server.0.stdout.take().expect("piped");
    BufReader::new(stdout).read_line(&mut line).expect("a line");
    let address = line.trim().trim_start_matches("listening on ");

    let mut clients: Vec<TcpStream> = Vec::new();
    let mut turned_away = 0;
    for _ in 0..CLIENTS {
        let client = TcpStream::connect(address).expect("it listens");
        match is_served(&client) {
            true => clients.push(client),
            false => turned_away += 1,
        }
    }
    assert!(turned_away > 10 && clients.len() >= 1_000, "{turned_away}");
    // One leaves, another one has its place, and the next is turned away again.
    leave(clients.pop().expect("there are many"));
    let next = TcpStream::connect(address).expect("it listens");
    assert!(is_served(&next));
    let one_too_many = TcpStream::connect(address).expect("it listens");
    assert!(!is_served(&one_too_many));

    let _ = server.0.kill();
    let mut told = String::new();
    let stderr = server.0.stderr.as_mut().expect("piped");
    stderr.read_to_string(&mut told).expect("text");
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), 1, "{told}");
    for line in lines {
        assert!(
            line.starts_with("select-server: ") && line.contains("FD_SETSIZE"),
            "{told}"
        );
    }
}

/// Asks once; false if the connection is closed instead of an answer.
fn is_served(mut client: &TcpStream) -> bool {
    client.set_read_timeout(Some(PATIENCE)).expect("a socket");
    // It may be closed before this is said.
    let _ = client.write_all(b"Hello\n");
    match client.read_exact(&mut [0; 6]) {
        Ok(()) => true,
        Err(error) => {
            assert!(
                error.kind() != std::io::ErrorKind::WouldBlock,
                "neither an answer nor an end"
            );
            false
        }
    }
}

/// Half-closes, and waits until the server has closed: its descriptor is free then.
fn leave(mut client: TcpStream) {
    client
        .shutdown(std::net::Shutdown::Write)
        .expect("it is open");
    client.read_to_end(&mut Vec::new()).expect("an end");
}
