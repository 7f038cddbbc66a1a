//! A copy in another language than Rust: a first file that listens, announces and parses its command
//! line, and `grade.toml`, which says how it is started.

use crate::copy::{WORK, write_whole};
use crate::words::head;
use anyhow::Result;
use grader::step::Step;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use terminal::{Explain, Language, Text, Told, cannot_read, cannot_understand, ensure};

/// Another language: its name, as in `--lang python`, and the files that one begins with.
struct Templates {
    name: &'static str,
    files: &'static [(&'static str, &'static str)],
}

macro_rules! templates {
    ($($name:literal: $($file:literal),+;)+) => {
        &[$(Templates {
            name: $name,
            files: &[$(($file, include_str!(concat!("../languages/", $name, "/", $file)))),+],
        }),+]
    };
}

static LANGUAGES: &[Templates] = templates! {
    "c": "server.c", "grade.toml";
    "python": "server.py", "grade.toml";
    "go": "server.go", "go.mod", "grade.toml";
    "node": "server.mjs", "grade.toml";
    "other": "README.md", "grade.toml";
};

/// Where the tasks stand in a template.
const TASKS: &str = "@TASKS@";
/// Where the step's name stands.
const STEP: &str = "@STEP@";

/// A copy in another language.
#[derive(Clone, Debug)]
pub struct ForeignCopy {
    /// Its folder, in which its commands run.
    pub folder: PathBuf,
    /// The slug of the step as which it is judged.
    pub step: String,
    /// How it is built, where it has to be.
    pub build: Option<String>,
    /// How it is started.
    pub command: String,
}

impl ForeignCopy {
    /// Its path as one types it at the checkout's root.
    pub fn shown(&self) -> String {
        let name = self.folder.file_name().unwrap_or_default();
        format!("{WORK}/{}", name.to_string_lossy())
    }

    /// The copy in `folder`; none where no `grade.toml` is.
    ///
    /// # Errors
    ///
    /// When that cannot be understood.
    pub fn read(folder: &Path) -> Result<Option<ForeignCopy>> {
        let file = folder.join("grade.toml");
        if !file.is_file() {
            return Ok(None);
        }
        let what = || cannot_understand(&file);
        let text = fs::read_to_string(&file);
        let text = text.explain(|| cannot_read(&file))?;
        let table: toml::Table = text.parse().explain(what)?;
        let mut words = BTreeMap::new();
        for (key, value) in table {
            let known = matches!(key.as_str(), "step" | "build" | "command");
            ensure(known, || {
                let file = file.display();
                Text::new(
                    format!("{file}: what is {key}? It has step, build and command"),
                    format!("{file}：{key} 是什么？这里只写 step、build 和 command"),
                )
            })?;
            let word = value.as_str().explain(|| {
                Text::new(format!("{key} is no text"), format!("{key} 的值不是字符串"))
            });
            words.insert(key, word.explain(what)?.to_owned());
        }
        let mut take = |key: &str| words.remove(key);
        let missing = |key| {
            let file = file.display();
            Text::new(
                format!("{file} has no {key}"),
                format!("{file} 里没有 {key}"),
            )
        };
        Ok(Some(ForeignCopy {
            step: take("step").explain(|| missing("step"))?,
            command: take("command").explain(|| missing("command"))?,
            build: take("build"),
            folder: folder.to_owned(),
        }))
    }

    /// The copy that stands in `work/NAME` of the checkout at `root`.
    ///
    /// # Errors
    ///
    /// When its `grade.toml` cannot be understood.
    pub fn named(root: &Path, name: &str) -> Result<Option<ForeignCopy>> {
        let name = name
            .strip_prefix(WORK)
            .map_or(name, |rest| rest.trim_matches('/'));
        match name.is_empty() || name.contains(['/', '.']) {
            true => Ok(None),
            false => ForeignCopy::read(&root.join(WORK).join(name)),
        }
    }

    /// All copies of the step in other languages, by name.
    ///
    /// # Errors
    ///
    /// When a `grade.toml` cannot be understood.
    pub fn all_of(root: &Path, step: &Step) -> Result<Vec<ForeignCopy>> {
        let Ok(entries) = fs::read_dir(root.join(WORK)) else {
            return Ok(Vec::new()); // nothing has been begun
        };
        let mut folders: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        folders.sort();
        let mut copies = Vec::new();
        for folder in folders {
            copies.extend(ForeignCopy::read(&folder)?.filter(|copy| copy.step == step.slug));
        }
        Ok(copies)
    }

    /// Is it as it was begun?
    pub fn is_untouched(&self, step: &Step) -> bool {
        let is_as = |text: &str, name: &str| {
            fs::read_to_string(self.folder.join(name)).is_ok_and(|found| found == text)
        };
        LANGUAGES.iter().any(|templates| {
            [Language::English, Language::Chinese]
                .iter()
                .any(|&language| {
                    let mut files = written(templates, step, language).into_iter();
                    files.all(|(name, text)| is_as(&text, name))
                })
        })
    }
}

/// Writes a copy of the step in this language: all of it, or nothing.
///
/// # Errors
///
/// When there is one already; when it cannot be written.
pub fn begin_foreign(
    root: &Path,
    step: &Step,
    name: &str,
    language: Language,
) -> Result<ForeignCopy> {
    let Some(templates) = LANGUAGES.iter().find(|it| it.name == name) else {
        return Err(Told(Text::new(
            format!("there is no starter in {name}"),
            format!("没有 {name} 写的起始代码"),
        ))
        .into());
    };
    let folder = root.join(WORK).join(format!("{}-{name}", step.slug));
    if folder.exists() {
        return Err(Told(is_there(&format!("{WORK}/{}-{name}", step.slug))).into());
    }
    let files = written(templates, step, language).into_iter();
    let files = files.map(|(name, text)| (PathBuf::from(name), text));
    write_whole(&folder, files.collect())?;
    let copy = ForeignCopy::read(&folder)?;
    copy.explain(|| {
        let folder = folder.display();
        Text::new(
            format!("{folder} has no grade.toml"),
            format!("{folder} 里没有 grade.toml"),
        )
    })
}

fn written(templates: &Templates, step: &Step, language: Language) -> Vec<(&'static str, String)> {
    let files = templates.files.iter().map(|(name, text)| {
        let text = text.replace(STEP, &step.slug);
        let lines = text
            .split_inclusive('\n')
            .map(|line| match line.split_once(TASKS) {
                None => line.to_owned(),
                Some((prefix, _)) => tasks(prefix, step, language),
            });
        (*name, lines.collect())
    });
    files.collect()
}

/// The tasks of the step's own server, as comments, and the cases that each turns green.
fn tasks(prefix: &str, step: &Step, language: Language) -> String {
    let mine = step
        .tasks
        .iter()
        .filter(|task| task.program.is_none() && !task.cases.is_empty());
    let lines = mine.flat_map(|task| {
        let cases = task.cases.join(", ");
        let cases = textwrap::wrap(&cases, CASES_WIDTH)
            .into_iter()
            .map(|line| format!("  {line}"));
        [head(step, task, language)]
            .into_iter()
            .chain(cases)
            .collect::<Vec<_>>()
    });
    lines.map(|line| format!("{prefix}{line}\n")).collect()
}

/// How wide a list of cases is.
const CASES_WIDTH: usize = 88;

fn is_there(shown: &str) -> Text {
    Text::new(
        format!(
            "{shown} is there already, and nothing is overwritten: go on in it, or put it aside (mv {shown} {shown}-old)"
        ),
        format!("{shown} 已经有了，不会覆盖：请接着写，或者先把它移开（mv {shown} {shown}-old）"),
    )
}
