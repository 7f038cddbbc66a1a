//! What the step's server does, tried by hand: from outside, byte by byte, each test by itself.
//! `cargo test -p async-server --test by_hand`

#![cfg(unix)]

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use predicates::prelude::*;
use predicates::str::{contains, is_empty, starts_with};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

const SERVER: &str = env!("CARGO_BIN_EXE_async-server");

/// Runs the server to its end.
fn run(arguments: &[&str]) -> Assert {
    let mut command = Command::new(SERVER);
    command.args(arguments).timeout(PATIENCE).assert()
}

#[test]
fn help_names_its_option() {
    let options = contains("Usage: async-server").and(contains("--listen"));
    run(&["--help"]).success().stdout(options);
}

#[test]
fn it_tells_its_version() {
    run(&["--version"])
        .success()
        .stdout(starts_with("async-server "));
}

#[test]
fn a_wrong_option_is_answered_with_the_usage() {
    let told = contains("--loud").and(contains("Usage: async-server"));
    run(&["--loud"]).code(2).stdout(is_empty()).stderr(told);
}

#[test]
fn a_port_that_is_taken_is_one_line_that_names_it() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("it is bound").to_string();
    let told = contains(format!("cannot listen on {address}: address in use"));
    run(&["--listen", &address])
        .code(1)
        .stdout(is_empty())
        .stderr(told.and(contains("\n").count(1)));
}

#[test]
fn a_line_is_answered() {
    let server = Server::start(SERVER, &[]);
    let client = server.connect();
    say(&client, "Hello, World\n");
    hear(&client, "Uryyb, Jbeyq\n");
}

#[test]
fn what_is_no_letter_of_english_stays_as_it_is() {
    let server = Server::start(SERVER, &[]);
    let client = server.connect();
    say(&client, "12 Übungen, 你好!\r\n");
    hear(&client, "12 Üohatra, 你好!\r\n");
}

#[test]
fn a_line_may_come_in_pieces() {
    let server = Server::start(SERVER, &[]);
    let client = server.connect();
    for piece in ["H", "el", "lo", "\nH"] {
        say(&client, piece);
    }
    hear(&client, "Uryyb\n");
    say(&client, "i\n");
    hear(&client, "Uv\n");
}

#[test]
fn who_half_closes_is_answered_to_the_end() {
    let server = Server::start(SERVER, &[]);
    let heard = exchange(&server.connect(), b"A line\nand a tail");
    assert_eq!(String::from_utf8_lossy(&heard), "N yvar\nnaq n gnvy");
}

#[test]
fn a_line_over_the_limit_is_answered_in_two() {
    let server = Server::start(SERVER, &[]);
    let client = server.connect();
    say(&client, &"x".repeat(16_384 + 1));
    hear(&client, &("k".repeat(16_384) + "\n"));
    say(&client, "\n");
    hear(&client, "k\n");
}

#[test]
fn whoever_is_in_the_middle_of_a_line_keeps_nobody_waiting() {
    let server = Server::start(SERVER, &[]);
    let slow = server.connect();
    say(&slow, "Hello\nI am still ");
    hear(&slow, "Uryyb\n");
    let quick = server.connect();
    say(&quick, "Hello\n");
    hear(&quick, "Uryyb\n");
    say(&slow, "thinking\n");
    hear(&slow, "V nz fgvyy guvaxvat\n");
}

#[test]
fn whoever_hangs_up_takes_nobody_along() {
    let server = Server::start(SERVER, &[]);
    let stays = server.connect();
    let leaves = server.connect();
    say(&leaves, "Hello\nI have to");
    hear(&leaves, "Uryyb\n");
    drop(leaves);
    say(&stays, "Hello\n");
    hear(&stays, "Uryyb\n");
}

#[test]
fn a_file_that_goes_there_and_back_twice_is_the_same_file() {
    let server = Server::start(SERVER, &[]);
    let file = include_bytes!("by_hand.rs");
    let once = exchange(&server.connect(), file);
    let twice = exchange(&server.connect(), &once);
    assert!(once != file, "nothing was rotated");
    assert!(twice == file, "something was lost, or added");
}

