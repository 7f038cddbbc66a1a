//! Programs that never come to an end (`ends/`): the judge does, with a verdict, little memory and no
//! process left. Skipped where there is no Python.
#![cfg(target_os = "linux")]

use grader::report::Painter;
use grader::step::{Assignment, Expected};
use grader::{Case, Graded, Outcome, Program, cases};
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use terminal::Language;

/// When a verdict is missed: what a case may take on a machine that gives it all it wants, and as much
/// again several times.
const A_LONG_TIME: Duration = Duration::from_secs(100);
/// How much memory the judge may hold at most, in KiB: the largest case's own bytes, and far less than a
/// program can print meanwhile.
const LITTLE: u64 = 200 << 10;

fn python(script: &str, way: &str) -> Option<Program> {
    if Command::new("python3").arg("--version").output().is_err() {
        println!("skipped: there is no python3");
        return None;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/ends")
        .join(script);
    Some(Program {
        arguments: vec![script.into(), OsString::from(way)],
        ..Program::new("python3")
    })
}

fn shell(output: &str) -> Program {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ends/prints.sh");
    Program {
        arguments: vec![script.into(), OsString::from(output)],
        ..Program::new("sh")
    }
}

fn server_case(slug: &str) -> &'static Case {
    let all = cases::server();
    all.into_iter()
        .find(|case| case.slug == slug)
        .expect("there is")
}

fn client_case(slug: &str) -> &'static Case {
    let all = cases::http_client();
    all.into_iter()
        .find(|case| case.slug == slug)
        .expect("there is")
}

/// What came of it, and the words for people; it is waited for no longer than for a long time.
fn judged(case: &'static Case, program: Program) -> (Graded, String) {
    subject::signals::put_right();
    let (tell, told) = mpsc::channel();
    thread::spawn(move || tell.send(case.grade(&program)));
    let graded = told.recv_timeout(A_LONG_TIME);
    let graded = graded.unwrap_or_else(|_| panic!("{}: no verdict", case.slug));
    let words = Painter::plain(Language::English).failure(&graded);
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    println!("{} in {:?}: {words}", case.slug, graded.took);
    (graded, words)
}

fn must_fail(case: &'static Case, program: Program, part: &str) {
    let (graded, words) = judged(case, program);
    assert!(matches!(graded.outcome, Outcome::Failed(_)), "{words}");
    assert!(words.contains(part), "no {part:?} in {words}");
}

#[test]
fn who_drips_gets_a_verdict() {
    let Some(program) = python("server.py", "drips") else {
        return;
    };
    thread::scope(|scope| {
        for slug in ["lines-8mib", "order-under-load", "half-close-answers-owed"] {
            let program = program.clone();
            scope.spawn(move || must_fail(server_case(slug), program, "for a case"));
        }
    });
}

/// Of a program that nearly always runs out of time, the last cases get less.
#[test]
fn the_grade_of_whoever_drips_ends() {
    let Some(program) = python("server.py", "drips-again") else {
        return;
    };
    subject::signals::put_right();
    let slugs = [
        "lines-8mib",
        "random-8mib",
        "order-under-load",
        "pipelined",
        "half-close-answers-owed",
        "max-line",
        "max-line-plus-one",
        "long-line",
        "any-cut",
        "byte-at-a-time",
        "one-piece",
    ];
    let assignments = slugs.map(|slug| Assignment {
        case: server_case(slug),
        expected: Expected::Pass,
    });
    let (tell, told) = mpsc::channel();
    thread::spawn(move || tell.send(grader::grade(&program, &assignments, |_| {})));
    let graded = told.recv_timeout(A_LONG_TIME * 2).expect("no report");
    assert_eq!(graded.len(), slugs.len());
    let notes = graded.iter().map(|graded| match &graded.outcome {
        Outcome::Failed(failure) => &failure.notes,
        other => panic!("{}: {other:?}", graded.case.slug),
    });
    let sooner = notes.flatten().filter(|note| {
        note.en
            .contains("5 s is the time for a case after 3 others")
    });
    assert!(sooner.count() > 0);
}

#[test]
fn who_sips_gets_a_verdict() {
    let Some(program) = python("server.py", "sips") else {
        return;
    };
    thread::scope(|scope| {
        for slug in ["random-8mib", "unread-client", "pipelined"] {
            let program = program.clone();
            scope.spawn(move || must_fail(server_case(slug), program, "for a case"));
        }
    });
}

#[test]
fn who_half_closes_and_reads_nothing_gets_a_verdict() {
    let Some(program) = python("server.py", "half-closes") else {
        return;
    };
    must_fail(server_case("lines-8mib"), program.clone(), "FIN");
    let said = said_and_listened(&program);
    assert!(said.contains("nothing more was taken"), "{said}");
}

/// What comes of more than the kernel holds, said to somebody who has half-closed.
fn said_and_listened(program: &Program) -> String {
    let program = program.clone();
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let server = grader::Server::start(&program).expect("it starts");
        let mut client = server.connect().expect("it listens");
        let said = client.say_and_listen(&vec![b'x'; 64 << 20]);
        tell.send(format!("{said:?}"))
    });
    told.recv_timeout(A_LONG_TIME).expect("it comes to an end")
}

#[test]
fn whoever_prints_for_ever_is_capped() {
    let Some(program) = python("client.py", "prints-for-ever") else {
        return;
    };
    let case = client_case("http-byte-at-a-time");
    must_fail(case, program, "went on printing");
    for slug in ["http-help", "http-refused"] {
        must_fail(client_case(slug), shell("1"), "it printed more than");
    }
    assert!(most_memory() < LITTLE, "{} KiB", most_memory());
}

#[test]
fn whoever_complains_for_ever_is_capped() {
    let Some(program) = python("client.py", "complains-for-ever") else {
        return;
    };
    let case = client_case("http-byte-at-a-time");
    must_fail(case, program, "only the first 16 KiB of it are kept");
    let case = client_case("http-help");
    must_fail(case, shell("2"), "it printed more than");
    // A server may say what it likes.
    let program = python("server.py", "babbles").expect("there was one");
    let (graded, words) = judged(server_case("hello"), program);
    assert!(matches!(graded.outcome, Outcome::Passed), "{words}");
    assert!(most_memory() < LITTLE, "{} KiB", most_memory());
}

#[test]
fn whoever_leaves_a_child_that_holds_its_outputs_is_not_waited_for() {
    let Some(program) = python("client.py", "leaves-a-child") else {
        return;
    };
    let case = client_case("http-byte-at-a-time");
    must_fail(case, program, "the client ended without one");
    let program = python("server.py", "leaves-a-child").expect("there was one");
    must_fail(server_case("hello"), program, "exit status 3");
}

#[test]
fn whoever_has_left_the_group_that_it_led_is_ended() {
    let Some(program) = python("client.py", "changes-its-group") else {
        return;
    };
    let case = client_case("http-byte-at-a-time");
    must_fail(case, program, "no connection");
}

/// The most memory that this process has held so far, in KiB.
fn most_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux tells");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number
        .and_then(|number| number.parse().ok())
        .expect("a number")
}
