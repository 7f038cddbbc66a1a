//! The model held against the truth: for each strategy that a server of ours has, twenty scripts are played
//! in lock-step against the server, under strace, and against the model.
//!
//! After each action of a client both come to rest. Then the same must hold of both: what each client has
//! read, whether its connection is closed, and the calls since the action before, of each thread and
//! process in their order, with what they were given and what they have returned: clients, counts of bytes,
//! who is ready, errors.
//!
//! * Descriptors go by their clients' names. What is about any other is left out (the event loop's own
//!   eventfd, timerfd and signals), and so is futex(2): the model's queue of connections is a picture of one.
//! * Of a ring, strace sees how many operations each call hands over, and which connections are closed; those
//!   numbers are compared, and what has become of the operations by what the clients read.
//! * Which of the pool's threads takes a client is the scheduler's business: theirs are compared by client.
//! * Of the server that asks all the time, calls in vain are left out on both sides, but for the last round
//!   of them.
//! * The queues of the system hold megabytes, and are never full here: a client that does not read leaves two
//!   blocks unread at most. What becomes of one that never reads is compared in `held_back.rs`.
//! * A block of 64 KiB comes to the server as a whole, as it does in the model. The kernel cuts it into
//!   segments, and the server would be awake at the first: so strace is stopped until all has come, and with
//!   it the server, which strace holds at the end of the call that it wakes from. No signal reaches the
//!   server itself: SIGSTOP would end its sleep with EINTR.
//!
//! `SEED=7 cargo test -p stage --test lockstep` plays one script alone, with each server.
//! Where strace is not there, or may not look at other processes, it is said so and nothing is played;
//! `BENCH_STRACE=required` demands it.
#![cfg(target_os = "linux")]

mod calls;
mod clients;
mod held_back;
mod model;
mod script;
mod server;

use clients::Clients;
use model::Reading;
use script::{CLIENTS, Hand};
use server::Server;
use stage::{Act, Action, Machine, Queues, Strategy};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;
use terminal::{Executables, Language, Terminal};

/// How long anything may take: on a machine with much else to do.
const PATIENCE: Duration = Duration::from_secs(20);
const SCRIPTS: u64 = 20;
/// Actions of a script, before all that are still there break off.
const ACTIONS: usize = 15;

/// Calls as the model writes them, by whose they are.
type Lines = BTreeMap<String, Vec<String>>;

static SERVERS: LazyLock<Executables> = LazyLock::new(|| {
    let packages = [
        "--bins",
        "--package=fork-server",
        "--package=busy-poll-server",
        "--package=select-server",
        "--package=event-loop-server",
        "--package=bufferevent-server",
        "--package=completion-server",
        "--package=async-server",
    ];
    let terminal = Terminal::new("lockstep", Language::English);
    let built = Executables::build(&terminal, "building the servers", &packages);
    built.expect("they can be built")
});

/// A strategy, and the server that has it.
struct Pair {
    strategy: Strategy,
    program: &'static str,
    arguments: &'static [&'static str],
    /// How many clients it talks with at once: others wait, and a block to one of them would not fit.
    at_once: usize,
}

impl Pair {
    fn new(strategy: Strategy, program: &'static str) -> Pair {
        Pair {
            strategy,
            program,
            arguments: &[],
            at_once: CLIENTS,
        }
    }

    fn reading(&self) -> Reading {
        Reading {
            by_client: self.strategy == Strategy::Pool,
            without_vain: self.strategy == Strategy::BusyPoll,
        }
    }

    fn play(&self) {
        if let Err(why) = can_be_watched() {
            return skip(&why);
        }
        let program = SERVERS.get(self.program).expect("it was built");
        let server = match Server::start(program, self.arguments, self.reading()) {
            Ok(server) => server,
            Err(why) => return skip(&why),
        };
        let mut play = Play {
            machine: Machine::new(self.strategy, CLIENTS, Queues::LARGE),
            clients: Clients::new(server.address()),
            reading: self.reading(),
            server,
            told: String::new(),
        };
        play.compare("its start");
        let seeds = match std::env::var("SEED") {
            Ok(seed) => vec![seed.parse().expect("a number")],
            Err(_) => (0..SCRIPTS).collect(),
        };
        for seed in seeds {
            play.told = format!("{}, SEED={seed}:", self.program);
            let mut hand = Hand::new(seed, self.at_once);
            for _ in 0..ACTIONS {
                let action = hand.next(&play.machine);
                play.act(action);
            }
            // The next script finds nobody.
            for client in 1..=CLIENTS {
                let act = Act::Reset;
                let action = Action { client, act };
                if play.machine.can(action) {
                    play.act(action);
                }
            }
        }
    }
}

