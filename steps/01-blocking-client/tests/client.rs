//! `blocking-client` with a server that does not do what it should, or with none; and its command
//! line.

#![cfg(unix)]

use assert_cmd::assert::Assert;
use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::Command;
use std::thread;
use subject::run_to_end;

// For what no server can be made to do.
#[allow(dead_code, reason = "the tests call one of its functions")]
#[path = "../src/main.rs"]
mod client;

const CLIENT: &str = env!("CARGO_BIN_EXE_blocking-client");

fn run(arguments: &[&str]) -> Assert {
    let output = run_to_end(Command::new(CLIENT).args(arguments), vec![]);
    Assert::new(output.expect("it can be started"))
}

/// Exactly one line.
fn one_line() -> impl Predicate<str> {
    predicate::function(|text: &str| text.lines().count() == 1 && text.ends_with('\n'))
}

/// A server with one visitor, which says `answer` and hands over what it was asked.
fn site(
    address: &str,
    answer: &'static [u8],
) -> io::Result<(SocketAddr, thread::JoinHandle<Vec<u8>>)> {
    let listener = TcpListener::bind(address)?;
    let address = listener.local_addr()?;
    let site = thread::spawn(move || {
        let (mut visitor, _) = listener.accept().expect("a visitor");
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            visitor.read_exact(&mut byte).expect("a request");
            request.extend(byte);
        }
        let _ = visitor.write_all(answer);
        request
    });
    Ok((address, site))
}

#[test]
fn an_answer_without_a_byte_is_none() {
    let (address, _site) = site("127.0.0.1:0", b"").expect("a free port");
    run(&[&address.to_string()])
        .code(1)
        .stdout("")
        .stderr(one_line().and(contains(format!(
            "cannot receive from {address}: it has closed without an answer"
        ))));
}

#[test]
fn one_byte_is_an_answer() {
    let (address, _site) = site("127.0.0.1:0", b"\n").expect("a free port");
    run(&[&address.to_string()])
        .success()
        .stdout("\n")
        .stderr("");
}

#[test]
fn a_host_that_cannot_be_one_is_a_wrong_command_line() {
    for (wrong, told) in [
        ("127.0.0.1:0", "from 1 to 65535"),
        ("127.0.0.1:+1", "from 1 to 65535"),
        ("127.0.0.1: 80", "from 1 to 65535"),
        ("127.0.0.1:65536", "from 1 to 65535"),
        ("::1", "[::1]:40713"),
        ("", "a host is missing"),
        ("http://127.0.0.1:1", "without http://"),
        ("me@127.0.0.1:1", "a host is"),
        ("127.0.0.1 :1", "a host is"),
        ("127.0.0.1\r\nX-Evil:1", "a host is"),
        ("localhost\r\n", "a host is"),
    ] {
        run(&[wrong])
            .code(2)
            .stdout("")
            .stderr(contains(told).and(contains("Usage: blocking-client")));
    }
}

#[test]
fn a_time_out_may_have_a_fraction_and_an_end() {
    // It is connected by the kernel already, and never accepted.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = silent.local_addr().expect("it is bound").to_string();
    run(&["--timeout", "0.1", &address])
        .code(1)
        .stderr(one_line().and(contains("timed out")));
    for wrong in ["0", "-1", "1e3", "inf", "4294967296"] {
        run(&[&format!("--timeout={wrong}"), &address])
            .code(2)
            .stdout("")
            .stderr(contains(
                "write a number of seconds above 0, at most 4294967295",
            ));
    }
}

/// The zone of an address names an interface of this machine.
#[cfg(target_os = "linux")]
#[test]
fn a_zone_is_connected_to_and_not_told() {
    let Ok((address, site)) = site("[::1]:0", b"!") else {
        let _ = writeln!(io::stderr(), "skipped: this machine has no IPv6");
        return;
    };
    let port = address.port();
    run(&[&format!("[::1%1]:{port}")])
        .success()
        .stdout("!")
        .stderr("");
    let request = site.join().expect("it does not panic");
    let request = String::from_utf8(request).expect("it is text");
    assert_eq!(
        request,
        format!("GET / HTTP/1.0\r\nHost: [::1]:{port}\r\n\r\n")
    );
}

#[test]
fn whoever_meets_only_itself_has_met_nobody() {
    match subject::run_alone(40_713, CLIENT, &["127.0.0.1:40713"]) {
        Ok(output) => drop(Assert::new(output).code(1).stdout("").stderr(
            one_line().and(contains(
                "cannot connect to 127.0.0.1:40713: nobody listens there, and the client has connected to itself",
            )),
        )),
        Err(reason) => drop(writeln!(io::stderr(), "skipped: {reason}")),
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
    for answer in [&b"HTTP/1.0 200 OK\r\n\r\n"[..], b"no newline"] {
        let (address, _site) = site("127.0.0.1:0", answer).expect("a free port");
        let mut client = Command::new(CLIENT);
        client
            .arg(address.to_string())
            .stdin(Stdio::null())
            .stdout(full());
        Assert::new(client.output().expect("it can be started"))
            .code(1)
            .stderr(one_line().and(contains("cannot write standard output")));
        // Nobody can be told; it is told by the exit status.
        let (address, _site) = site("127.0.0.1:0", answer).expect("a free port");
        let mut client = Command::new(CLIENT);
        client
            .arg(address.to_string())
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
    for closed in ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"] {
        let (address, _site) =
            site("127.0.0.1:0", b"HTTP/1.0 200 OK\r\n\r\n").expect("a free port");
        let line = format!("exec \"$0\" \"$@\" {closed}");
        let mut client = Command::new("sh");
        client.args(["-c", &line, CLIENT, &address.to_string()]);
        let output = run_to_end(&mut client, vec![]).expect("there is a shell");
        Assert::new(output).success().stderr(is_empty());
    }
}

/// `write(2)` may say that it has taken nothing, and a loop that waits for more turns for ever.
#[test]
fn whoever_takes_nothing_is_not_asked_for_ever() {
    struct Full(u32);
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            self.0 += 1;
            assert!(self.0 < 10, "it asks for ever");
            match self.0 {
                1 => Err(ErrorKind::Interrupted.into()),
                2 => Ok(1),
                _ => Ok(0),
            }
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let address = SocketAddr::from(([127, 0, 0, 1], 80));
    let error =
        client::send(&mut Full(0), address, b"GET").expect_err("it takes one byte of three");
    assert_eq!(
        error.to_string(),
        "cannot send to 127.0.0.1:80: it takes nothing more"
    );
}
