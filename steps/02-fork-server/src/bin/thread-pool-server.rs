// ANCHOR: head
//! `thread-pool-server [--listen ADDR] [--threads N]`: a few threads for all connections.

use clap::value_parser;
use fork_server::{Connection, converse};
use shared::server::{self, Listen};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::{io, thread};

const NAME: &str = "thread-pool-server";

#[derive(clap::Parser)]
struct CommandLine {
    #[command(flatten)]
    listen: Listen,
    /// How many clients are served at once; the next one waits
    #[arg(long, value_name = "N", default_value_t = default_threads(), value_parser = value_parser!(u16).range(1..))]
    threads: u16,
}

fn main() -> ExitCode {
    let about = "Answers every line with its ROT13: a few threads for all connections";
    let CommandLine { listen, threads } = server::parse(NAME, about);
    server::run(NAME, &listen, |listener| serve(listener, threads.into()))
}

/// One thread for each core can keep all of them busy; four even where there are fewer, as
/// conversations mostly wait.
fn default_threads() -> u16 {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    u16::try_from(cores).unwrap_or(u16::MAX).max(4)
}
// ANCHOR_END: head

// ANCHOR: serve
/// How many accepted connections may wait for a thread. Those beyond wait in the kernel, in the
/// listener's backlog, where they cost no descriptor.
const QUEUE: usize = 64;

fn serve(listener: TcpListener, threads: usize) -> io::Result<()> {
    let (queue, waiting) = mpsc::sync_channel(QUEUE);
    let pool = Arc::new(Pool {
        waiting: Mutex::new(waiting),
        unfinished: AtomicUsize::new(0),
    });
    for number in 1..=threads {
        let pool = Arc::clone(&pool);
        let thread = thread::Builder::new().spawn(move || pool.work());
        thread
            .map_err(|error| io::Error::other(format!("thread {number} of {threads}: {error}")))?;
    }
    let mut taken = server::Once::default();
    server::announce(listener.local_addr()?)?;
    loop {
        match listener.accept() {
            Ok((socket, _)) => {
                if pool.unfinished.fetch_add(1, Ordering::AcqRel) >= threads {
                    taken.warn(
                        NAME,
                        &format!("all {threads} threads are taken: clients wait"),
                    );
                }
                // Sleeps while the queue is full. The pool never hangs up.
                let _ = queue.send(socket);
            }
            Err(error) if server::must_rest(&error) => thread::sleep(server::REST),
            Err(_) => {}
        }
    }
}

// ANCHOR_END: serve

// ANCHOR: pool
struct Pool {
    waiting: Mutex<Receiver<TcpStream>>,
    /// The connections that wait or are being served.
    unfinished: AtomicUsize,
}

impl Pool {
    /// The life of each of the threads: take the next connection, serve it to its end.
    fn work(&self) {
        loop {
            // One idle thread sleeps in the queue, the others sleep for the lock. It is released at the
            // end of this `let`, before the conversation.
            let next = self
                .waiting
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .recv();
            let Ok(socket) = next else { return };
            let ended = converse(Connection::new(socket));
            // Before the connection is closed: a client that comes back at once is no reason to warn.
            self.unfinished.fetch_sub(1, Ordering::AcqRel);
            drop(ended);
        }
    }
}
// ANCHOR_END: pool
