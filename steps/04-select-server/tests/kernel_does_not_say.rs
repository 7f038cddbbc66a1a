//! A kernel that does not say who is ready: everybody is served all the same, and nobody spins.

#![cfg(target_os = "linux")]

#[path = "../../../workshop/grader/tests/support/forbid.rs"]
mod forbid;

use grader::{Program, Server};
use nix::errno::Errno;
use nix::libc;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::thread;
use std::time::Duration;
use subject::processes;

const SELECT: &str = env!("CARGO_BIN_EXE_select-server");
const POLL: &str = env!("CARGO_BIN_EXE_poll-server");

/// How many clients there are.
const CLIENTS: usize = 200;
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// For how long the server is watched, and how much processor time it may use meanwhile.
const WATCHED: Duration = Duration::from_millis(500);
const MAY_USE: Duration = Duration::from_millis(100);

#[test]
fn select_without_memory() {
    #[cfg(target_arch = "x86_64")]
    let calls = [libc::SYS_select, libc::SYS_pselect6];
    #[cfg(not(target_arch = "x86_64"))]
    let calls = [libc::SYS_pselect6];
    forbid::without(&calls, Errno::ENOMEM, || all_are_served(&start(SELECT)));
}

#[test]
fn poll_without_memory() {
    #[cfg(target_arch = "x86_64")]
    let calls = [libc::SYS_poll, libc::SYS_ppoll];
    #[cfg(not(target_arch = "x86_64"))]
    let calls = [libc::SYS_ppoll];
    forbid::without(&calls, Errno::ENOMEM, || all_are_served(&start(POLL)));
}

/// `poll(2)` takes no more entries than descriptors are allowed.
#[test]
fn fewer_descriptors_allowed_than_are_open() {
    for program in [SELECT, POLL] {
        let server = start(program);
        let clients = all_are_served(&server);
        limit_descriptors(&server, "64");
        clients.iter().for_each(is_served);
        rests(&server);
        // Nobody can be accepted, and nobody is lost.
        let next = connect(&server);
        clients.iter().for_each(is_served);
        drop(clients);
        is_served(&next);
    }
}

fn start(program: &str) -> Server {
    Server::start(&Program::new(program)).expect("it starts")
}

fn all_are_served(server: &Server) -> Vec<TcpStream> {
    let clients: Vec<TcpStream> = (0..CLIENTS).map(|_| connect(server)).collect();
    clients.iter().for_each(is_served);
    rests(server);
    clients
}

fn rests(server: &Server) {
    let pid = server.pid().expect("it was started here");
    let before = processes::cpu(pid).expect("Linux tells");
    // What is measured is a stretch of time: nothing is waited for.
    thread::sleep(WATCHED);
    let used = processes::cpu(pid).expect("as before") - before;
    assert!(used < MAY_USE, "{used:?} of {WATCHED:?} with nothing to do");
}

fn connect(server: &Server) -> TcpStream {
    let client = TcpStream::connect(server.address()).expect("it listens");
    client.set_read_timeout(Some(PATIENCE)).expect("a socket");
    client
}

fn is_served(mut client: &TcpStream) {
    let mut answer = [0; 6];
    client.write_all(b"Hello\n").expect("it reads");
    client.read_exact(&mut answer).expect("it answers");
    assert_eq!(&answer, b"Uryyb\n");
}

/// As an administrator can, while it runs (`prlimit(1)`).
fn limit_descriptors(server: &Server, limit: &str) {
    let pid = server.pid().expect("it was started here");
    let status = Command::new("prlimit")
        .args([format!("--pid={pid}"), format!("--nofile={limit}")])
        .status();
    assert!(status.expect("util-linux has it").success());
}
