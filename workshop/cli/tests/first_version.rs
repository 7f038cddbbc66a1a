//! What somebody sees first whose first version has one mistake: what to mend, by name.
#![cfg(target_os = "linux")]

use assert_cmd::Command;
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

/// Long enough for cargo to build a step for speed, once.
const PATIENCE: Duration = Duration::from_secs(300);

fn has_python() -> bool {
    let python = std::process::Command::new("python3").arg("-V").output();
    python.is_ok_and(|told| told.status.success())
}

fn grade(step: &str, bin: &str, more: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_workshop"));
    command
        .args(["--lang", "en", "grade", step, "--bin", bin])
        .args(more)
        .timeout(PATIENCE)
        .env("LC_ALL", "C.UTF-8");
    let told = command.assert().code(1).get_output().stdout.clone();
    String::from_utf8(told).expect("it is text")
}

/// The same of a server in Python that has this mistake.
fn with(mistake: &str, step: &str) -> Option<String> {
    let server = Path::new(env!("CARGO_MANIFEST_DIR")).join("../grader/tests/hung/server.py");
    // Not by what the environment says: it may want every print flushed.
    let bin = format!("python3 -E {} {mistake}", server.display());
    has_python().then(|| grade(step, &bin, &[]))
}

/// The screen has these, and the first one comes first.
fn has_in_order(screen: &str, parts: &[&str]) {
    let mut rest = screen;
    for part in parts {
        let at = rest.find(part);
        let at = at.unwrap_or_else(|| panic!("no {part:?} after what is before it:\n{screen}"));
        rest = &rest[at + part.len()..];
    }
}

#[test]
fn who_does_not_flush_is_told_once() {
    let Some(screen) = with("no-flush", "fork") else {
        return;
    };
    let parts = [
        "Mend first: the program does not come up",
        "has printed no line: is standard output flushed?",
        "0 of 43 cases",
    ];
    has_in_order(&screen, &parts);
    assert_eq!(screen.matches('✗').count(), 1, "{screen}");
}

#[test]
fn a_forgotten_close_is_one_finding() {
    let Some(screen) = with("fork-keeps", "fork") else {
        return;
    };
    let parts = [
        "Mend first: the server does not close connections",
        "half-close",
        "descriptors-given-back",
        "has not closed",
    ];
    has_in_order(&screen, &parts);
}

#[test]
fn who_reads_once_under_edge_triggering_is_told_of_eagain() {
    let Some(screen) = with("edge-read-once", "event-loop") else {
        return;
    };
    let parts = [
        "Mend first: the server is told once that bytes are there (EPOLLET)",
        "hello",
        "unread",
        "Read until EAGAIN",
    ];
    has_in_order(&screen, &parts);
}

/// A server in C with this mistake, compiled into `folder`; `None` where there is no compiler.
fn in_c(source: &str, mistakes: &[&str], folder: &Path) -> Option<String> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/first_versions");
    let server = folder.join("server");
    let mut compiler = std::process::Command::new("cc");
    compiler.arg("-w").arg(sources.join(source));
    let mistakes = mistakes.iter().map(|mistake| format!("-D{mistake}"));
    let compiled = compiler.args(mistakes).arg("-o").arg(&server).status();
    let Ok(status) = compiled else {
        eprintln!("SKIPPED: no C compiler");
        return None;
    };
    assert!(status.success(), "{source} does not compile");
    Some(server.display().to_string())
}

#[test]
fn mistakes_in_c_are_told_by_name_and_no_other() {
    for (source, mistakes, step, cases, parts) in [
        (
            "epoll.c",
            &["SIGPIPE_KILLS"],
            "event-loop",
            &["hello", "reset-client"][..],
            &[
                "Mend first: the server dies: killed by SIGPIPE",
                "reset-client",
            ][..],
        ),
        (
            "epoll.c",
            &["BLOCKING_SEND"],
            "event-loop",
            &["hello", "unread-client"],
            &[
                "Mend first: the server sleeps in send for a client that does not read",
                "O_NONBLOCK",
                "unread-client",
                "sleeps in sendto",
            ],
        ),
        (
            "epoll.c",
            &["BACKLOG_16"],
            "event-loop",
            &["hello", "accept-burst"],
            &[
                "Mend first: the listener's backlog overflows",
                "listen(fd, 4096)",
                "accept-burst",
            ],
        ),
        (
            "fork.c",
            &["SHORT_BUFFER"],
            "fork",
            &["hello", "max-line-minus-one", "max-line"],
            &[
                "Mend first: max-line",
                "2 cases",
                "16,384 bytes and a newline",
            ],
        ),
        (
            "fork.c",
            &["NO_WAITPID"],
            "fork",
            &["hello", "children-given-back"],
            &["Mend first: nobody asks how children have ended", "waitpid"],
        ),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let chosen: Vec<&str> = cases.iter().flat_map(|case| ["--case", case]).collect();
        let Some(right) = in_c(source, &[], folder.path()) else {
            return;
        };
        let mut command = Command::new(env!("CARGO_BIN_EXE_workshop"));
        command.args(["grade", step, "--bin", &right]).args(&chosen);
        command.timeout(PATIENCE).assert().success();
        let wrong = in_c(source, mistakes, folder.path()).expect("as before");
        has_in_order(&grade(step, &wrong, &chosen), parts);
    }
}

