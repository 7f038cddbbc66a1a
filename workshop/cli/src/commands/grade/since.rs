//! What is new and what is lost since the last grade of the same program.

use anyhow::Result;
use grader::{Graded, Outcome};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use terminal::{Explain, Text};

/// Where it is kept, in the workspace; git ignores it.
const FOLDER: &str = ".workshop/grades";

/// What was seen the last time, in a file of its own for every program.
#[derive(Serialize, Deserialize)]
pub(super) struct Last {
    /// Which program, as what: two of them may have the same file name by chance.
    program: String,
    /// Of each case that was judged, whether it passed.
    passed: BTreeMap<String, bool>,
}

/// The cases that are judged otherwise than the last time.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Since {
    new: Vec<&'static str>,
    lost: Vec<&'static str>,
}

impl Last {
    /// What is known of the program, which is nothing the first time.
    pub(super) fn of(program: &str) -> Last {
        let known = file(program).ok().and_then(|file| fs::read(file).ok());
        let known = known.and_then(|json| serde_json::from_slice::<Last>(&json).ok());
        known
            .filter(|last| last.program == program)
            .unwrap_or(Last {
                program: program.to_owned(),
                passed: BTreeMap::new(),
            })
    }

    /// Nothing is known of it any more.
    pub(super) fn forget(program: &str) {
        if let Ok(file) = file(program) {
            let _ = fs::remove_file(file); // there may be none
        }
    }

    /// Did this case pass?
    pub(super) fn passed(&self, slug: &str) -> bool {
        self.passed.get(slug) == Some(&true)
    }

    /// What has changed; from now on, this is the last time.
    pub(super) fn compare(&mut self, graded: &[Graded]) -> Since {
        let mut since = Since::default();
        for graded in graded {
            let passed = match graded.outcome {
                Outcome::Passed => true,
                Outcome::Failed(_) => false,
                Outcome::Skipped(_) | Outcome::Excepted(_) | Outcome::FailedOnPurpose(..) => {
                    continue;
                }
            };
            let slug = graded.case.slug;
            match (self.passed.insert(slug.to_owned(), passed), passed) {
                (Some(false), true) => since.new.push(slug),
                (Some(true), false) => since.lost.push(slug),
                _ => {}
            }
        }
        since
    }

    /// What has changed since the last time of this program; from now on, this is the last time, if it
    /// can be kept.
    pub(super) fn replace(program: &str, graded: &[Graded]) -> (Since, Result<()>) {
        let mut last = Last::of(program);
        let since = last.compare(graded);
        (since, last.keep())
    }

    /// Keeps it for the next time. A file that is not complete is never there.
    pub(super) fn keep(&self) -> Result<()> {
        let file = file(&self.program)?;
        let folder = file.parent().expect("it stands in a folder");
        fs::create_dir_all(folder).explain(|| {
            let folder = folder.display();
            Text::new(
                format!("cannot make the folder {folder}"),
                format!("无法创建目录 {folder}"),
            )
        })?;
        let json = serde_json::to_vec_pretty(self)?;
        Ok(terminal::replace_file(&file, &json)?)
    }
}

fn file(program: &str) -> Result<PathBuf> {
    let mut hash = DefaultHasher::new();
    program.hash(&mut hash);
    let folder = terminal::workspace()?.join(FOLDER);
    Ok(folder.join(format!("{:016x}.json", hash.finish())))
}

/// How many names are told: whoever has just written a function sees that all is well by their number.
const NAMED: usize = 6;

/// Names of cases, if there are any; the first of many.
fn listed(slugs: &[&str]) -> Option<Text> {
    let named = &slugs[..slugs.len().min(NAMED)];
    let more = slugs.len() - named.len();
    let (en, zh) = (named.join(", "), named.join("、"));
    match (named.is_empty(), more) {
        (true, _) => None,
        (_, 0) => Some(Text::new(en, zh)),
        (_, more) => Some(Text::new(
            format!("{en} and {more} more"),
            format!("{zh} 等，共 {} 个", slugs.len()),
        )),
    }
}

impl Since {
    /// Did this case not pass the last time, and does now?
    pub(super) fn is_new(&self, slug: &str) -> bool {
        self.new.contains(&slug)
    }

    /// Did this case pass the last time, and fails now?
    pub(super) fn is_lost(&self, slug: &str) -> bool {
        self.lost.contains(&slug)
    }

    /// In words; none where nothing has changed.
    pub(crate) fn told(&self) -> Option<Text> {
        let (mut en, mut zh) = (Vec::new(), Vec::new());
        for (slugs, en_word, zh_word) in [
            (&self.new, "new", "新通过"),
            (&self.lost, "lost", "不再通过"),
        ] {
            if let Some(list) = listed(slugs) {
                en.push(format!("{en_word}: {}", list.en));
                zh.push(format!("{zh_word}：{}", list.zh));
            }
        }
        (!en.is_empty()).then(|| {
            Text::new(
                format!("since the last grade, {}", en.join("; ")),
                format!("与上次评分相比，{}", zh.join("；")),
            )
        })
    }
}
