//! Every hint of every step: there are enough, in both languages, and what code they show compiles in
//! the copy of somebody who has come as far as their task.

use grader::step::{Step, Steps, Task};
use starter::{Hint, Hints, Starter, StepCopy, Submission, file_of};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use terminal::{Language, target_folder, workspace};

/// A nudge, the idea, nearly the solution.
const LEAST: usize = 3;

/// What a terminal of 80 columns holds, with the margin.
const WIDEST: usize = 76;

#[test]
fn every_task_has_its_hints_in_both_languages() {
    let mut wrong = Vec::new();
    for (step, hints) in steps() {
        let tasks: BTreeSet<&str> = step.tasks.iter().map(|task| &*task.slug).collect();
        let unknown = hints.0.keys().filter(|slug| !tasks.contains(&***slug));
        wrong.extend(unknown.map(|slug| format!("{}: there is no task {slug}", step.slug)));
        let mut said = BTreeSet::new();
        for task in &step.tasks {
            let name = format!("{}, {}", step.slug, task.slug);
            let hints = hints.for_task(&task.slug);
            if hints.len() < LEAST {
                wrong.push(format!("{name}: {} hints", hints.len()));
            }
            for (place, hint) in (1..).zip(hints) {
                let complaint = complaint(task, hint);
                wrong.extend(complaint.map(|it| format!("{name}, hint {place}: {it}")));
                for words in [&hint.words.en, &hint.words.zh] {
                    if !said.insert(words.clone()) {
                        wrong.push(format!("{name}, hint {place} was said before"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// What is wrong with a hint by itself.
fn complaint(task: &Task, hint: &Hint) -> Option<String> {
    let is_han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    let (en, zh) = (&*hint.words.en, &*hint.words.zh);
    if en.trim().is_empty() || en.contains(is_han) {
        return Some("this is no English".to_owned());
    }
    if !zh.contains(is_han) {
        return Some("this is no Chinese".to_owned());
    }
    match (&hint.at, &hint.code) {
        (Some(at), _) if !task.regions.iter().any(|region| region.at == *at) => {
            Some(format!("{at} is no region of the task"))
        }
        (Some(at), None) => Some(format!("nothing stands at {at}")),
        (_, Some(code)) if code.trim().is_empty() => Some("there is no code".to_owned()),
        (_, Some(code)) if code.lines().any(|line| line.len() > WIDEST) => {
            Some(format!("a line has more than {WIDEST} columns"))
        }
        _ => None,
    }
}

/// All code of a step is tried at once, in as many rounds as there are hints for one place.
#[test]
fn code_compiles_where_it_stands() {
    let root = workspace().expect("a checkout");
    for (step, hints) in steps() {
        let mut waiting = Vec::new();
        for (place, task) in step.tasks.iter().enumerate() {
            for hint in hints.for_task(&task.slug) {
                if let (Some(at), Some(code)) = (hint.region(task), &hint.code) {
                    waiting.push(Shown { place, at, code });
                }
            }
        }
        let mut rounds = 0;
        while !waiting.is_empty() {
            rounds += 1;
            let starter = Starter::new(&root, &with(&step, &waiting), 0, Language::English);
            let starter = starter.expect("it can be made");
            let before = waiting.len();
            waiting.retain(|shown| !shown.stands_in(&starter));
            assert!(waiting.len() < before, "{}: no code found room", step.slug);
            check(&root, &step, &starter, rounds);
        }
    }
}

/// The code of a hint.
struct Shown<'a> {
    /// How many tasks are done before its own.
    place: usize,
    at: &'a str,
    code: &'a str,
}

impl Shown<'_> {
    /// Did it find room? Where another one stands, or inside of it, there is none.
    fn stands_in(&self, starter: &Starter) -> bool {
        let lines = |text: &str| text.lines().map(str::trim).collect::<Vec<_>>().join("\n");
        let file = self.file();
        starter.files.iter().any(|(path, text)| {
            path.as_path() == Path::new(file) && lines(text).contains(&lines(self.code))
        })
    }

    fn file(&self) -> &str {
        self.at.split(['#', ':']).next().unwrap_or(self.at)
    }
}

/// The step with this code in its places. In a file with code of a task, the tasks before it are done.
fn with(step: &Step, shown: &[Shown]) -> Step {
    let mut step = step.clone();
    for (place, task) in step.tasks.iter_mut().enumerate() {
        task.regions.retain_mut(|region| {
            if let Some(here) = shown.iter().find(|it| it.at == region.at) {
                region.leaves = Some(here.code.to_owned());
                return true;
            }
            let file = file_of(region);
            !shown.iter().any(|it| it.file() == file && it.place > place)
        });
    }
    step
}

/// The compiler has nothing to say.
fn check(root: &Path, step: &Step, starter: &Starter, round: usize) {
    let target = target_folder().expect("cargo tells it").join("work");
    let copy = tempfile::tempdir().expect("a temporary folder");
    for (path, text) in &starter.files {
        let file = copy.path().join(path);
        fs::create_dir_all(file.parent().expect("in a folder")).expect("a folder");
        fs::write(&file, text).expect("it is written");
    }
    let copy = StepCopy {
        folder: copy.path().to_owned(),
    };
    // One for each round: what has not changed since the last time is not compiled again.
    let folder: PathBuf = target.join("hinted").join(format!("{}-{round}", step.slug));
    let submission = Submission::lay_over(root, step, &copy, &folder).expect("it is handed in");
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(&submission.folder)
        .args(["check", "--quiet", "--offline", "--target-dir"])
        .arg(target.join("build"));
    for program in step.to_be_written().expect("they are there") {
        cargo.args(["--bin", &program.name]);
    }
    let output = cargo.output().expect("cargo runs");
    let said = String::from_utf8_lossy(&output.stderr);
    let is_well = output.status.success() && said.is_empty();
    assert!(is_well, "{}, round {round}:\n{said}", step.slug);
}

/// Those that have hints.
fn steps() -> Vec<(Step, Hints)> {
    let root = workspace().expect("a checkout");
    let steps = Steps::read().expect("the steps").0.into_iter();
    let hints = steps.map(|step| {
        let hints = Hints::of(&root, &step).expect("its hints");
        (step, hints)
    });
    hints.collect()
}