/// It is given back: in the meantime anybody may get it, and hardly anybody does.
fn free_address() -> SocketAddr {
    let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
    free.local_addr().expect("it is bound")
}

#[test]
fn who_cannot_be_started_again_at_once_is_told_of_so_reuseaddr() {
    let address = free_address();
    let folder = tempfile::tempdir().expect("a folder");
    let port = format!("PORT={}", address.port());
    let Some(bin) = in_c("fork.c", &["NO_REUSEADDR", &port], folder.path()) else {
        return;
    };
    let address = address.to_string();
    let more = [
        "--address",
        &address,
        "--case",
        "sigterm",
        "--case",
        "hello",
        "--case",
        "sigint",
    ];
    let parts = [
        "Mend first: the server cannot be started again at once: it does not set SO_REUSEADDR",
        "sigint",
        "Address already in use",
        "TIME_WAIT",
        "2 of 3 cases",
    ];
    has_in_order(&grade("fork", &bin, &more), &parts);
}

/// At a fixed address one case is run after the other: how many were begun can be counted.
#[test]
fn nothing_is_begun_after_the_first_failure_where_that_is_asked_for() {
    let address = free_address();
    let folder = tempfile::tempdir().expect("a folder");
    let port = format!("PORT={}", address.port());
    let Some(server) = in_c("fork.c", &["SHORT_BUFFER", &port], folder.path()) else {
        return;
    };
    let starts = folder.path().join("starts");
    let script = format!("echo >> {}; exec {server}", starts.display());
    let bin = format!("sh -c '{script}'");
    let more = ["--address", &address.to_string(), "--first"];
    let screen = grade("fork", &bin, &more);
    let begun = fs::read_to_string(&starts).expect("it was started");
    let judged = format!(" of {} cases", begun.lines().count());
    has_in_order(&screen, &["Mend first: max-line-minus-one", &judged]);
}

#[test]
fn a_script_that_cannot_start_is_told_by_name_with_what_mends_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = folder.path().join("server.sh");
    fs::write(&script, "#!/bin/sh\r\nexit\r\n").expect("it is written");
    let bin = script.display().to_string();
    let may = |mode| fs::set_permissions(&script, fs::Permissions::from_mode(mode));
    may(0o644).expect("it is ours");
    let told = grade("fork", &bin, &[]);
    has_in_order(
        &told,
        &["Mend first: the program cannot be started", "chmod +x"],
    );
    may(0o755).expect("it is ours");
    let told = grade("fork", &bin, &[]);
    has_in_order(&told, &["Mend first", "line ends of Windows", "sed -i"]);
}

#[test]
fn what_a_program_complains_of_reaches_no_terminal_as_it_is() {
    let told = grade(
        "fork",
        "sh -c 'printf \"\\033[2Jgone\\n\" >&2; exit 3'",
        &[],
    );
    assert!(
        told.contains("\\u{1b}[2Jgone") || told.contains("\\x1b[2Jgone"),
        "{told}"
    );
    assert!(!told.contains('\u{1b}'), "{told}");
}

#[test]
fn one_case_alone_is_graded_and_a_wrong_name_is_told_with_near_ones() {
    let told = grade("fork", "/bin/true", &["--case", "hello"]);
    assert!(told.contains("0 of 1 cases"), "{told}");
    let mut wrong = Command::new(env!("CARGO_BIN_EXE_workshop"));
    wrong
        .args(["grade", "fork", "--case", "helo"])
        .timeout(PATIENCE);
    let told = wrong.assert().code(2).get_output().stderr.clone();
    let told = String::from_utf8_lossy(&told).into_owned();
    assert!(told.contains("hello"), "{told}");
}
