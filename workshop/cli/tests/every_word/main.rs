//! Every word of the tool is in the language that was chosen: each command's help, each option's, what is
//! said of a wrong command line, and each error that can be reached from outside.
#![cfg(target_os = "linux")]

mod checkout;
mod scenes;
mod words;

use checkout::{CHOICES, Checkout, Choice};
use grader::step::Steps;
use scenes::{Scene, scenes};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use words::{english, han};

/// In English, whatever the locale.
const ENGLISH: &Choice = &CHOICES[0];

/// The folders of the workshop in which the tool's words stand.
const PROGRAMS: [&str; 6] = [
    "cli", "starter", "grader", "terminal", "progress", "watcher",
];

/// In which languages copies are begun.
const WRITTEN_IN: [&str; 4] = ["c", "python", "go", "node"];

/// What the tool says of its commands by itself.
struct Tool {
    /// Of each command, its options with a value.
    commands: BTreeMap<Vec<String>, Vec<String>>,
    /// Names that are the same in both languages.
    known: BTreeSet<String>,
}

impl Tool {
    /// Asks it for all of its help, command by command.
    fn ask() -> Tool {
        let mut tool = Tool {
            commands: BTreeMap::new(),
            known: names(),
        };
        let here = Checkout::new();
        tool.ask_of(&here, Vec::new());
        // Where one is missing it names those that help does not list, too.
        let missing = here.tool(ENGLISH, &[]).words;
        let all = missing
            .split_once("[subcommands: ")
            .and_then(|(_, rest)| rest.split_once(']'));
        let (all, _) = all.expect(&missing);
        for name in all.split(", ").filter(|&name| name != "help") {
            let command = vec![name.to_owned()];
            if !tool.commands.contains_key(&command) {
                tool.ask_of(&here, command);
            }
        }
        tool
    }

    fn ask_of(&mut self, here: &Checkout, command: Vec<String>) {
        self.known.extend(command.last().cloned());
        let arguments = [&command[..], &["--help".to_owned()]].concat();
        let help = here.tool(ENGLISH, &borrowed(&arguments)).words;
        let mut options = Vec::new();
        let mut inner: Vec<&str> = Vec::new();
        let mut is_list = false;
        for line in help.lines() {
            is_list = line == "Commands:" || is_list && !line.is_empty();
            let words: Vec<&str> = line.split_whitespace().collect();
            if is_list && line.starts_with("  ") {
                inner.extend(words.first().filter(|&&name| name != "help"));
            }
            let pairs = words.windows(2).filter(|pair| pair[1].starts_with('<'));
            let option = pairs.map(|pair| pair[0]).find(|it| it.starts_with("--"));
            options.extend(
                option
                    .filter(|_| line.trim().starts_with('-'))
                    .map(str::to_owned),
            );
            // Values, in a list or one by one.
            if let ["-", name, ..] = words[..] {
                self.known.insert(name.to_owned());
            }
            for list in ["[possible values: ", "[default: "] {
                let values = line
                    .split_once(list)
                    .and_then(|(_, rest)| rest.split_once(']'));
                let values = values
                    .into_iter()
                    .flat_map(|(values, _)| values.split(", "));
                self.known.extend(values.map(str::to_owned));
            }
        }
        let inner: Vec<Vec<String>> = inner
            .into_iter()
            .map(|name| [&command[..], &[name.to_owned()]].concat())
            .collect();
        self.commands.insert(command, options);
        for command in inner {
            self.ask_of(here, command);
        }
    }
}

/// Steps, programs, tasks, cases, and tests of libraries.
fn names() -> BTreeSet<String> {
    let steps = Steps::read().expect("ours").0;
    let mut names: BTreeSet<String> = BTreeSet::new();
    names.extend(grader::cases::all().iter().map(|case| case.slug.to_owned()));
    for step in &steps {
        names.extend([step.slug.clone(), step.folder()]);
        // As a copy in another language is called.
        names.extend(WRITTEN_IN.map(|language| format!("{}-{language}", step.slug)));
        names.extend(step.programs.iter().map(|program| program.name.clone()));
        for task in &step.tasks {
            names.insert(task.slug.clone());
            names.extend(task.tests.iter().map(|test| grader::library::slug(test)));
        }
    }
    names
}

