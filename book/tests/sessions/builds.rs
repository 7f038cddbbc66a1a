//! What the sessions run, built before the first of them is played.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use book::session::parse;

use crate::environment::build;

/// The `# build:` lines of all sessions, run once. A session that is played meanwhile would wait for
/// cargo's lock, silently and for longer than anybody waits for an output.
pub(crate) struct Builds {
    lines: BTreeSet<String>,
    outcome: OnceLock<Result<(), String>>,
}

impl Builds {
    pub(crate) fn of(files: &[PathBuf]) -> Builds {
        let texts = files
            .iter()
            .filter_map(|file| fs::read_to_string(file).ok());
        let sessions = texts.filter_map(|text| parse(&text).ok());
        Builds {
            lines: sessions.flat_map(|session| session.builds).collect(),
            outcome: OnceLock::new(),
        }
    }

    /// Returns when all is built. Whoever comes first builds it.
    pub(crate) fn finish(&self, project: &Path) -> Result<(), String> {
        let all = || self.lines.iter().try_for_each(|line| build(project, line));
        self.outcome.get_or_init(all).clone()
    }
}
