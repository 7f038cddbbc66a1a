//! Every task of every step, tried: the starter compiles without a warning, and each task filled back,
//! with all before it, turns its own cases green and no later task's.
//!
//! `TASKS=show cargo test -p workshop --test tasks step_02 -- --nocapture` runs all cases, and prints for
//! each of them from which task on it passes: for whoever writes tasks.

use grader::step::{Assignment, Step, Steps, Task};
use grader::{Graded, Outcome, library};
use serde_json::Value;
use starter::{Starter, StepCopy, Submission};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use terminal::{Language, target_folder, workspace};

macro_rules! steps {
    ($($name:ident: $number:literal),*) => {
        $(#[test]
        fn $name() {
            subject::raise_descriptor_limit();
            let steps = Steps::read().expect("the steps").0;
            let step = steps.into_iter().find(|step| step.number == $number);
            try_tasks(&step.expect("there is one"));
        })*

        #[test]
        fn no_step_is_forgotten() {
            let steps = Steps::read().expect("the steps").0;
            let numbers: Vec<u8> = steps.iter().map(|step| step.number).collect();
            assert_eq!(numbers, [$($number),*]);
        }
    };
}

steps! {
    step_01: 1, step_02: 2, step_03: 3, step_04: 4, step_05: 5, step_06: 6, step_07: 7, step_08: 8
}

/// The step's tests of its library.
const LIBRARY: &str = "library";

/// Which share of its points, in per cent, a starter may have at most.
const GIVEN: u32 = 40;

