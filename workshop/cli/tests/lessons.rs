//! Hints, progress, a step as a lesson, and the language, from one start of the tool to the next.
#![cfg(target_os = "linux")]

#[path = "watch/player.rs"]
#[allow(dead_code)] // a lesson needs some of it
mod player;

mod checkout;

use assert_cmd::Command;
use checkout::Checkout;
use predicates::prelude::*;
use predicates::str::contains;
use std::fs;

/// Without `--lang`, in a locale of neither language.
fn tool(checkout: &Checkout, arguments: &[&str]) -> assert_cmd::assert::Assert {
    let mut tool = Command::new(env!("CARGO_BIN_EXE_workshop"));
    tool.args(arguments)
        .current_dir(checkout.path(""))
        .env("LC_ALL", "C.UTF-8")
        .env_remove("WORKSHOP_PROGRESS");
    tool.assert()
}

#[test]
fn hints_come_one_by_one_and_are_remembered() {
    let checkout = Checkout::new();
    for (number, was_seen) in [(1, false), (2, false), (3, false), (4, false), (4, true)] {
        let hint = tool(&checkout, &["hint", "2", "reaping"]).success();
        let hint = hint.stdout(contains(format!("Hint {number} of 4")));
        hint.stdout(contains("cargo run -- solution 2 4").count(usize::from(was_seen)));
    }
    tool(&checkout, &["hint", "2", "reaping", "--all"])
        .success()
        .stdout(contains("Hint ").count(4));
    // The first task that is not passed, of a step of which nothing is known.
    tool(&checkout, &["hint", "fork"])
        .success()
        .stdout(contains("A conversation").and(contains("Hint 1 of")));
    tool(&checkout, &["hint", "2", "1", "--all"])
        .success()
        .stdout(contains("Hint ").count(1));
    tool(&checkout, &["hint", "2", "cooking"])
        .failure()
        .stderr(contains("reaping"));
    let kept = checkout.read("work/progress.toml");
    assert!(
        kept.contains("reaping = 4") && kept.contains("conversation = 1"),
        "{kept}"
    );
}

#[test]
fn the_language_is_remembered_by_what_learners_use() {
    let checkout = Checkout::new();
    tool(&checkout, &["progress"])
        .success()
        .stdout(contains("nothing has been begun"));
    tool(&checkout, &["--lang", "zh", "progress"])
        .success()
        .stdout(contains("还没有开始"));
    tool(&checkout, &["progress"])
        .success()
        .stdout(contains("还没有开始"));
    tool(&checkout, &["grade", "99"])
        .failure()
        .stderr(contains("没有"));
    tool(&checkout, &["--lang", "en", "hint", "2"]).success();
    tool(&checkout, &["progress"])
        .success()
        .stdout(contains("nothing has been begun"));
    // A judge is asked once, and keeps nothing.
    tool(&checkout, &["--lang", "zh", "grade", "99"]).failure();
    tool(&checkout, &["progress"])
        .success()
        .stdout(contains("nothing has been begun"));
}

#[test]
fn progress_may_stand_elsewhere_or_nowhere() {
    let checkout = Checkout::new();
    let run = |elsewhere: &str| {
        let mut tool = Command::new(env!("CARGO_BIN_EXE_workshop"));
        tool.args(["hint", "2"])
            .current_dir(checkout.path(""))
            .env("WORKSHOP_PROGRESS", elsewhere);
        tool.assert().success();
    };
    let file = checkout.path("mine.toml");
    run(&file.to_string_lossy());
    assert!(checkout.read("mine.toml").contains("conversation = 1"));
    run("");
    assert!(!checkout.path("work/progress.toml").exists());
}

#[test]
fn a_file_that_cannot_be_understood_is_told_and_left() {
    let checkout = Checkout::new();
    checkout.write("work/progress.toml", "[fork-server\n");
    for command in ["progress", "hint", "step"] {
        let arguments = [
            &[command][..],
            if command == "progress" { &[] } else { &["2"] },
        ]
        .concat();
        tool(&checkout, &arguments)
            .failure()
            .stderr(contains("work/progress.toml").and(contains("as it is")));
    }
    assert_eq!(checkout.read("work/progress.toml"), "[fork-server\n");
}

