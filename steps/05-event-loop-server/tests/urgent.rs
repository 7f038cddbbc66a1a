//! Urgent data: a byte that TCP can send ahead of the others. A poller reports it until somebody has
//! dealt with it, asked or not.

#![cfg(unix)]

use grader::{Program, Server};
use nix::sys::socket::{MsgFlags, send};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::os::fd::AsRawFd;
use std::thread;
use std::time::Duration;
use subject::processes;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// For how long the server is watched.
const WATCHED: Duration = Duration::from_millis(300);
/// How much processor time it may use meanwhile.
const MAY_USE: Duration = Duration::from_millis(100);

#[test]
fn an_urgent_byte_does_not_keep_the_server_awake() {
    let program = Program::new(env!("CARGO_BIN_EXE_event-loop-server"));
    let server = Server::start(&program).expect("it starts");
    let client = TcpStream::connect(server.address()).expect("it listens");
    client.set_read_timeout(Some(PATIENCE)).expect("a socket");
    // It is accepted and watched by the time that the urgent byte comes.
    assert_eq!(ask(&client), "Uryyb\n");
    let sent = send(client.as_raw_fd(), b"!", MsgFlags::MSG_OOB);
    assert_eq!(sent, Ok(1));
    let pid = server.pid().expect("it was started here");
    if let Ok(before) = processes::cpu(pid) {
        // What is measured is a stretch of time: nothing is waited for.
        thread::sleep(WATCHED);
        let used = processes::cpu(pid).expect("as before") - before;
        assert!(used < MAY_USE, "{used:?} of {WATCHED:?} with nothing to do");
    }
    // Whether that byte belongs to the line is up to the server (SO_OOBINLINE); the others do.
    let answer = ask(&client);
    assert_eq!(answer.trim_start_matches('!'), "Uryyb\n");
}

fn ask(mut client: &TcpStream) -> String {
    client.write_all(b"Hello\n").expect("it reads");
    let mut answer = String::new();
    let heard = BufReader::new(client).read_line(&mut answer);
    heard.expect("it answers");
    answer
}
