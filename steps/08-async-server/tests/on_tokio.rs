//! The same conversation on another runtime: the example answers what the step's own server answers.

#![cfg(unix)]

use assert_cmd::Command;
use grader::{Client, Program, Server};
use std::sync::OnceLock;
use std::time::Duration;
use terminal::{Text, text};

/// Long enough for cargo to build the example.
const PATIENCE: Duration = Duration::from_secs(300);
/// A line over the protocol's limit, in bytes.
const TOO_LONG: usize = 16_384 + 10;

static DIFFERENT: Text = text("The two runtimes differ.", "两个运行时不一样。");

fn own() -> Program {
    Program::new(env!("CARGO_BIN_EXE_async-server"))
}

fn on_tokio() -> Program {
    static BUILT: OnceLock<()> = OnceLock::new();
    let arguments = |command: &str| -> Vec<String> {
        let select = "-q -p async-server --example on_tokio";
        let words = format!("{command} {select}");
        words.split(' ').map(str::to_owned).collect()
    };
    BUILT.get_or_init(|| {
        // To start takes no time then.
        let mut cargo = Command::new(env!("CARGO"));
        let built = cargo.args(arguments("build")).timeout(PATIENCE).assert();
        built.success();
    });
    let mut program = Program::new(env!("CARGO"));
    program.arguments = arguments("run").into_iter().map(Into::into).collect();
    program.arguments.push("--".into());
    program
}

/// Both of them, each with a client.
fn both(converse: impl Fn(&Server)) {
    for program in [own(), on_tokio()] {
        let server = Server::start(&program).expect("it starts");
        converse(&server);
    }
}

fn connect(server: &Server) -> Client {
    server.connect().expect("it listens")
}

#[test]
fn a_line_is_answered() {
    both(|server| {
        let mut client = connect(server);
        for line in ["Hello\n", "How are you?\n", "\n"] {
            client.ask(line.as_bytes(), &DIFFERENT).expect("an answer");
        }
    });
}

#[test]
fn a_line_over_the_limit_is_answered_in_pieces() {
    both(|server| {
        let mut client = connect(server);
        client.say(&[b'x'; TOO_LONG]).expect("it is served");
        client.hear(&DIFFERENT).expect("what is due so far");
        client.ask(b"\nabc\n", &DIFFERENT).expect("the rest");
    });
}

#[test]
fn who_half_closes_is_answered_to_the_end() {
    both(|server| {
        let mut client = connect(server);
        let tail = b"A line\nand a tail without an end";
        client.pour(tail, &DIFFERENT).expect("all, and the end");
        let much = b"Much to be said, and all of it to be answered\n".repeat(40_000);
        let mut client = connect(server);
        client.pour(&much, &DIFFERENT).expect("all, and the end");
    });
}

#[test]
fn a_hundred_at_once_are_answered_each_its_own() {
    both(|server| {
        let mut clients: Vec<Client> = (0..100).map(|_| connect(server)).collect();
        for (number, client) in clients.iter_mut().enumerate() {
            let line = format!("I am number {number}");
            client.say(line.as_bytes()).expect("it is served");
        }
        for client in clients.iter_mut().rev() {
            client
                .ask(b", and this is my line\n", &DIFFERENT)
                .expect("an answer");
        }
        for mut client in clients {
            client.finish();
            client.hear_end(&DIFFERENT).expect("the end");
        }
    });
}