#[test]
fn a_grade_is_kept_and_told_what_comes_next() {
    let checkout = Checkout::new();
    tool(&checkout, &["start", "2", "--task", "2"]).success();
    checkout.tool(&["grade", "2", "--case", "hello"]).success();
    tool(&checkout, &["progress"])
        .success()
        .stdout(contains("0 of 5"));
    checkout.tool(&["grade", "2"]).failure();
    tool(&checkout, &["progress"])
        .success()
        .stdout(contains("1 of 5").and(contains("next: task 2 of step 2")));
    // Read is read, and what was graded is put aside.
    tool(&checkout, &["hint", "2"]).success();
    tool(&checkout, &["reset", "2"]).success();
    tool(&checkout, &["progress"])
        .success()
        .stdout(contains("0 of 5"));
    let kept = checkout.read("work/progress.toml");
    assert!(kept.contains("who-closes-what = 1"), "{kept}");
}

#[test]
fn a_lesson_stops_and_goes_on_where_it_was() {
    let checkout = Checkout::new();
    // Nobody is there to answer: it says where it goes on.
    tool(&checkout, &["step", "2"])
        .success()
        .stdout(contains("book/en/02-fork-server.md").and(contains("it goes on here")));
    let mut lesson = checkout.player(&["--lang", "en", "step", "2"], (40, 90));
    lesson.sees(&["Read", "open it in the browser"]);
    lesson.press("s\n");
    lesson.sees(&["Predict", "I have an answer"]);
    lesson.press("\n");
    lesson.sees(&["run it here"]);
    lesson.press("q\n");
    lesson.sees(&["it goes on here: cargo run -- step 2"]);
    assert!(lesson.ends().success());
    let kept = checkout.read("work/progress.toml");
    assert!(kept.contains("lesson = \"run\""), "{kept}");

    let mut lesson = checkout.player(&["step", "2"], (40, 90));
    lesson.sees(&["run it here"]);
    lesson.press("\n");
    lesson.sees(&["listens on 127.0.0.1:", "Ctrl-D"]);
    lesson.press("Hello\n");
    lesson.sees(&["Uryyb"]);
    lesson.press("\x04");
    lesson.sees(&["begin the copy"]);
    lesson.press("\n");
    lesson.sees(&["work/fork-server", "watch it here"]);
    lesson.press("s\n");
    lesson.sees(&["grade it"]);
    lesson.press("q\n");
    lesson.ends();

    let mut lesson = checkout.player(&["step", "2", "--at", "check"], (60, 90));
    lesson.sees(&["Check yourself", "end of file?", "show the answer"]);
    lesson.press("\n");
    lesson.sees(&["The connection is closed when the last descriptor"]);
    for _ in 0..2 {
        lesson.press("s\n");
    }
    lesson.sees(&["Still open here: task 1", "The next step is 03"]);
    assert!(lesson.ends().success());
}

#[test]
fn a_renamed_step_keeps_what_was_done() {
    let checkout = Checkout::new();
    let kept = "[forking]\nlesson = \"judge\"\n\n[forking.hints]\nconversation = 2\n";
    checkout.write("work/progress.toml", kept);
    let file = "steps/02-fork-server/step.toml";
    let step = checkout.read(file).replacen(
        "slug = \"fork-server\"",
        "slug = \"fork-server\"\nformerly = [\"forking\"]",
        1,
    );
    fs::write(checkout.path(file), step).expect("it is written");
    tool(&checkout, &["hint", "2", "conversation"])
        .success()
        .stdout(contains("Hint 3 of"));
    let kept = checkout.read("work/progress.toml");
    assert!(
        kept.contains("[fork-server]") && !kept.contains("forking"),
        "{kept}"
    );
}
