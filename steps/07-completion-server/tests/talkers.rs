//! More clients who talk without pause than there are buffers, and one who asks now and then.

#![cfg(target_os = "linux")]

use completion_server::BUFFERS;
use grader::{Need, Program, Server};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use terminal::{Language, text};

/// As many as there are buffers would do; a few more, and it is not by a hair's breadth.
const TALKERS: usize = BUFFERS as usize + 16;
/// How often the polite one asks.
const QUESTIONS: usize = 20;

/// Says lines and throws the answers away until it is told to stop. Always more is on its way.
fn talk(address: SocketAddr, stop: &AtomicBool) {
    let stream = TcpStream::connect(address).expect("it listens");
    let lines = b"Hello, World\n".repeat(1000);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut answers = vec![0; 64 << 10];
            while matches!((&stream).read(&mut answers), Ok(length) if length > 0) {}
        });
        while !stop.load(Ordering::Relaxed) && (&stream).write_all(&lines).is_ok() {}
        let _ = stream.shutdown(std::net::Shutdown::Write);
    });
}

#[test]
fn those_who_talk_without_pause_keep_nobody_from_being_answered() {
    if let Some(reason) = Need::IoUring.missing() {
        let _ = writeln!(io::stderr(), "skipped: {}", reason.get(Language::English));
        return;
    }
    static STARVED: terminal::Text = text("It is kept waiting by others.", "别人让它干等着。");
    let server = Server::start(&Program::new(env!("CARGO_BIN_EXE_completion-server")));
    let server = server.expect("it starts");
    let address = server.address();
    let stop = AtomicBool::new(false);
    let asked = thread::scope(|scope| {
        for _ in 0..TALKERS {
            scope.spawn(|| talk(address, &stop));
        }
        // A new client each time: to be accepted is a thing to wait for, too.
        let asked = (0..QUESTIONS).try_for_each(|_| server.connect()?.ask(b"Hello\n", &STARVED));
        stop.store(true, Ordering::Relaxed);
        drop(server); // or those who are starved would wait for it
        asked
    });
    asked.expect("everybody is answered");
}