/// What came of a case with so many tasks done, by program and slug.
type Passed = BTreeMap<(String, &'static str), Vec<bool>>;

fn try_tasks(step: &Step) {
    let show = std::env::var_os("TASKS").is_some_and(|it| it == "show");
    let mut passed = Passed::new();
    for filled in 0..=step.tasks.len() {
        let is_starter = filled == 0;
        let programs = build(step, filled);
        for claims in step.to_be_written().expect("they are there") {
            let mut assignments = claims.assignments().expect("its cases");
            // All cases where the points are counted. Besides, those of the task that has just been done,
            // which pass, and of the later ones, which do not: those of earlier ones have been seen.
            let is_asked = |it: &Assignment| {
                let mut tasks =
                    from_here(step, filled).filter(|task| is_about(step, task, &claims.name));
                tasks.any(|task| task.cases.iter().any(|slug| slug == it.case.slug))
            };
            if !show && !is_starter {
                assignments.retain(is_asked);
            }
            let graded = grader::grade(
                &claims.program(&programs[&claims.name]),
                &assignments,
                |_| (),
            );
            if is_starter {
                let (has, most) = points(&graded);
                println!("{}: the starter has {has} of {most} points", claims.name);
                assert!(
                    100 * has <= GIVEN * most,
                    "{}: {has} of {most} points",
                    claims.name
                );
            }
            note(&mut passed, &claims.name, filled, &graded);
        }
        let mut tests = library::assignments(step);
        tests.retain(|it| {
            let mut tasks = from_here(step, filled);
            show || tasks.any(|task| {
                task.tests
                    .iter()
                    .any(|test| library::slug(test) == it.case.slug)
            })
        });
        if !tests.is_empty() {
            let graded = library::grade(&programs[LIBRARY], &tests);
            note(&mut passed, &library::name(step), filled, &graded);
        }
    }
    if show {
        print_table(step, &passed);
    }
    check(step, &passed);
}

/// Each task's cases are red before it is done, and green from then on.
fn check(step: &Step, passed: &Passed) {
    let mut wrong = Vec::new();
    let library = library::name(step);
    for (place, task) in step.tasks.iter().enumerate() {
        let program = &step.program_of(task).expect("it is there").name;
        let cases = task.cases.iter().map(|slug| (program, slug.clone()));
        let tests = task
            .tests
            .iter()
            .map(|test| (&library, library::slug(test)));
        let mut all = cases.chain(tests).peekable();
        assert!(
            all.peek().is_some(),
            "{}: it turns nothing green",
            task.slug
        );
        for (program, slug) in all {
            let mut known = passed.iter();
            let found = known.find(|((name, case), _)| name == program && *case == slug);
            let Some((_, states)) = found else {
                wrong.push(format!("{}: {program} has no case {slug}", task.slug));
                continue;
            };
            assert!(
                states.len() > place + 1,
                "{slug} was not asked when its task was done"
            );
            for (filled, &passed) in states.iter().enumerate() {
                if passed != (filled > place) {
                    let what = if passed { "passes" } else { "fails" };
                    wrong.push(format!(
                        "{}: {slug} {what} with {filled} tasks done",
                        task.slug
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", step.slug, wrong.join("\n"));
}

/// The task that has just been done with so many done, and all later ones.
fn from_here(step: &Step, filled: usize) -> impl Iterator<Item = &Task> {
    step.tasks.iter().skip(filled.saturating_sub(1))
}

fn note(passed: &mut Passed, name: &str, filled: usize, graded: &[Graded]) {
    for graded in graded {
        let key = (name.to_owned(), graded.case.slug);
        let states = passed.entry(key).or_insert_with(|| vec![false; filled]);
        states.push(matches!(graded.outcome, Outcome::Passed));
    }
}

fn is_about(step: &Step, task: &Task, program: &str) -> bool {
    step.program_of(task).is_ok_and(|it| it.name == program)
}

fn points(graded: &[Graded]) -> (u32, u32) {
    let score = grader::report::Score::of(graded);
    (score.points, score.max_points)
}

fn print_table(step: &Step, passed: &Passed) {
    let mut by_task: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for ((program, slug), states) in passed {
        let from = states
            .iter()
            .rposition(|passed| !passed)
            .map_or(0, |last| last + 1);
        let marks: String = states
            .iter()
            .map(|&it| if it { '✓' } else { '·' })
            .collect();
        by_task
            .entry(from)
            .or_default()
            .push(format!("{marks} {program} {slug}"));
    }
    for (from, cases) in by_task {
        let name = match from {
            0 => "given",
            _ => step.tasks.get(from - 1).map_or("never", |task| &task.slug),
        };
        println!("{name}:\n  {}", cases.join("\n  "));
    }
}

/// The step's programs with so many tasks done, handed in as a learner does, built without a warning.
fn build(step: &Step, filled: usize) -> BTreeMap<String, PathBuf> {
    let root = workspace().expect("a checkout");
    let target = target_folder().expect("cargo tells it").join("work");
    let copy = StepCopy {
        folder: target.join("tried").join(&step.slug),
    };
    write(&root, step, filled, &copy);
    let folder = target
        .join("tried")
        .join(format!("{}-handed-in", step.slug));
    let submission = Submission::lay_over(&root, step, &copy, &folder).expect("it is handed in");
    let build = target.join("build");
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(&submission.folder)
        .args([
            "build",
            "--release",
            "--message-format=json",
            "--target-dir",
        ])
        .arg(&build);
    let mut programs = BTreeMap::new();
    for program in step.to_be_written().expect("they are there") {
        cargo.args(["--bin", &program.name]);
    }
    if step.tasks.iter().any(|task| !task.tests.is_empty()) {
        cargo.args(["--test", LIBRARY]);
    }
    let output = cargo.output().expect("cargo runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let complaints: Vec<String> = said.lines().filter_map(complaint).collect();
    let complaints = complaints.join("\n");
    let is_well = output.status.success() && complaints.is_empty();
    assert!(
        is_well,
        "{}, with {filled} tasks done:\n{complaints}",
        step.slug
    );
    for program in step.to_be_written().expect("they are there") {
        // The next build writes over it.
        let built = build.join("release").join(&program.name);
        let kept = copy.folder.join(&program.name);
        fs::copy(built, &kept).expect("it is copied");
        programs.insert(program.name.clone(), kept);
    }
    if let Some(tests) = library_in(&said) {
        let kept = copy.folder.join(LIBRARY);
        fs::copy(submission.folder.join(tests), &kept).expect("it is copied");
        programs.insert(LIBRARY.to_owned(), kept);
    }
    programs
}

/// What the compiler complains of, by one of cargo's messages.
fn complaint(message: &str) -> Option<String> {
    let message: Value = serde_json::from_str(message).ok()?;
    message["message"]["rendered"].as_str().map(str::to_owned)
}

/// Where the tests of the library are, by cargo's messages.
fn library_in(messages: &str) -> Option<PathBuf> {
    let messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let mut built = messages.filter(|it: &Value| it["target"]["name"] == LIBRARY);
    built.find_map(|it| it["executable"].as_str().map(PathBuf::from))
}

fn write(root: &Path, step: &Step, filled: usize, copy: &StepCopy) {
    let starter = Starter::new(root, step, filled, Language::Chinese).expect("it can be made");
    let _ = fs::remove_dir_all(&copy.folder);
    for (path, text) in starter.files {
        let file = copy.folder.join(path);
        fs::create_dir_all(file.parent().expect("in a folder")).expect("a folder");
        fs::write(&file, text).expect("it is written");
    }
}