#[test]
fn whoever_talks_without_listening_is_answered_in_the_end() {
    let server = Server::start(SERVER, &[]);
    let mut client = server.connect();
    let talk = b"I talk and talk, and never listen.\n".repeat(10_000);
    let answer = b"V gnyx naq gnyx, naq arire yvfgra.\n".repeat(10_000);
    // All queues are full, in the kernel and in the server, when nothing more is taken.
    let short = Some(Duration::from_millis(100));
    client.set_write_timeout(short).expect("a socket");
    let mut said = 0;
    while let Ok(length) = client.write(&talk[said % talk.len()..]) {
        said += length;
        assert!(said < 256 << 20, "no queue has an end");
    }
    let heard = exchange(&client, b"");
    assert_eq!(heard.len(), said);
    let mut pieces = heard.chunks(answer.len());
    assert!(pieces.all(|piece| answer.starts_with(piece)));
}

/// In `examples/future_sizes.rs`: a variable that lives across an `await` lives in the future.
#[test]
fn a_buffer_of_its_own_makes_a_future_as_large_as_the_buffer() {
    let printed = example("future_sizes");
    let own = count(&printed, "  with a buffer of its own");
    assert!(own >= 16 * 1024, "{printed}");
    assert!(
        count(&printed, "  converse(connection)") < 1024,
        "{printed}"
    );
}

// ---- What the tests above start, and how they talk to it ----

/// How long anything may take. Whoever takes longer has failed: no test waits for ever.
const PATIENCE: Duration = Duration::from_secs(10);

/// A server of this step, on a free port. It is killed when the test is over.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(program: &str, options: &[&str]) -> Server {
        let mut command = std::process::Command::new(program);
        command.args(["--listen", "127.0.0.1:0"]).args(options);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("it can be started");
        let mut stdout = BufReader::new(process.stdout.take().expect("it is a pipe"));
        let address = String::new();
        let mut server = Server { process, address };
        // To read from a pipe has no deadline; to wait for another thread has.
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            let mut line = String::new();
            let _ = stdout.read_line(&mut line);
            let _ = sender.send(line);
        });
        let line = receiver.recv_timeout(PATIENCE).expect("a line in time");
        let address = line.trim_end().strip_prefix("listening on ");
        server.address = address.expect("the line says where").to_owned();
        server
    }

    fn connect(&self) -> TcpStream {
        let client = TcpStream::connect(&self.address).expect("it listens");
        client.set_read_timeout(Some(PATIENCE)).expect("a socket");
        client.set_write_timeout(Some(PATIENCE)).expect("a socket");
        client.set_nodelay(true).expect("a socket");
        client
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Says it, without waiting for an answer.
fn say(mut client: &TcpStream, text: &str) {
    client.write_all(text.as_bytes()).expect("it is heard");
}

/// Hears as many bytes as that has, which must be these.
fn hear(mut client: &TcpStream, text: &str) {
    let mut heard = vec![0; text.len()];
    client.read_exact(&mut heard).expect("it is answered");
    assert_eq!(String::from_utf8_lossy(&heard), text);
}

/// Says all of it, half-closes, and hears what comes until the server closes.
fn exchange(mut client: &TcpStream, said: &[u8]) -> Vec<u8> {
    let mut heard = Vec::new();
    thread::scope(|scope| {
        scope.spawn(move || {
            client.write_all(said).expect("it is heard");
            client.shutdown(Shutdown::Write).expect("it is open");
        });
        client.read_to_end(&mut heard).expect("it is answered");
    });
    heard
}

/// What an example prints. Where it has to be built first, that takes its time.
fn example(name: &str) -> String {
    let command = format!("run -q -p async-server --example {name}");
    let mut cargo = Command::new(env!("CARGO"));
    let cargo = cargo.args(command.split(' ')).timeout(PATIENCE * 30);
    let output = cargo.assert().success().get_output().stdout.clone();
    String::from_utf8(output).expect("it is text")
}

/// The number in a line of what an example has printed, after these words.
fn count(printed: &str, of: &str) -> usize {
    let count = printed.lines().find_map(|line| line.strip_prefix(of));
    let count = count.and_then(|count| count.trim().parse().ok());
    count.unwrap_or_else(|| panic!("{of:?} is missing in\n{printed}"))
}
