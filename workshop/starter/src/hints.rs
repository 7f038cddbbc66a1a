//! Hints for the tasks of a step, from a nudge to nearly the solution.

use anyhow::Result;
use grader::step::{Step, Task};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use terminal::{Explain, Text, cannot_read, cannot_understand};

/// In a step's folder, what is read here.
const FILE: &str = "hints.toml";

/// What `hints.toml` of a step says: by the slugs of its tasks.
#[derive(Clone, Debug)]
pub struct Hints(pub BTreeMap<String, Vec<Hint>>);

/// One hint.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "Written")]
pub struct Hint {
    /// What it says.
    pub words: Text,
    /// The region of the task in which `code` stands; without one, the task's first.
    pub at: Option<String>,
    /// What is shown below the words, and compiles there.
    pub code: Option<String>,
}

/// The same as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    en: String,
    zh: String,
    at: Option<String>,
    code: Option<String>,
}

impl From<Written> for Hint {
    fn from(written: Written) -> Hint {
        let Written { en, zh, at, code } = written;
        Hint {
            words: Text::new(en, zh),
            at,
            code,
        }
    }
}

impl Hints {
    /// Those of the step, in the checkout at `root`.
    ///
    /// # Errors
    ///
    /// When they cannot be read, or are not as they should be.
    pub fn of(root: &Path, step: &Step) -> Result<Hints> {
        let file = root.join("steps").join(step.folder()).join(FILE);
        let text = fs::read_to_string(&file).explain(|| cannot_read(&file))?;
        let hints = toml::from_str(&text);
        let hints = hints.explain(|| cannot_understand(&file))?;
        Ok(Hints(hints))
    }

    /// Those for the task of that slug, in order.
    pub fn for_task(&self, slug: &str) -> &[Hint] {
        self.0.get(slug).map_or(&[], Vec::as_slice)
    }
}

impl Hint {
    /// Where `code` stands, of the regions of its task.
    pub fn region<'a>(&'a self, task: &'a Task) -> Option<&'a str> {
        let first = task.regions.first().map(|region| &*region.at);
        self.at.as_deref().or(first)
    }
}