fn borrowed(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

/// Plays a scene once for each way to choose a language; returns what is wrong with what was said.
fn wrong(scene: &Scene, known: &BTreeSet<String>) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut known = known.clone();
    // What somebody has typed is repeated as it is.
    let typed = scene.arguments.iter().flat_map(|it| it.split(' '));
    known.extend(typed.map(str::to_lowercase));
    known.extend(scene.words_of_files());
    let mut ended = BTreeSet::new();
    for choice in &CHOICES {
        let said = scene.play(choice);
        ended.insert(said.status);
        let words = scene.own_words(&said.words);
        let others = match choice.is_chinese {
            true => Some(english(&words, &known)).filter(|words| !words.is_empty()),
            false => han(&words).map(|line| vec![line]),
        };
        let how = choice
            .lang
            .map_or("by locale".to_owned(), |lang| format!("--lang {lang}"));
        let what = scene.arguments.join(" ");
        if let Some(others) = others {
            wrong.push(format!("{what} ({how}): {others:?} in\n{words}\n"));
        }
        if words.trim().is_empty() {
            wrong.push(format!("{what} ({how}) says nothing"));
        }
        if choice.is_chinese && han(&words).is_none() && !scene.is_bare {
            wrong.push(format!("{what} ({how}) has no Chinese:\n{words}"));
        }
    }
    if ended.len() > 1 {
        wrong.push(format!("{}: ends {ended:?}", scene.arguments.join(" ")));
    }
    wrong
}

fn assert_all(scenes: impl Iterator<Item = Scene>, known: &BTreeSet<String>) {
    let wrong: Vec<String> = scenes.flat_map(|scene| wrong(&scene, known)).collect();
    assert!(
        wrong.is_empty(),
        "{} are wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_help_and_every_option() {
    let tool = Tool::ask();
    let of_grade = &tool.commands[&vec!["grade".to_owned()]];
    assert!(of_grade.contains(&"--bin".to_owned()), "{of_grade:?}");
    let mut all = vec![Scene::new(&["--version"]).bare(), Scene::new(&[])];
    for (command, options) in &tool.commands {
        let command = borrowed(command);
        let with = |more: &[&str]| Scene::new(&[&command[..], more].concat());
        all.push(with(&["--help"]));
        all.push(with(&["-h"]));
        all.push(Scene::new(&[&["help"], &command[..]].concat()));
        all.push(with(&["--no-such-option"]));
        for option in options {
            all.push(with(&[option]));
        }
    }
    assert_all(all.into_iter(), &tool.known);
}

#[test]
fn every_error_that_can_be_reached() {
    let tool = Tool::ask();
    assert_all(scenes().into_iter(), &tool.known);
}

/// Where a shell completes a word, by the locale.
#[test]
fn every_completion() {
    let tool = Tool::ask();
    let here = Checkout::new();
    let mut wrong = Vec::new();
    for command in tool.commands.keys() {
        let command = borrowed(command);
        for last in [&[""][..], &["--"], &["--format", ""], &["--at", ""]] {
            for choice in CHOICES.iter().filter(|choice| choice.lang.is_none()) {
                let words = [&command[..], last].concat();
                let said = here.complete(choice, &words).words;
                let others = match choice.is_chinese {
                    true => english(&said, &tool.known),
                    false => han(&said).into_iter().collect(),
                };
                if !others.is_empty() {
                    wrong.push(format!("{}: {others:?} in\n{said}", words.join(" ")));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What cannot be reached from here is not said in one language by anyhow, either.
#[test]
fn no_error_knows_one_language_only() {
    let root = terminal::workspace().expect("ours").join("workshop");
    let mut folders: Vec<PathBuf> = PROGRAMS
        .iter()
        .map(|it| root.join(it).join("src"))
        .collect();
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let source = fs::read_to_string(&path).expect("it is text");
            for word in [
                ".context(",
                "with_context(",
                "anyhow!(",
                "bail!(",
                "ensure!(",
            ] {
                let lines = source.lines().filter(|line| line.contains(word));
                found.extend(lines.map(|line| format!("{}: {line}", path.display())));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
