//! A learner's copy from its start to its grade, in a checkout of its own: what is there is never
//! overwritten, and nothing but what stands in `src/` brings points.
#![cfg(target_os = "linux")]

mod checkout;

use assert_cmd::Command;
use checkout::{Checkout, PATIENCE, alone};
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::symlink;

/// The tasks that are passed, by the report.
fn passed(report: &Value) -> Vec<&str> {
    let tasks = report["tasks"].as_array().expect("a copy has tasks").iter();
    let passed = tasks.filter(|task| task["passed"] == true);
    passed
        .map(|task| task["slug"].as_str().expect("a slug"))
        .collect()
}

#[test]
fn a_copy_is_begun_once_and_put_aside_before_it_is_begun_anew() {
    let checkout = Checkout::new();
    checkout
        .tool(&["solution", "2", "--yes"])
        .failure()
        .stderr(contains("start 2"));
    checkout
        .tool(&["reset", "2"])
        .failure()
        .stderr(contains("start 2"));
    checkout
        .tool(&["reset", "--all"])
        .failure()
        .stderr(contains("start 2"));
    let begun = checkout.tool(&["start", "2"]).success();
    begun.stdout(contains("conversation").and(contains("grade 2")));
    let file = "work/fork-server/src/lib.rs";
    assert!(checkout.read(file).contains("todo!(\"task conversation\")"));
    checkout.write(file, "// mine\n");
    checkout
        .tool(&["start", "2"])
        .failure()
        .stderr(contains("reset 2"));
    assert_eq!(checkout.read(file), "// mine\n");
    for arguments in [&["reset", "2"][..], &["reset", "--all"]] {
        checkout.write(file, "// mine\n");
        checkout
            .tool(arguments)
            .success()
            .stdout(contains(".aside/"));
        assert!(checkout.read(file).contains("todo!"));
    }
    let aside = fs::read_dir(checkout.path("work/.aside")).expect("what was put aside");
    for entry in aside {
        let kept = entry
            .expect("an entry")
            .path()
            .join("fork-server/src/lib.rs");
        assert_eq!(fs::read_to_string(kept).expect("it is there"), "// mine\n");
    }
    // A later task can be begun with: those before it are done.
    checkout.tool(&["reset", "2"]).success();
    fs::remove_dir_all(checkout.path("work/fork-server")).expect("it is removed");
    checkout
        .tool(&["start", "2", "--task", "reaping"])
        .success();
    assert!(!checkout.read(file).contains("todo!"));
    checkout
        .tool(&["start", "2", "--task", "weaving"])
        .failure()
        .stderr(contains("reaping"));
}

#[test]
fn cargo_new_in_work_leaves_the_tutorial_alone() {
    let checkout = Checkout::new();
    let before = (
        checkout.read("Cargo.toml"),
        checkout.read("Cargo.lock"),
        checkout.read("work/Cargo.toml"),
    );
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["new", "--quiet", "--vcs", "none", "work/mine"]);
    cargo.current_dir(checkout.path("")).assert().success();
    let after = (
        checkout.read("Cargo.toml"),
        checkout.read("Cargo.lock"),
        checkout.read("work/Cargo.toml"),
    );
    assert!(before == after);
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["build", "--quiet", "--offline"])
        .timeout(PATIENCE);
    cargo.env("CARGO_TARGET_DIR", checkout.path("target"));
    cargo
        .current_dir(checkout.path("work/mine"))
        .assert()
        .success();
}

#[test]
fn an_untouched_starter_has_no_task_and_whatever_stands_beside_src_changes_nothing() {
    let _alone = alone();
    let checkout = Checkout::new();
    checkout.tool(&["start", "2"]).success();
    checkout
        .tool(&["grade", "2"])
        .code(1)
        .stdout(contains("0 of 5, as expected: begin with task 1"));
    let before = checkout.grade(&["2"]);
    assert!(passed(&before).is_empty());
    assert!(5 * before["points"].as_u64().unwrap() <= 2 * before["max_points"].as_u64().unwrap());
    // A build script that would make it the reference, a manifest that takes the reference, tests that
    // are gone.
    let folder = "work/fork-server";
    checkout.write(
        &format!("{folder}/build.rs"),
        "fn main() { std::fs::copy(\"../../steps/02-fork-server/src/lib.rs\", \"src/lib.rs\").unwrap(); }\n",
    );
    let manifest = checkout.read(&format!("{folder}/Cargo.toml"));
    let manifest = manifest.replace(
        "[package]\n",
        "[lib]\npath = \"../../steps/02-fork-server/src/lib.rs\"\n[package]\n",
    );
    checkout.write(&format!("{folder}/Cargo.toml"), &manifest);
    fs::remove_dir_all(checkout.path(&format!("{folder}/tests"))).expect("they are removed");
    let after = checkout.grade(&["2"]);
    assert_eq!(before["points"], after["points"]);
    assert!(passed(&after).is_empty());
}

#[test]
fn a_task_that_is_done_is_passed_told_as_new_and_can_be_compared() {
    let _alone = alone();
    let checkout = Checkout::new();
    checkout.tool(&["start", "2"]).success();
    checkout.fill("src/lib.rs");
    checkout
        .tool(&["solution", "2", "1"])
        .failure()
        .stderr(contains("--yes"));
    // What does not compile is told in the compiler's words.
    checkout.write(
        "work/fork-server/src/connection.rs",
        "pub struct Connection;\nlet\n",
    );
    let told = contains("it does not build").and(contains("connection.rs:2"));
    checkout.tool(&["grade", "2"]).code(1).stdout(told);
    assert_eq!(checkout.grade(&["2"])["points"], 0);
    checkout.fill("src/connection.rs");
    let bundle = checkout.path("bundle.json").display().to_string();
    assert_eq!(
        passed(&checkout.grade(&["2", "--bundle", &bundle])),
        ["conversation"]
    );
    assert!(
        checkout
            .read("bundle.json")
            .contains("work/fork-server/src/lib.rs")
    );
    let told = contains("as the tutorial has it").and(contains("one buffer"));
    checkout
        .tool(&["solution", "2", "1"])
        .success()
        .stdout(told);
    checkout
        .tool(&["run", "2", "--mine", "--version"])
        .success();
}

