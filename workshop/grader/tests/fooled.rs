//! Programs that would fool the judge, each as little as it takes (`fooled/server.py`, some lines of
//! shell): each gets its just verdict, soon, and nothing of it is left. Beside them, right servers
//! that are started or behave in a way that is easily taken for that. Skipped where there is no
//! Python.
#![cfg(target_os = "linux")]

use grader::report::Painter;
use grader::step::Mechanism;
use grader::{Case, Graded, Outcome, Program, Server, cases};
use nix::unistd::geteuid;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::iter;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use subject::processes;
use terminal::Language;

/// How soon a verdict must be there.
const SOON: Duration = Duration::from_secs(20);
/// An ordinary user, whom nobody is.
const SOMEBODY: u32 = 54_321;
/// Set for a process that is not to change its user any more.
const IS_SOMEBODY: &str = "FOOLED_AS_SOMEBODY";

#[test]
fn who_prints_anothers_address_gets_no_point_for_it() {
    let other = right();
    let script = format!("echo listening on {}; exec sleep 1000", other.address());
    let impostor = program("/bin/sh", &["-c", &script]);
    let told = all_fail(&impostor);
    let pid = other.pid().expect("it was started here");
    is_told(&told, &[&format!("process {pid} ("), "broken-server"]);
    is_told(&told, &[&format!("进程 {pid}（")]);
}

#[test]
fn who_listens_elsewhere_and_prints_anothers_address_does_not_either() {
    let other = right();
    let address = other.address().to_string();
    let Some(impostor) = python(&["impostor", &address]) else {
        return;
    };
    is_told(&all_fail(&impostor), &["which the program did not start"]);
}

#[test]
fn who_has_died_while_another_answers_is_told_as_dead() {
    let other = right();
    let script = format!("echo listening on {}", other.address());
    let told = all_fail(&program("/bin/sh", &["-c", &script]));
    is_told(&told, &["which the program did not start"]);
    is_told(&told, &["the server has ended: exit status 0"]);
}

#[test]
fn who_leaves_a_daemon_behind_is_told_as_that() {
    let Some(daemon) = python(&["daemon"]) else {
        return;
    };
    let told = all_fail(&daemon);
    is_told(&told, &["left behind", "stays in the foreground"]);
}

/// Whoever waits for a server, and is none, is seen through.
#[test]
fn a_wrapper_is_seen_through() {
    let server = env!("CARGO_BIN_EXE_broken-server");
    let script = format!("'{server}' \"$@\"; exit $?");
    let wrapped = Program {
        mechanism: Some(Mechanism::ThreadEach),
        ..program("/bin/sh", &["-c", &script, "sh"])
    };
    let mut all = cases::server();
    all.extend(cases::of_mechanism(Some(&Mechanism::ThreadEach)));
    // Two processes are there, and an ordinary user has no limit that leaves just those.
    let may_be_skipped: &[&str] = match geteuid().is_root() {
        true => &[],
        false => &["turned-away"],
    };
    all_pass(&wrapped, &all, may_be_skipped);
}

#[test]
fn a_wrapper_that_hands_on_no_signal_is_seen_through() {
    let server = env!("CARGO_BIN_EXE_broken-server");
    let line = "import subprocess, sys; sys.exit(subprocess.call(sys.argv[1:]) and 3)";
    let wrapped = Program {
        mechanism: Some(Mechanism::ThreadEach),
        ..program("python3", &["-c", line, server])
    };
    if !has_python() {
        return;
    }
    let slugs = ["sigterm", "sigint", "mechanism", "idle-cpu", "raises-limit"];
    let mut all = cases::server();
    all.extend(cases::of_mechanism(Some(&Mechanism::ThreadEach)));
    all.retain(|case| slugs.contains(&case.slug));
    all_pass(&wrapped, &all, &[]);
}

/// What an ordinary user may not look at is not known, and no fault.
#[test]
fn who_may_not_be_looked_at_is_not_accused() {
    as_somebody("who_may_not_be_looked_at_is_not_accused", || {
        let Some(server) = python(&["undumpable"]) else {
            return;
        };
        static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());
        grader::tell_waits(|what| {
            SAID.lock()
                .expect("nobody panics")
                .push(what.en.to_string())
        });
        let slugs = [
            "hello",
            "unread-client",
            "descriptors-given-back",
            "sigterm",
        ];
        let mut all = cases::server();
        all.retain(|case| slugs.contains(&case.slug));
        all_pass(&server, &all, &["descriptors-given-back"]);
        let said = SAID.lock().expect("nobody panics").join("\n");
        assert_eq!(said.matches("not known").count(), 1, "{said}");
        assert_eq!(said.matches("not measured").count(), 1, "{said}");
    });
}