/// The model, the server, and what has been done to both.
struct Play {
    machine: Machine,
    server: Server,
    clients: Clients,
    reading: Reading,
    told: String,
}

impl Play {
    fn act(&mut self, action: Action) {
        let _ = write!(self.told, " {action},");
        assert!(self.machine.act(action), "{} makes no sense", self.told);
        match action.act {
            Act::Connect => {
                let port = self.clients.connect(action.client);
                self.server.expect_client(action.client, port);
            }
            Act::Block => {
                self.server.hold();
                self.clients.act(action);
                self.clients.wait_until_all_has_come(action.client);
                self.server.let_go();
            }
            _ => self.clients.act(action),
        }
        self.compare(&action.to_string());
    }

    /// Lets both come to rest, and compares.
    fn compare(&mut self, after: &str) {
        let expected = model::settle(&mut self.machine, self.reading);
        let (machine, clients) = (&self.machine, &mut self.clients);
        let seen = self
            .server
            .settle(&expected, || clients.agree_with(machine));
        let told = &self.told;
        assert!(
            seen == expected,
            "{told} and after {after}, the model and the server have called:\n{}",
            side_by_side(&expected, &seen)
        );
        if let Err(difference) = self.clients.difference_to(&self.machine) {
            panic!("{told} and after {after}: {difference}");
        }
    }
}

fn side_by_side(model: &Lines, server: &Lines) -> String {
    let mut text = String::new();
    let whose: std::collections::BTreeSet<_> = model.keys().chain(server.keys()).collect();
    let nothing = Vec::new();
    for who in whose {
        let _ = writeln!(text, "  {who}");
        let ours = model.get(who).unwrap_or(&nothing);
        let theirs = server.get(who).unwrap_or(&nothing);
        for at in 0..ours.len().max(theirs.len()) {
            let line = |of: &[String]| of.get(at).cloned().unwrap_or_default();
            let (ours, theirs) = (line(ours), line(theirs));
            let mark = if ours == theirs { ' ' } else { '!' };
            let _ = writeln!(text, "  {mark} {ours:<50} {theirs}");
        }
    }
    text
}

fn can_be_watched() -> Result<(), String> {
    let found = Command::new("strace").arg("-V").output();
    found.map_err(|error| format!("there is no strace: {error}"))?;
    Ok(())
}

fn skip(why: &str) {
    assert!(std::env::var_os("BENCH_STRACE").is_none(), "{why}");
    eprintln!("skipped: {why}");
}

#[test]
fn one_client_after_the_other() {
    Pair {
        at_once: 1,
        ..Pair::new(Strategy::Sequential, "sequential-server")
    }
    .play();
}

#[test]
fn a_process_for_every_connection() {
    Pair::new(Strategy::Fork, "fork-server").play();
}

#[test]
fn a_thread_for_every_connection() {
    Pair::new(Strategy::Threads, "thread-server").play();
}

#[test]
fn two_threads_for_all_connections() {
    Pair {
        arguments: &["--threads", "2"],
        at_once: 2,
        ..Pair::new(Strategy::Pool, "thread-pool-server")
    }
    .play();
}

#[test]
fn asking_everybody_all_the_time() {
    Pair::new(Strategy::BusyPoll, "busy-poll-server").play();
}

#[test]
fn select() {
    Pair::new(Strategy::Select, "select-server").play();
}

#[test]
fn poll() {
    Pair::new(Strategy::Poll, "poll-server").play();
}

#[test]
fn epoll() {
    Pair::new(Strategy::Epoll, "epoll-server").play();
}

#[test]
fn callbacks_of_an_event_loop() {
    Pair::new(Strategy::EventLoop, "event-loop-server").play();
}

#[test]
fn buffers_with_marks() {
    Pair::new(Strategy::BufferEvent, "bufferevent-server").play();
}

#[test]
fn operations_that_the_kernel_carries_out() {
    if !matches!(subject::try_io_uring(), Some(subject::Tried::Works)) {
        eprintln!("skipped: there is no io_uring here");
        return;
    }
    Pair::new(Strategy::Completion, "completion-server").play();
}

#[test]
fn tasks() {
    Pair::new(Strategy::Async, "async-server").play();
}
