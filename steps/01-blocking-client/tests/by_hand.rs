//! What the step's client does, tried by hand: from outside, byte by byte, each test by itself.
//! `cargo test -p blocking-client --test by_hand`

#![cfg(unix)]

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use predicates::prelude::*;
use predicates::str::{contains, is_empty, is_match, starts_with};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Runs the client to its end.
fn run(arguments: &[&str]) -> Assert {
    let mut client = Command::new(env!("CARGO_BIN_EXE_blocking-client"));
    client.args(arguments).timeout(PATIENCE).assert()
}

#[test]
fn help_names_what_can_be_asked() {
    let usage = contains("Usage: blocking-client [OPTIONS] [HOST[:PORT]] [PATH]");
    let told = usage.and(contains("--timeout <SECONDS>"));
    run(&["--help"]).success().stdout(told);
}

#[test]
fn it_tells_its_version() {
    let version = starts_with("blocking-client ");
    run(&["--version"]).success().stdout(version);
}

#[test]
fn a_wrong_option_is_answered_with_the_usage() {
    let told = contains("--loud").and(contains("Usage: blocking-client"));
    run(&["--loud"]).code(2).stdout(is_empty()).stderr(told);
}

#[test]
fn a_path_without_a_slash_is_answered_with_the_usage() {
    let told = contains("it must begin with /").and(contains("Usage: blocking-client"));
    let failed = run(&["127.0.0.1:1", "index.html"]).code(2);
    failed.stdout(is_empty()).stderr(told);
}

#[test]
fn the_answer_is_printed_headers_and_all() {
    let answer = "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nHello\n";
    let site = Site::with(&[answer.as_bytes()]);
    let got = run(&[&site.address]).success();
    got.stdout(answer).stderr(is_empty());
}

#[test]
fn the_request_names_the_host_and_the_path() {
    let site = Site::with(&[b"HTTP/1.0 200 OK\r\n\r\n"]);
    run(&[&site.address, "/time?zone=utc"]).success();
    let host = &site.address;
    let request = format!("GET /time?zone=utc HTTP/1.0\r\nHost: {host}\r\n\r\n");
    assert_eq!(site.request(), request);
}

#[test]
fn without_a_path_it_asks_for_the_root() {
    let site = Site::with(&[b"HTTP/1.0 200 OK\r\n\r\n"]);
    run(&[&site.address]).success();
    assert!(site.request().starts_with("GET / HTTP/1.0\r\n"));
}

#[test]
fn a_name_is_resolved_and_stands_in_the_request() {
    let site = Site::with(&[b"HTTP/1.0 200 OK\r\n\r\n"]);
    let name = site.address.replace("127.0.0.1", "localhost");
    run(&[&name]).success();
    let header = format!("\r\nHost: {name}\r\n");
    assert!(site.request().contains(&header));
}

#[test]
fn an_answer_that_comes_in_pieces_is_printed_whole() {
    let site = Site::with(&[b"HTTP/1.0 2", b"00 OK\r", b"\n\r\nHel", b"lo\n"]);
    let whole = "HTTP/1.0 200 OK\r\n\r\nHello\n";
    run(&[&site.address]).success().stdout(whole);
}

#[test]
fn a_page_that_is_no_text_is_printed_as_it_is() {
    let page: Vec<u8> = (0..=255).cycle().take(1_000_000).collect();
    let site = Site::with(&[&page]);
    let got = run(&[&site.address]).success();
    assert!(got.get_output().stdout == page, "some bytes differ");
}

#[test]
fn who_closes_without_an_answer_is_told() {
    let site = Site::with(&[]);
    let told = contains(format!("cannot receive from {}", site.address));
    let told = told.and(contains("closed without an answer"));
    run(&[&site.address])
        .code(1)
        .stdout(is_empty())
        .stderr(told);
}

/// A port that one end of a connection has: nobody else can have it, and nobody listens there.
#[test]
fn where_nobody_listens_the_system_says_why_not() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let taken = TcpStream::connect(address).expect("it listens");
    let address = taken.local_addr().expect("it is connected").to_string();
    let told = contains(format!("cannot connect to {address}: Connection refused"));
    let told = told.and(contains("\n").count(1));
    run(&[&address]).code(1).stdout(is_empty()).stderr(told);
}

/// The kernel connects whoever asks; nobody ever answers.
#[test]
fn with_a_time_out_it_does_not_wait_for_ever() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = silent.local_addr().expect("it is bound").to_string();
    let told = contains(format!("cannot receive from {address}: timed out"));
    let failed = run(&["--timeout", "0.1", &address]).code(1);
    failed.stdout(is_empty()).stderr(told);
}

/// What `examples/head_of_line.rs` prints. Where it has to be built first, that takes its time.
#[test]
fn the_order_of_noticing_is_not_the_order_of_coming() {
    let command = "run -q -p blocking-client --example head_of_line";
    let mut cargo = Command::new(env!("CARGO"));
    let cargo = cargo.args(command.split(' ')).timeout(PATIENCE * 30);
    let line = |text| is_match(format!("(?m)^{text}$")).expect("a pattern");
    let spoke = line("they spoke in the order +3, 2, 1");
    let heard = line("they were heard in +1, 2, 3");
    let short = predicate::function(|text: &str| text.lines().count() <= 12);
    let printed = cargo.assert().success();
    printed.stdout(spoke.and(heard).and(short));
}

// ---- Whom the client asks ----

/// How long anything may take. Whoever takes longer has failed: no test waits for ever.
const PATIENCE: Duration = Duration::from_secs(10);

/// A server for one visitor, on a free port.
struct Site {
    address: String,
    visit: JoinHandle<String>,
}

impl Site {
    /// Hears the visitor out, says these pieces one after another, and closes.
    fn with(pieces: &[&[u8]]) -> Site {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound").to_string();
        let pieces: Vec<Vec<u8>> = pieces.iter().map(|piece| piece.to_vec()).collect();
        let visit = thread::spawn(move || {
            let (mut visitor, _) = listener.accept().expect("a visitor");
            visitor.set_read_timeout(Some(PATIENCE)).expect("a socket");
            visitor.set_nodelay(true).expect("a socket");
            let (mut request, mut lines) = (String::new(), BufReader::new(&visitor));
            while !request.ends_with("\r\n\r\n") {
                let length = lines.read_line(&mut request).expect("text in time");
                assert!(length > 0, "it has closed in the middle of {request:?}");
            }
            for piece in pieces {
                visitor.write_all(&piece).expect("it listens");
            }
            request
        });
        Site { address, visit }
    }

    /// What the visitor has said.
    fn request(self) -> String {
        self.visit.join().expect("a visitor who asks")
    }
}