/// Where memory cannot be read, bytes tell.
#[test]
fn who_takes_all_without_being_seen_was_never_held_back() {
    as_somebody(
        "who_takes_all_without_being_seen_was_never_held_back",
        || {
            let Some(hoarder) = python(&["undumpable-hoarder"]) else {
                return;
            };
            is_told(
                &fails(&hoarder, "unread-client"),
                &["64 MiB", "nothing held it back"],
            );
        },
    );
}

/// What is kept in a file is no memory.
#[test]
fn who_takes_all_into_a_file_was_never_held_back() {
    let Some(hoarder) = python(&["hoarder"]) else {
        return;
    };
    is_told(
        &fails(&hoarder, "unread-client"),
        &["64 MiB", "nothing held it back"],
    );
}

/// Who does not start where processes are scarce has not shown what it does then.
#[test]
fn who_does_not_start_has_failed() {
    let server = env!("CARGO_BIN_EXE_broken-server");
    // The limit's line is `Max processes  SOFT  HARD  processes`.
    let script = format!(
        "while read -r a b soft rest; do [ \"$a $b\" = 'Max processes' ] && limit=$soft; done \
         </proc/self/limits; [ \"$limit\" = 1 ] && exit 7; exec '{server}' \"$@\""
    );
    let dodger = Program {
        mechanism: Some(Mechanism::ThreadEach),
        ..program("/bin/sh", &["-c", &script, "sh"])
    };
    let told = fails(&dodger, "turned-away");
    is_told(&told, &["exit status 7"]);
}

/// The same of one that ends by a signal, as some runtimes do.
#[test]
fn who_dies_at_the_start_has_failed() {
    let server = env!("CARGO_BIN_EXE_broken-server");
    let script = format!(
        "while read -r line; do case \"$line\" in 'Max processes '*' 1 '*) kill -ABRT $$; esac; done \
         </proc/self/limits; exec '{server}' \"$@\""
    );
    let dodger = Program {
        mechanism: Some(Mechanism::ThreadEach),
        ..program("/bin/sh", &["-c", &script, "sh"])
    };
    let told = fails(&dodger, "turned-away");
    is_told(&told, &["SIGABRT"]);
}

/// Every answer of it is right. Skipped where there is no C compiler.
#[test]
fn who_forks_loses_points_for_each_fault_by_name() {
    let Some(forking) = forking() else {
        return;
    };
    let faults = [
        (
            "accept-ends",
            "out-of-descriptors",
            "accept: Too many open files",
        ),
        ("cut-in-two", "one-piece", "Where a line is cut"),
        ("keeps-listener", "descriptors-given-back", "the listener"),
    ];
    let server = |fault: &str| Program {
        mechanism: Some(Mechanism::ProcessEach),
        ..program(&forking, &[fault])
    };
    for (fault, slug, told) in faults {
        all_pass(&server("none"), &[case(slug)], &[]);
        for fault in [fault, "all"] {
            is_told(&fails(&server(fault), slug), &[told]);
        }
    }
    let others = ["hello", "max-line-plus-one", "mechanism", "sigterm"].map(case);
    all_pass(&server("all"), &others, &[]);
}

/// `None`, and a word about it, where there is no C compiler.
fn forking() -> Option<String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fooled/forking.c");
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("forking");
    let compiled = Command::new("cc")
        .args(["-O1", "-Wall", "-Wextra", "-Werror", "-o"])
        .args([&program, &source])
        .status();
    match compiled {
        Ok(status) => assert!(status.success(), "{} does not compile", source.display()),
        Err(_) => {
            println!("skipped: there is no cc");
            return None;
        }
    }
    Some(program.to_str()?.to_owned())
}

/// A right server, of whom somebody else may make use.
fn right() -> Server {
    subject::signals::put_right();
    let right = Program::new(env!("CARGO_BIN_EXE_broken-server"));
    Server::start(&right).unwrap_or_else(|trouble| panic!("{trouble:?}"))
}

