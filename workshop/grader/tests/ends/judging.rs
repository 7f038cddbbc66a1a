//! The programs that stand beside this file, judged.

use grader::report::Painter;
use grader::{Case, Graded, Outcome, Program, cases};
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use terminal::Language;

/// When a verdict is missed: what a case may take on a machine that gives it all it wants, and as much
/// again several times.
pub(crate) const A_LONG_TIME: Duration = Duration::from_secs(100);
pub(crate) fn python(script: &str, way: &str) -> Option<Program> {
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

pub(crate) fn shell(script: &str, argument: &str) -> Program {
    let script = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/ends")
        .join(script);
    Program {
        arguments: vec![script.into(), OsString::from(argument)],
        ..Program::new("sh")
    }
}

pub(crate) fn server_case(slug: &str) -> &'static Case {
    let all = cases::server();
    all.into_iter()
        .find(|case| case.slug == slug)
        .expect("there is")
}

pub(crate) fn client_case(slug: &str) -> &'static Case {
    let all = cases::http_client();
    all.into_iter()
        .find(|case| case.slug == slug)
        .expect("there is")
}

/// What came of it, and the words for people; it is waited for no longer than for a long time.
pub(crate) fn judged(case: &'static Case, program: Program) -> (Graded, String) {
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

pub(crate) fn must_fail(case: &'static Case, program: Program, part: &str) {
    let (graded, words) = judged(case, program);
    assert!(matches!(graded.outcome, Outcome::Failed(_)), "{words}");
    assert!(words.contains(part), "no {part:?} in {words}");
}
