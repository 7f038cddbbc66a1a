//! `bufferevent-server --idle-timeout`, from outside.

use assert_cmd::Command;
use grader::{Program, Server};
use predicates::str::contains;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// How long an answer or an end may take.
const PATIENCE: Duration = Duration::from_secs(20);

fn server(idle_timeout: &str) -> Server {
    let mut program = Program::new(env!("CARGO_BIN_EXE_bufferevent-server"));
    program.arguments = vec!["--idle-timeout".into(), idle_timeout.into()];
    Server::start(&program).expect("it starts")
}

fn connect(server: &Server) -> TcpStream {
    let client = TcpStream::connect(server.address()).expect("it listens");
    client.set_read_timeout(Some(PATIENCE)).expect("a socket");
    client.set_write_timeout(Some(PATIENCE)).expect("a socket");
    client.set_nodelay(true).expect("a socket");
    client
}

fn ask(mut client: &TcpStream) {
    client.write_all(b"Hello\n").expect("it is served");
    let mut answer = [0; 6];
    client.read_exact(&mut answer).expect("it is answered");
    assert_eq!(&answer, b"Uryyb\n");
}

/// Has the server closed this connection, over which nothing has come?
fn is_closed(mut client: &TcpStream) -> bool {
    client.set_nonblocking(true).expect("a socket");
    match client.read(&mut [0]) {
        Ok(length) => {
            assert_eq!(length, 0);
            true
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::WouldBlock, "{error}");
            false
        }
    }
}

#[test]
fn who_is_silent_is_closed_and_who_speaks_is_not() {
    let server = server("1");
    // The talker is there for longer than the silent one.
    let talker = connect(&server);
    ask(&talker);
    let silent = connect(&server);
    let mut unfinished = connect(&server);
    unfinished
        .write_all(b"a line without an end")
        .expect("there is room");
    while !is_closed(&silent) || !is_closed(&unfinished) {
        ask(&talker);
    }
    ask(&talker);
    // When it has nothing more to say, it is one of the silent.
    assert_eq!((&talker).read(&mut [0]).expect("an end"), 0);
}

#[test]
fn who_does_not_read_is_closed() {
    let server = server("0.2");
    let mut client = connect(&server);
    let lines = b"Nobody reads the answer\n".repeat(10_000);
    let end = loop {
        if let Err(error) = client.write_all(&lines) {
            break error;
        }
    };
    assert!(
        matches!(
            end.kind(),
            ErrorKind::ConnectionReset | ErrorKind::BrokenPipe
        ),
        "{end}"
    );
    ask(&connect(&server));
}

#[test]
fn a_time_out_that_is_none_is_a_wrong_command_line() {
    for wrong in ["0", "-1", "x", "", "nan", "inf", "1e300", "1s"] {
        Command::new(env!("CARGO_BIN_EXE_bufferevent-server"))
            .args([
                "--listen",
                "127.0.0.1:0",
                &format!("--idle-timeout={wrong}"),
            ])
            .timeout(PATIENCE)
            .assert()
            .code(2)
            .stdout("")
            .stderr(contains("Usage: bufferevent-server"))
            .stderr(contains("--idle-timeout"))
            .stderr(contains("write a number of seconds above 0"));
    }
}

#[test]
fn help_tells_of_the_time_out() {
    Command::new(env!("CARGO_BIN_EXE_bufferevent-server"))
        .arg("--help")
        .timeout(PATIENCE)
        .assert()
        .success()
        .stdout(contains("--idle-timeout <SECONDS>"))
        .stderr("");
}
