//! Whose steps these are: those of the folder that one stands in, wherever the tool was built.
#![cfg(unix)]

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// Long enough for cargo to build a program of one line.
const PATIENCE: Duration = Duration::from_secs(120);

/// The tool, which was built in another checkout than the one in `folder`.
fn workshop(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_workshop"));
    command
        .args(arguments)
        .current_dir(folder)
        .timeout(PATIENCE)
        .env_remove("CARGO_TARGET_DIR")
        .env("LC_ALL", "C.UTF-8");
    command
}

/// A checkout with a single step, whose server says that it is this one.
fn checkout(root: &Path) {
    let files = [
        (
            "Cargo.toml",
            "[workspace]\nresolver = \"3\"\nmembers = [\"steps/*\"]\n",
        ),
        (
            "steps/41-copied-server/Cargo.toml",
            "[package]\nname = \"copied-server\"\nedition = \"2024\"\n",
        ),
        (
            "steps/41-copied-server/step.toml",
            "number = 41\nslug = \"copied-server\"\ntitle = { en = \"A copy\", zh = \"副本\" }\n\
             [[program]]\nname = \"copied-server\"\nkind = \"server\"\n",
        ),
        (
            "steps/41-copied-server/src/main.rs",
            "fn main() {\n    println!(\"this is the copy\");\n}\n",
        ),
    ];
    for (path, text) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("it has one")).expect("a folder is made");
        fs::write(path, text).expect("a file is written");
    }
}

#[test]
fn a_copied_checkout_runs_its_own_steps() {
    let copy = tempfile::tempdir().expect("a folder");
    checkout(copy.path());
    for folder in ["", "steps/41-copied-server/src"] {
        workshop(&copy.path().join(folder), &["run", "copied"])
            .assert()
            .success()
            .stdout("this is the copy\n")
            .stderr(contains("copied-server · A copy"));
    }
}

#[test]
fn a_copied_checkout_grades_its_own_steps() {
    let copy = tempfile::tempdir().expect("a folder");
    checkout(copy.path());
    // It is no server at all: every case fails, which takes no time.
    let zero = contains("found     \"this is the copy\"").and(contains(", 0 of "));
    workshop(copy.path(), &["grade", "41"])
        .assert()
        .code(1)
        .stdout(zero);
    let its_own = "there is no step \"fork\"; there is 41-copied-server";
    workshop(copy.path(), &["grade", "fork"])
        .assert()
        .code(2)
        .stdout(is_empty())
        .stderr(contains(its_own));
}

#[test]
fn where_there_are_no_steps_the_way_out_is_told() {
    let elsewhere = tempfile::tempdir().expect("a folder");
    // Somebody's own workspace is not this one.
    fs::write(elsewhere.path().join("Cargo.toml"), "[workspace]\n").expect("it is written");
    let told = [
        ("en", "workshop: no steps are found in ", "(cd)"),
        ("zh", "都没有找到各步的程序", "请先用 cd"),
    ];
    for (language, what, way_out) in told {
        for command in [&["tour"][..], &["run", "2"], &["grade", "2"]] {
            let mut workshop = workshop(elsewhere.path(), &["--lang", language]);
            // Of the judge, 1 would be a verdict.
            let status = if command[0] == "grade" { 2 } else { 1 };
            workshop
                .args(command)
                .assert()
                .code(status)
                .stdout(is_empty())
                .stderr(contains(what).and(contains(way_out)));
        }
    }
}
