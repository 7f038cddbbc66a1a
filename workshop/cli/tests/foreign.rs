//! Servers that are none of ours get the verdicts that they deserve.
#![cfg(unix)]

mod support;

use assert_cmd::Command;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use support::{grade, has};

fn foreign(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/foreign")
        .join(name)
}

fn python() -> String {
    format!("python3 '{}'", foreign("threads.py").display())
}

#[test]
fn a_right_server_in_python_gets_full_points() {
    if has("python3") {
        let verdict = grade(&["thread-server", "--bin", &python()]);
        assert!(verdict.full, "failed: {:?}", verdict.slugs("failed"));
        assert!(verdict.slugs("failed").is_empty());
    }
}

#[test]
fn a_thread_server_that_poses_as_a_fork_server_is_found_out() {
    if has("python3") {
        let verdict = grade(&["fork", "--bin", &python()]);
        assert!(!verdict.full);
        assert_eq!(verdict.slugs("failed"), ["mechanism"]);
    }
}

#[test]
fn a_server_in_c_that_knows_only_its_address_is_judged_by_its_bytes() {
    if !has("cc") {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = folder.path().join("letter-n");
    let address = free_address();
    let mut compiler = Command::new("cc");
    compiler
        .arg(format!("-DPORT={}", address.port()))
        .arg("-o")
        .arg(&server);
    compiler.arg(foreign("letter-n.c")).assert().success();
    let server = server.display().to_string();
    // It listens at the address of IPv4.
    let address = format!("localhost:{}", address.port());
    let verdict = grade(&["fork", "--bin", &server, "--address", &address]);
    assert!(!verdict.full);
    // Its children do not go with it, either.
    let deserved = [
        "every-byte",
        "random-8mib",
        "lines-8mib",
        "sigterm",
        "sigint",
    ];
    assert_eq!(verdict.slugs("failed"), deserved);
    for told in ["help", "wrong-option", "port-in-use", "out-of-descriptors"] {
        assert!(
            verdict.slugs("skipped").contains(&told),
            "{told} was measured"
        );
    }
}

#[test]
fn a_server_that_runs_already_is_judged_and_its_processes_are_not_measured() {
    if !has("python3") {
        return;
    }
    let address = free_address().to_string();
    let mut server = std::process::Command::new("python3")
        .arg(foreign("threads.py"))
        .args(["--listen", &address])
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is there");
    let mut line = String::new();
    let stdout = server.stdout.as_mut().expect("piped");
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).expect("a line");
    // Whichever of its addresses comes first.
    let name = address.replace("127.0.0.1", "localhost");
    let verdict = grade(&["thread-server", "--address", &name]);
    let _ = server.kill();
    let _ = server.wait();
    assert!(verdict.full, "failed: {:?}", verdict.slugs("failed"));
    for process in [
        "idle-cpu",
        "sigterm",
        "descriptors-given-back",
        "mechanism",
        "help",
    ] {
        assert!(
            verdict.slugs("skipped").contains(&process),
            "{process} was measured"
        );
    }
}

#[test]
fn a_line_of_shell_that_only_says_it_listens_gets_nothing() {
    let nobody = free_address();
    let line = format!("sh -c 'echo listening on {nobody}; exec sleep 2'");
    let verdict = grade(&["fork", "--bin", &line]);
    assert!(!verdict.full);
    let failed = verdict.slugs("failed");
    for slug in [
        "hello",
        "half-close",
        "crowd",
        "sigterm",
        "help",
        "version",
        "port-in-use",
    ] {
        assert!(failed.contains(&slug), "{slug} has passed");
    }
}

/// An address at which nobody listens, for the moment.
fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it is bound")
}