#[test]
fn nothing_of_the_reference_brings_points() {
    let _alone = alone();
    let checkout = Checkout::new();
    checkout.tool(&["start", "2"]).success();
    let library = "work/fork-server/src/lib.rs";
    let starter = checkout.read(library);
    let reference = checkout.path("steps/02-fork-server/src");
    // Its source, built in.
    let path = reference.join("connection.rs");
    let include = format!("#[path = \"{}\"]\nmod connection;", path.display());
    checkout.write(library, &starter.replace("mod connection;", &include));
    let told = contains("connection.rs was built in");
    checkout.tool(&["grade", "2"]).code(2).stderr(told);
    // A link to it.
    fs::remove_file(checkout.path(library)).expect("it is removed");
    symlink(reference.join("lib.rs"), checkout.path(library)).expect("a link");
    checkout
        .tool(&["grade", "2"])
        .code(2)
        .stderr(contains("symbolic link"));
    fs::remove_file(checkout.path(library)).expect("it is removed");
    checkout.write(library, &starter);
    // Its program, run.
    let program = checkout.path("reference");
    fs::copy("/bin/sh", &program).expect("a program that runs");
    let main = format!(
        "use std::os::unix::process::CommandExt;\n\
         fn main() {{\n    let error = std::process::Command::new({program:?}).arg(\"-c\")\n        \
         .arg(\"echo listening on 127.0.0.1:1; sleep 9\").exec();\n    panic!(\"{{error}}\");\n}}\n"
    );
    checkout.write("work/fork-server/src/bin/fork-server/main.rs", &main);
    let told = contains("Permission denied");
    checkout.tool(&["grade", "2", "--all"]).code(1).stdout(told);
}

/// A thread for every client, handed in as select(2).
#[test]
fn another_mechanism_counts_half_at_most() {
    let _alone = alone();
    let checkout = Checkout::new();
    checkout.tool(&["start", "4"]).success();
    let main = "work/select-server/src/bin/select-server.rs";
    checkout.write(main, THREADS);
    let report = checkout.grade(&["select-server"]);
    let program = &report["programs"][0];
    let of = |field: &str| program[field].as_u64().expect("a number");
    assert!(2 * of("points") > of("max_points"), "it answers: {program}");
    assert_eq!(of("counted_points"), of("max_points") / 2);
    checkout
        .tool(&["grade", "select-server"])
        .code(1)
        .stdout(contains("count until it works"));
}

/// Step 03's conversation, in a thread for each.
const THREADS: &str = r#"
use conversation::{LineCodec, RECEIVE_SIZE};
use std::io::{Read, Write};
fn main() -> std::process::ExitCode {
    shared::server::main("select-server", "threads", |listener| {
        shared::server::announce(listener.local_addr()?)?;
        loop {
            let Ok((mut socket, _)) = listener.accept() else {
                std::thread::sleep(shared::server::REST);
                continue;
            };
            let _ = socket.set_nodelay(true);
            let _ = std::thread::Builder::new().spawn(move || -> std::io::Result<()> {
                let (mut codec, mut buffer) = (LineCodec::new(), vec![0; RECEIVE_SIZE]);
                loop {
                    let length = socket.read(&mut buffer)?;
                    if length == 0 {
                        return socket.write_all(&codec.finish());
                    }
                    let answers = codec.feed(&buffer[..length]);
                    socket.write_all(&answers)?;
                }
            });
        }
    })
}
"#;

#[test]
fn what_the_tutorial_has_changed_is_brought_in_and_what_was_written_stays() {
    let checkout = Checkout::new();
    checkout.tool(&["start", "2"]).success();
    checkout
        .tool(&["start", "2", "--update"])
        .success()
        .stdout(contains("nothing has changed"));
    let (mine, reference) = (
        "work/fork-server/src/lib.rs",
        "steps/02-fork-server/src/lib.rs",
    );
    let written = checkout
        .read(mine)
        .replace("todo!(\"task conversation\")", "Ok(connection)");
    checkout.write(mine, &written);
    // Far from what was written, and in the same place of another file.
    let changed = checkout
        .read(reference)
        .replace("use std::io;\n", "use std::io;\nuse std::net as _;\n");
    checkout.write(reference, &changed);
    let children = "src/bin/fork-server/children.rs";
    let (theirs, ours) = (
        format!("steps/02-fork-server/{children}"),
        format!("work/fork-server/{children}"),
    );
    for (file, change) in [
        (&theirs, "fn add(&mut self, it: Pid)"),
        (&ours, "fn add(&mut self, one: Pid)"),
    ] {
        let text = checkout
            .read(file)
            .replace("fn add(&mut self, child: Pid)", change);
        checkout.write(file, &text);
    }
    let updated = checkout.tool(&["start", "2", "--update"]).success();
    updated.stdout(
        contains("brought in")
            .and(contains("<<<<<<<"))
            .and(contains(".aside/")),
    );
    let joined = checkout.read(mine);
    assert!(
        joined.contains("use std::net as _;") && joined.contains("Ok(connection)"),
        "{joined}"
    );
    assert!(checkout.read(&ours).contains("one: Pid") && checkout.read(&ours).contains("it: Pid"));
    checkout
        .tool(&["start", "2", "--update"])
        .success()
        .stdout(contains("nothing has changed"));
}
