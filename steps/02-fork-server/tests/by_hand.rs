//! What the step's servers and their client do, tried by hand: from outside, byte by byte, each test by
//! itself.
//! `cargo test -p fork-server --test by_hand`

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

const FORK: &str = env!("CARGO_BIN_EXE_fork-server");
const THREAD: &str = env!("CARGO_BIN_EXE_thread-server");
const POOL: &str = env!("CARGO_BIN_EXE_thread-pool-server");
const CLIENT: &str = env!("CARGO_BIN_EXE_rot13-client");

/// The same conversation, and three ways to have several at once.
const SERVERS: [&str; 3] = [FORK, THREAD, POOL];

/// Runs a server to its end.
fn run(server: &str, arguments: &[&str]) -> Assert {
    let mut command = Command::new(server);
    command.args(arguments).timeout(PATIENCE).assert()
}

#[test]
fn help_names_its_option() {
    for server in SERVERS {
        let options = contains("Usage: ").and(contains("--listen"));
        run(server, &["--help"]).success().stdout(options);
    }
}

#[test]
fn it_tells_its_version() {
    for server in SERVERS {
        run(server, &["--version"])
            .success()
            .stdout(contains("-server "));
    }
}

#[test]
fn a_wrong_option_is_answered_with_the_usage() {
    for server in SERVERS {
        let told = contains("--loud").and(contains("Usage: "));
        run(server, &["--loud"])
            .code(2)
            .stdout(is_empty())
            .stderr(told);
    }
}

#[test]
fn a_port_that_is_taken_is_one_line_that_names_it() {
    for server in SERVERS {
        let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = taken.local_addr().expect("it is bound").to_string();
        let told = contains(format!("cannot listen on {address}: address in use"));
        run(server, &["--listen", &address])
            .code(1)
            .stdout(is_empty())
            .stderr(told.and(contains("\n").count(1)));
    }
}

#[test]
fn a_line_is_answered() {
    for server in SERVERS {
        let server = Server::start(server, &[]);
        let client = server.connect();
        say(&client, "Hello, World\n");
        hear(&client, "Uryyb, Jbeyq\n");
    }
}

#[test]
fn what_is_no_letter_of_english_stays_as_it_is() {
    for server in SERVERS {
        let server = Server::start(server, &[]);
        let client = server.connect();
        say(&client, "12 Übungen, 你好!\r\n");
        hear(&client, "12 Üohatra, 你好!\r\n");
    }
}

#[test]
fn a_line_may_come_in_pieces() {
    for server in SERVERS {
        let server = Server::start(server, &[]);
        let client = server.connect();
        for piece in ["H", "el", "lo", "\nH"] {
            say(&client, piece);
        }
        hear(&client, "Uryyb\n");
        say(&client, "i\n");
        hear(&client, "Uv\n");
    }
}

#[test]
fn who_half_closes_is_answered_to_the_end() {
    for server in SERVERS {
        let server = Server::start(server, &[]);
        let heard = exchange(&server.connect(), b"A line\nand a tail");
        assert_eq!(String::from_utf8_lossy(&heard), "N yvar\nnaq n gnvy");
    }
}

#[test]
fn a_line_over_the_limit_is_answered_in_two() {
    for server in SERVERS {
        let server = Server::start(server, &[]);
        let client = server.connect();
        say(&client, &"x".repeat(16_384 + 1));
        hear(&client, &("k".repeat(16_384) + "\n"));
        say(&client, "\n");
        hear(&client, "k\n");
    }
}

#[test]
fn whoever_is_in_the_middle_of_a_line_keeps_nobody_waiting() {
    for server in SERVERS {
        let server = Server::start(server, &[]);
        let slow = server.connect();
        say(&slow, "Hello\nI am still ");
        hear(&slow, "Uryyb\n");
        let quick = server.connect();
        say(&quick, "Hello\n");
        hear(&quick, "Uryyb\n");
        say(&slow, "thinking\n");
        hear(&slow, "V nz fgvyy guvaxvat\n");
    }
}

#[test]
fn whoever_hangs_up_takes_nobody_along() {
    for server in SERVERS {
        let server = Server::start(server, &[]);
        let stays = server.connect();
        let leaves = server.connect();
        say(&leaves, "Hello\nI have to");
        hear(&leaves, "Uryyb\n");
        drop(leaves);
        say(&stays, "Hello\n");
        hear(&stays, "Uryyb\n");
    }
}

#[test]
fn whoever_talks_without_listening_is_answered_in_the_end() {
    for server in SERVERS {
        let server = Server::start(server, &[]);
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
}

#[test]
fn whoever_finds_all_threads_taken_is_served_when_one_is_free() {
    let server = Server::start(POOL, &["--threads", "1"]);
    let first = server.connect();
    say(&first, "Hello\n");
    hear(&first, "Uryyb\n");
    let second = server.connect();
    say(&second, "Me, too\n");
    drop(first);
    hear(&second, "Zr, gbb\n");
}

#[test]
fn what_is_typed_into_the_client_is_answered() {
    let server = Server::start(FORK, &[]);
    let typed = rot13_client(&server.address)
        .write_stdin("Hello\n")
        .assert();
    typed.success().stdout("Uryyb\n").stderr(is_empty());
}

#[test]
fn the_client_prints_the_answer_to_a_last_line_without_an_end() {
    let server = Server::start(FORK, &[]);
    let typed = rot13_client(&server.address)
        .write_stdin("abc\ndef")
        .assert();
    typed.success().stdout("nop\nqrs").stderr(is_empty());
}

#[test]
fn a_client_that_says_nothing_is_answered_nothing() {
    let server = Server::start(FORK, &[]);
    let typed = rot13_client(&server.address).write_stdin("").assert();
    typed.success().stdout(is_empty()).stderr(is_empty());
}

#[test]
fn a_file_that_goes_through_the_client_twice_is_the_same_file() {
    let server = Server::start(FORK, &[]);
    let file = include_str!("by_hand.rs");
    let once = rot13_client(&server.address).write_stdin(file).assert();
    let once = once
        .success()
        .stdout(starts_with("//! Jung gur fgrc'f freiref"));
    let once = once.get_output().stdout.clone();
    let twice = rot13_client(&server.address).write_stdin(once).assert();
    twice.success().stdout(file);
}

/// A port that one end of a connection has: nobody else can have it, and nobody listens there.
#[test]
fn where_nobody_listens_the_client_says_how_to_start_a_server() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let taken = TcpStream::connect(address).expect("it listens");
    let address = taken.local_addr().expect("it is connected").to_string();
    let told = contains(format!("cannot connect to {address}"));
    let told = told.and(contains("cargo run -- run 2"));
    let failed = rot13_client(&address).write_stdin("Hello\n").assert();
    failed.code(1).stdout(is_empty()).stderr(told);
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

/// The step's client, with this server.
fn rot13_client(address: &str) -> Command {
    let mut client = Command::new(CLIENT);
    client.arg(address).timeout(PATIENCE);
    client
}
