//! The first process of a container, for which the kernel has no default action at a signal.

use crate::support::PATIENCE;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, geteuid};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use subject::{Group, processes};

#[test]
fn a_client_ends_when_it_is_told_to() {
    let namespaces: &[&str] = match geteuid().is_root() {
        true => &["--pid", "--fork", "--mount-proc", "--kill-child"],
        false => &[
            "--pid",
            "--fork",
            "--mount-proc",
            "--kill-child",
            "--user",
            "--map-root-user",
        ],
    };
    let trial = Command::new("unshare")
        .args(namespaces)
        .arg("true")
        .status();
    if !trial.is_ok_and(|status| status.success()) {
        println!("SKIPPED: no namespace of processes can be made here");
        return;
    }
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = silent.local_addr().expect("it is bound").to_string();
        let mut client = Command::new("unshare");
        client
            .args(namespaces)
            .args([env!("CARGO_BIN_EXE_rot13-client"), &address])
            .stdin(Stdio::piped())
            .stdout(Stdio::null());
        let mut group = Group::spawn(&mut client).expect("it can be started");
        let (_connection, _) = silent.accept().expect("it connects");
        let family = processes::tree(group.id()).expect("Linux tells");
        kill(Pid::from_raw(family[1].pid as i32), signal).expect("it lives");
        let deadline = Instant::now() + PATIENCE;
        while group.ended().is_none() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(2));
        }
        let status = group.ended().expect("it goes on all the same");
        assert_eq!(status.code(), Some(128 + signal as i32), "{signal}");
    }
}
