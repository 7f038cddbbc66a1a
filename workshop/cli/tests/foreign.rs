//! Servers that are none of ours get the verdicts that they deserve.
#![cfg(unix)]

mod support;

use assert_cmd::Command;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use support::{grade, has};
use tempfile::TempDir;

fn foreign(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/foreign")
        .join(name)
}

fn python() -> String {
    format!("python3 '{}'", foreign("threads.py").display())
}

/// Full points for the step whose mechanism it has.
fn is_right(program: &str, bin: &str) {
    let verdict = grade(&[program, "--bin", bin]);
    assert!(verdict.full, "failed: {:?}", verdict.slugs("failed"));
    assert!(verdict.slugs("failed").is_empty());
}

/// Is the language there? `STARTERS=required` demands its tool.
fn is_there(tool: &str) -> bool {
    let there = has(tool);
    let required = std::env::var_os("STARTERS").is_some();
    assert!(there || !required, "{tool} is not there");
    there
}

/// What a compiler makes of one of these sources, in a folder that goes with it.
fn compiled(tool: &str, arguments: &[&str], source: &str) -> (TempDir, String) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = folder.path().join("server");
    let mut compiler = Command::new(tool);
    compiler.args(arguments).arg(&server).arg(foreign(source));
    compiler.timeout(COMPILING).assert().success();
    let server = format!("'{}'", server.display());
    (folder, server)
}

/// Long enough for a compiler's first time, on a busy machine.
const COMPILING: Duration = Duration::from_secs(120);
const C: [&str; 5] = ["-O2", "-Wall", "-Wextra", "-Werror", "-o"];
const GO: [&str; 2] = ["build", "-o"];

#[test]
fn a_right_server_in_python_gets_full_points() {
    if is_there("python3") {
        is_right("thread-server", &python());
    }
}

#[test]
fn one_in_python_with_a_selector_does_too() {
    if is_there("python3") {
        let server = format!("python3 '{}'", foreign("selector.py").display());
        is_right("select-server", &server);
    }
}

#[test]
fn one_in_c_that_forks_does_too() {
    if is_there("cc") {
        let (_folder, server) = compiled("cc", &C, "fork.c");
        is_right("fork-server", &server);
    }
}

#[test]
fn one_in_c_with_epoll_does_too() {
    if is_there("cc") {
        let (_folder, server) = compiled("cc", &C, "epoll.c");
        is_right("epoll-server", &server);
    }
}

/// A shell that waits for it is not what is judged.
#[test]
fn one_that_a_shell_has_started_does_too() {
    if is_there("cc") {
        let (_folder, server) = compiled("cc", &C, "epoll.c");
        let line = format!("{server} \"$@\"; exit $?");
        is_right(
            "epoll-server",
            &shell_words::join(["sh", "-c", &line, "sh"]),
        );
    }
}

/// Threads of the engine and of libuv's pool are no conversations, and garbage is not held by a client.
#[test]
fn one_for_node_does_too() {
    if is_there("node") {
        let server = format!("node '{}'", foreign("net.mjs").display());
        is_right("event-loop-server", &server);
    }
}

/// A goroutine is a task that reads like blocking code. The runtime waits for the sockets of all of them,
/// in one `epoll_wait`: that is step 08, whatever the threads are on which it runs them.
#[test]
fn one_in_go_does_too_as_a_runtime_and_is_found_out_as_threads() {
    if is_there("go") {
        let (_folder, server) = compiled("go", &GO, "goroutines.go");
        is_right("async-server", &server);
        let verdict = grade(&["thread-server", "--bin", &server]);
        assert!(!verdict.full);
        assert!(verdict.slugs("failed").contains(&"mechanism"));
    }
}

/// No demand: a virtual machine starts slowly, and is not everywhere.
#[test]
fn one_in_java_does_too() {
    if has("javac") {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut compiler = Command::new("javac");
        compiler
            .arg("-d")
            .arg(folder.path())
            .arg(foreign("Nio.java"));
        compiler.timeout(COMPILING).assert().success();
        let server = format!("java -cp '{}' Nio", folder.path().display());
        is_right("event-loop-server", &server);
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
