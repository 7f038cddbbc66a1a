//! `rot13-client` with a server that does not do what it should, or with none; and its command
//! line.

#![cfg(unix)]

use assert_cmd::assert::Assert;
use predicates::prelude::*;
use predicates::str::contains;
use std::io::{self, Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::thread;
use subject::run_to_end;

const CLIENT: &str = env!("CARGO_BIN_EXE_rot13-client");

fn run(arguments: &[&str], said: &[u8]) -> Assert {
    let output = run_to_end(Command::new(CLIENT).args(arguments), said.to_vec());
    Assert::new(output.expect("it can be started"))
}

/// Exactly one line.
fn one_line() -> impl Predicate<str> {
    predicate::function(|text: &str| text.lines().count() == 1 && text.ends_with('\n'))
}

/// A server with one client, which hears it out and then says `answer`, whatever was said.
fn server(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        let _ = stream.read_to_end(&mut Vec::new());
        let _ = stream.write_all(answer);
    });
    address.to_string()
}

#[test]
fn what_a_server_loses_is_missed_even_if_it_adds_as_many_newlines() {
    for (answer, told) in [
        (
            &b"Uryyb\nB\n\n\n"[..],
            "closed the connection early: 6 of 8 bytes answered",
        ),
        (
            b"Uryyb\n",
            "closed the connection early: 5 of 8 bytes answered",
        ),
        (
            b"UryybOlr",
            "closed the connection early: 0 of 2 newlines answered",
        ),
        (
            b"Uryyb\nOlr!\n",
            "answered more than was said: 9 bytes to 8",
        ),
    ] {
        let address = server(answer);
        run(&[&address], b"Hello\nBye\n")
            .code(1)
            .stdout(answer)
            .stderr(one_line().and(contains(format!("{address} {told}"))));
    }
}

#[test]
fn newlines_that_a_server_adds_are_no_fault() {
    run(&[&server(b"Ury\nyb\nOlr\n")], b"Hello\nBye")
        .success()
        .stdout("Ury\nyb\nOlr\n")
        .stderr("");
}

#[test]
fn an_address_that_cannot_be_one_is_a_wrong_command_line() {
    for (wrong, told) in [
        (
            "127.0.0.1",
            "a port is missing; write HOST:PORT, for example 127.0.0.1:40713",
        ),
        (
            "::1",
            "an IPv6 address goes in brackets, for example [::1]:40713",
        ),
        ("127.0.0.1:0", "from 1 to 65535"),
        ("127.0.0.1:+1", "from 1 to 65535"),
        ("127.0.0.1:65536", "from 1 to 65535"),
        (":40713", "a host is missing"),
        ("http://127.0.0.1:1", "without http://"),
    ] {
        run(&[wrong], b"Hello\n")
            .code(2)
            .stdout("")
            .stderr(contains(told).and(contains("Usage: rot13-client")));
    }
}

#[test]
fn whoever_meets_only_itself_has_met_nobody() {
    // The default address is in the range from which Linux takes the ports of clients.
    for arguments in [&[][..], &["localhost:40713"]] {
        match subject::run_alone(40_713, CLIENT, arguments) {
            Ok(output) => drop(
                Assert::new(output)
                    .code(1)
                    .stdout("")
                    .stderr(one_line().and(contains("the client has connected to itself")))
                    .stderr(contains("start a server: cargo run -- run 2")),
            ),
            Err(reason) => drop(writeln!(io::stderr(), "skipped: {reason}")),
        }
    }
}

/// A disk that is full.
#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_cannot_be_printed_is_lost() {
    use std::fs::File;
    use std::process::Stdio;

    let full = || {
        File::options()
            .write(true)
            .open("/dev/full")
            .expect("Linux has it")
    };
    for answer in [&b"Uryyb\n"[..], b"Uryyb"] {
        let mut client = Command::new(CLIENT);
        client
            .arg(server(answer))
            .stdin(Stdio::null())
            .stdout(full());
        Assert::new(client.output().expect("it can be started"))
            .code(1)
            .stderr(one_line().and(contains("cannot write standard output")));
        // Nobody can be told; it is told by the exit status.
        let mut client = Command::new(CLIENT);
        client
            .arg(server(answer))
            .stdin(Stdio::null())
            .stdout(full())
            .stderr(full());
        let status = client.status().expect("it can be started");
        assert_eq!(status.code(), Some(1));
    }
}

/// Neither is help any use that nobody gets.
#[cfg(target_os = "linux")]
#[test]
fn help_that_cannot_be_printed_is_a_failure() {
    for asked in ["--help", "--version"] {
        let full = std::fs::File::options().write(true).open("/dev/full");
        let mut client = Command::new(CLIENT);
        client.arg(asked).stdout(full.expect("Linux has it"));
        Assert::new(client.output().expect("it can be started"))
            .code(1)
            .stderr(one_line().and(contains("cannot write standard output")));
    }
}

/// With its standard streams closed, it still comes to an end, and does not panic. That its output
/// is lost it cannot know: before `main`, Rust's standard library opens `/dev/null` in their place.
#[test]
fn closed_streams_are_no_panic() {
    for closed in ["<&-", "</dev/null >&-", "</dev/null 2>&-", "<&- >&- 2>&-"] {
        let line = format!("exec \"$0\" \"$@\" {closed}");
        let mut client = Command::new("sh");
        client.args(["-c", &line, CLIENT, &server(b"")]);
        let output = run_to_end(&mut client, vec![]).expect("there is a shell");
        Assert::new(output).success().stderr("");
    }
}
