//! A program that stands in its chapter to fail a case: that it does is what is checked.

use grader::report::Score;
use grader::step::{Assignment, Expected};
use grader::{Graded, Outcome, Program, cases};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use terminal::Text;

fn wrong_option(script: &str) -> Graded {
    let folder = tempfile::tempdir().expect("there is room for a file");
    let file = folder.path().join("program");
    fs::write(&file, format!("#!/bin/sh\n{script}\n")).expect("it can be written");
    fs::set_permissions(&file, Permissions::from_mode(0o755)).expect("it is ours");
    let mut cases = cases::server().into_iter();
    let assignment = Assignment {
        case: cases
            .find(|it| it.slug == "wrong-option")
            .expect("there is one"),
        expected: Expected::Failure(Text::new("it has none", "没有")),
    };
    assignment.grade(&Program::new(file))
}

#[test]
fn who_fails_as_it_should_loses_nothing() {
    let graded = wrong_option("exit 0");
    assert!(matches!(&graded.outcome, Outcome::FailedOnPurpose(why, _) if why.en == "it has none"));
    let score = Score::of(&[graded]);
    assert_eq!(
        (score.on_purpose, score.judged, score.max_points),
        (1, 0, 0)
    );
    assert!(score.is_full());
}

#[test]
fn who_passes_all_the_same_has_failed() {
    let graded = wrong_option("echo usage >&2; exit 2");
    let Outcome::Failed(failure) = &graded.outcome else {
        panic!("{:?}", graded.outcome);
    };
    assert!(failure.meaning.en.contains("on purpose"));
    assert!(!Score::of(&[graded]).is_full());
}
