//! Servers that hang, each of a mistake that learners make (`hung/server.c`, `hung/server.py`): that
//! nothing more will come is said of nearly all of them, and at once. Skipped where there is no C
//! compiler, or no Python.
#![cfg(target_os = "linux")]

use grader::report::Painter;
use grader::{Case, Outcome, Program, cases};
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use subject::processes;
use terminal::Language;

/// Those in C, and the cases in which they hang.
const IN_C: &[(&str, &[&str])] = &[
    ("no-flush", &["hello"]),
    ("never-accepts", &["hello"]),
    ("sequential", &["silent-neighbour", "last-comes-first"]),
    ("one-answer", &["one-piece", "byte-at-a-time"]),
    ("waits-for-more", &["hello", "every-byte"]),
    ("stdio-unflushed", &["hello", "empty-lines", "pipelined"]),
    ("deadlock", &["silent-neighbour", "last-comes-first"]),
    (
        "forgotten-close",
        &["half-close", "half-close-tail", "half-close-at-once"],
    ),
    (
        "fork-keeps",
        &["half-close", "half-close-tail", "half-close-at-once"],
    ),
    (
        "epoll-forgotten-close",
        &["half-close", "half-close-at-once"],
    ),
    (
        "poll-forgotten-close",
        &["half-close", "half-close-at-once"],
    ),
    ("edge-read-once", &["hello", "every-byte", "pipelined"]),
    ("oneshot", &["one-piece"]),
];

/// Those in Python.
const IN_PYTHON: &[(&str, &[&str])] = &[
    ("no-flush", &["hello"]),
    ("sequential", &["silent-neighbour", "last-comes-first"]),
    ("makefile-unflushed", &["hello", "empty-lines", "pipelined"]),
    (
        "forgotten-close",
        &["half-close", "half-close-tail", "half-close-at-once"],
    ),
    ("fork-keeps", &["half-close", "half-close-at-once"]),
    (
        "select-forgotten-close",
        &["half-close", "half-close-at-once"],
    ),
    ("edge-read-once", &["hello", "every-byte", "pipelined"]),
];

/// How many of a hundred may be waited for until patience ends, as nothing is certain of them.
const PERCENT_WAITED_FOR: usize = 5;
const SIDE_BY_SIDE: usize = 8;

#[test]
fn who_hangs_is_given_up() {
    subject::signals::put_right();
    if processes::sleeping(std::process::id()).is_err() {
        println!("skipped: the system does not tell where a thread sleeps");
        return;
    }
    let all = cases::server();
    let mut hung = Vec::new();
    for (program, mistakes) in [(in_c(), IN_C), (in_python(), IN_PYTHON)] {
        let program: Vec<OsString> = program.unwrap_or_default();
        if program.is_empty() {
            continue;
        }
        for (mistake, slugs) in mistakes {
            for slug in *slugs {
                let case = all.iter().find(|case| case.slug == *slug);
                let told = [&program[..], &[mistake.into()]].concat();
                hung.push((told, *case.expect("there is")));
            }
        }
    }
    let (next, waited_for) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                while let Some((program, case)) = hung.get(next.fetch_add(1, SeqCst)) {
                    let told = told_of(program, case);
                    waited_for.lock().expect("nobody panics").extend(told);
                }
            });
        }
    });
    let waited_for = waited_for.into_inner().expect("nobody panicked");
    let (count, all) = (waited_for.len(), hung.len());
    println!("{} of {all} given up at once", all - count);
    let told = waited_for.join("\n");
    assert!(
        count * 100 <= all * PERCENT_WAITED_FOR,
        "{count} of {all}:\n{told}"
    );
}

/// A connection that has ended is ready for ever: who does not close it never sleeps again.
#[test]
fn who_spins_is_given_up_and_sooner_the_second_time() {
    subject::signals::put_right();
    let Some(python) = in_python() else {
        return;
    };
    let program = Program {
        arguments: [&python[1..], &["select-spins".into()]].concat(),
        ..Program::new(&python[0])
    };
    let all = cases::server();
    let told = ["half-close", "half-close-at-once"].map(|slug| {
        let case = all.iter().find(|case| case.slug == slug);
        let graded = case.expect("there is").grade(&program);
        Painter::plain(Language::English).failure(&graded)
    });
    for told in &told {
        for part in [
            "given up: the server has asked the kernel again and again",
            "and has not closed this connection",
            "recv has returned 0",
        ] {
            assert!(joined(told).contains(part), "no {part:?} in\n{told}");
        }
    }
    let is_known = told.map(|told| joined(&told).contains("as in a case before it"));
    assert_eq!(is_known, [false, true]);
}

/// Its words, however they were broken into lines.
fn joined(told: &str) -> String {
    told.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What is said of a server that hangs, where that nothing more will come is not among it.
fn told_of(program: &[OsString], case: &'static Case) -> Option<String> {
    let program = Program {
        arguments: program[1..].to_vec(),
        ..Program::new(&program[0])
    };
    let graded = case.grade(&program);
    if let Outcome::Failed(failure) = &graded.outcome {
        let mut notes = failure.notes.iter();
        if notes.any(|note| note.en.contains("nothing more will come")) {
            return None;
        }
    }
    let told = Painter::plain(Language::English).failure(&graded);
    Some(format!("{:?}: {told}", program.arguments))
}

fn in_c() -> Option<Vec<OsString>> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hung/server.c");
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hung-server");
    let compiled = Command::new("cc")
        .args(["-O1", "-pthread", "-o"])
        .args([&program, &source])
        .status();
    let Ok(status) = compiled else {
        println!("skipped: there is no cc");
        return None;
    };
    assert!(status.success(), "{} does not compile", source.display());
    Some(vec![program.into()])
}

fn in_python() -> Option<Vec<OsString>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hung/server.py");
    if Command::new("python3").arg("--version").output().is_err() {
        println!("skipped: there is no python3");
        return None;
    }
    // Not by what the environment says: it may want every print flushed.
    Some(vec!["python3".into(), "-E".into(), script.into()])
}
