//! A learner's way through a step, in 80 columns: the starter, a wrong edit, a hint, the right edit, the
//! next task, and so on to the end.

use crate::checkout::Checkout;
use crate::player::{Player, SIZE};
use grader::step::{Step, Steps};
use starter::Starter;
use std::fs;
use std::path::Path;
use terminal::{Language, workspace};

/// The words that a session waits for.
struct Words {
    language: Language,
    name: &'static str,
    waiting: &'static str,
    hint: &'static str,
    mend: &'static str,
    done: &'static str,
    all_done: &'static str,
    task: fn(usize) -> String,
}

const BOTH: [Words; 2] = [
    Words {
        language: Language::English,
        name: "en",
        waiting: "waiting for a save",
        hint: "Hint 1 of",
        mend: "Mend first",
        done: "is done; now compare",
        all_done: "all tasks are done",
        task: |place| format!("Task {place}, "),
    },
    Words {
        language: Language::Chinese,
        name: "zh",
        waiting: "等你保存",
        hint: "提示 1/",
        mend: "先改这一处",
        done: "完成了；现在来对照",
        all_done: "任务全部完成",
        task: |place| format!("任务 {place}“"),
    },
];

/// An error that many make, in the first task: the file, the right text, the wrong one.
struct Wrong {
    file: &'static str,
    right: &'static str,
    wrong: &'static str,
}

#[test]
fn a_way_through_step_02() {
    walk(
        2,
        &Wrong {
            file: "src/connection.rs",
            right: "Ok(length) => return Ok(Some(&self.buffer[..length])),",
            wrong: "Ok(_) => return Ok(Some(&self.buffer)),",
        },
    );
}

#[test]
fn a_way_through_step_04() {
    walk(
        4,
        &Wrong {
            file: "src/bin/select-server.rs",
            right: "largest + 1);",
            wrong: "largest);",
        },
    );
}

#[test]
fn a_way_through_step_08() {
    walk(
        8,
        &Wrong {
            file: "src/runtime.rs",
            right: "*slot = Some(task);",
            wrong: "drop((slot, task));",
        },
    );
}

fn walk(number: u8, wrong: &Wrong) {
    let steps = Steps::read().expect("the steps").0;
    let step = steps.into_iter().find(|step| step.number == number);
    let step = step.expect("there is one");
    // What the step stands on is built once for both.
    let checkout = Checkout::new();
    for words in &BOTH {
        walk_in(&checkout, &step, wrong, words);
        fs::remove_dir_all(checkout.path("work").join(&step.slug)).expect("it was begun");
        fs::remove_file(checkout.path("work/progress.toml")).expect("it was kept");
    }
}

fn walk_in(checkout: &Checkout, step: &Step, wrong: &Wrong, words: &Words) {
    let number = step.number.to_string();
    let start = checkout.player(&["--lang", words.name, "start", &number], SIZE);
    start.sees(&[&step.tasks[0].slug, &format!("grade {number}")]);
    drop(start);

    // From now on the language is known.
    let mut watch = checkout.player(&["watch", &number], SIZE);
    // Nobody waits for all cases before they write: a newer save ends that.
    watch.sees(&[&(words.task)(1)]);

    write(checkout, step, 1, words.language, Some(wrong));
    watch.sees(&[words.mend, "✗"]);
    if number == "2" && std::env::var_os("RECORD").is_some() {
        watch.sees(&[words.mend, words.waiting]);
        draw(&watch, words);
    }
    watch.press("h");
    watch.sees(&[words.hint]);

    write(checkout, step, 1, words.language, None);
    watch.sees(&[words.done, &(words.task)(2)]);
    let seen = watch.sees(&[words.waiting, words.done]);
    assert!(
        seen.lines().all(|line| line.chars().count() <= 80),
        "{seen}"
    );

    watch.press("n");
    watch.sees(&[&(words.task)(3)]);
    watch.press("q");
    assert!(watch.ends().success());
    assert!(watch.is_given_back());

    // It goes on where it was left.
    let mut watch = checkout.player(&["watch", &number], SIZE);
    watch.sees(&[&(words.task)(2)]);
    write(checkout, step, step.tasks.len(), words.language, None);
    watch.sees(&[words.all_done, words.waiting]);
    watch.press("q");
    assert!(watch.ends().success());
    let progress = checkout.read("work/progress.toml");
    for task in &step.tasks {
        assert!(
            progress.contains(&format!("\"{}\"", task.slug)),
            "{progress}"
        );
    }
}

/// What is on the screen, for the README and the book.
fn draw(watch: &Player, words: &Words) {
    let edition = match words.language {
        Language::English => "en",
        Language::Chinese => "zh-CN",
    };
    let mut tool = assert_cmd::Command::new(env!("CARGO_BIN_EXE_workshop"));
    let drawn = tool
        .args(["picture", "cargo run -- watch 2"])
        .write_stdin(watch.coloured().join("\n"))
        .assert()
        .success();
    let file = workspace()
        .expect("ours")
        .join(format!("book/measured/watch-02.{edition}.svg"));
    fs::write(file, &drawn.get_output().stdout).expect("it is written");
}

/// The copy's sources with so many tasks done, and one of them wrong.
fn write(checkout: &Checkout, step: &Step, done: usize, language: Language, wrong: Option<&Wrong>) {
    let root = checkout.path("");
    let starter = Starter::new(&root, step, done, language).expect("a starter");
    let copy = checkout.path(&format!("work/{}", step.slug));
    for (path, text) in starter
        .files
        .iter()
        .filter(|(path, _)| path.starts_with("src"))
    {
        let text = match wrong {
            Some(wrong) if path == Path::new(wrong.file) => {
                assert!(text.contains(wrong.right), "{} has changed", wrong.file);
                text.replacen(wrong.right, wrong.wrong, 1)
            }
            _ => text.clone(),
        };
        let file = copy.join(path);
        if fs::read_to_string(&file).ok().as_ref() != Some(&text) {
            fs::write(file, text).expect("it is written");
        }
    }
}