fn program(path: &str, arguments: &[&str]) -> Program {
    Program {
        arguments: arguments.iter().map(OsString::from).collect(),
        ..Program::new(path)
    }
}

/// `None`, and a word about it, where there is no Python.
fn python(arguments: &[&str]) -> Option<Program> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fooled/server.py");
    let script = script.to_str()?;
    has_python().then(|| program(interpreter(), &[&["-B", script], arguments].concat()))
}

/// One that any user may run, if there is one.
fn interpreter() -> &'static str {
    match Path::new("/usr/bin/python3").exists() {
        true => "/usr/bin/python3",
        false => "python3",
    }
}

fn has_python() -> bool {
    let there = Command::new(interpreter()).arg("--version").output();
    let there = there.is_ok_and(|output| output.status.success());
    if !there {
        println!("skipped: there is no python3");
    }
    there
}

fn case(slug: &str) -> &'static Case {
    let mut all = cases::server();
    all.extend(cases::of_mechanism(Some(&Mechanism::ThreadEach)));
    let found = all.into_iter().find(|case| case.slug == slug);
    found.expect("there is such a case")
}

/// It is graded, soon, and nothing of it is left.
fn graded(case: &'static Case, program: &Program) -> Graded {
    subject::signals::put_right();
    let start = Instant::now();
    let graded = case.grade(program);
    let took = start.elapsed();
    assert!(took < SOON, "{}: {took:?}", case.slug);
    graded
}

/// Of its cases, each fails; returns what is told of one that talks to it, in both languages.
fn all_fail(program: &Program) -> String {
    let slugs = [
        "hello",
        "half-close",
        "unread-client",
        "sigterm",
        "raises-limit",
    ];
    let told = slugs.map(|slug| fails(program, slug));
    told[0].clone()
}

fn fails(program: &Program, slug: &str) -> String {
    let graded = graded(case(slug), program);
    assert!(
        matches!(graded.outcome, Outcome::Failed(_)),
        "{slug}: {:?}",
        graded.outcome
    );
    nothing_is_left(program);
    let told = [Language::English, Language::Chinese];
    told.map(|language| Painter::plain(language).failure(&graded))
        .join("\n")
}

fn all_pass(program: &Program, cases: &[&'static Case], may_be_skipped: &[&str]) {
    for case in cases {
        let graded = graded(case, program);
        match &graded.outcome {
            Outcome::Passed => {}
            Outcome::Skipped(_) if may_be_skipped.contains(&case.slug) => {}
            outcome => {
                let told = Painter::plain(Language::English).failure(&graded);
                panic!("{}: {outcome:?}\n{told}", case.slug);
            }
        }
    }
    nothing_is_left(program);
}

/// No process that was started so is there any more. Other tests run beside this one, and other people's
/// programs, which may have the same arguments.
fn nothing_is_left(program: &Program) {
    let path = program.path.as_os_str();
    let started: Vec<&[u8]> = iter::once(path)
        .chain(program.arguments.iter().map(OsString::as_os_str))
        .map(OsStrExt::as_bytes)
        .collect();
    let all = processes::tree(1).expect("Linux tells");
    for process in all {
        let line = fs::read(format!("/proc/{}/cmdline", process.pid)).unwrap_or_default();
        let words: Vec<&[u8]> = line.split(|&byte| byte == 0).collect();
        let is_left = words.starts_with(&started);
        assert!(!is_left, "{process:?} {}", String::from_utf8_lossy(&line));
    }
}

/// All of it is told, wherever lines are broken.
fn is_told(told: &str, parts: &[&str]) {
    let joined = told.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in parts {
        assert!(joined.contains(part), "no {part:?} in\n{told}");
    }
}

/// Runs this test as an ordinary user, be it in another process.
fn as_somebody(test: &str, run: impl FnOnce()) {
    if !geteuid().is_root() || env::var_os(IS_SOMEBODY).is_some() {
        return run();
    }
    let tests = env::current_exe().expect("it runs");
    let output = Command::new(tests)
        .args([test, "--exact", "--nocapture"])
        .env(IS_SOMEBODY, "")
        .env("TMPDIR", "/tmp")
        .uid(SOMEBODY)
        .gid(SOMEBODY)
        .output();
    match output {
        Err(error) => println!("skipped: no test of another user's: {error}"),
        Ok(output) => assert!(
            output.status.success(),
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        ),
    }
}
