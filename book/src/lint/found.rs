//! What a lint has found, before it is known in which file and line.

use crate::prose::Passage;

/// A fault at an offset in a chapter.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) at: usize,
    pub(super) what: String,
}

impl Found {
    /// A fault at a character, told with the text around it.
    pub(super) fn near(passage: &Passage, index: usize, what: impl Into<String>) -> Found {
        let (what, near) = (what.into(), passage.around(index..index + 1));
        Found {
            at: passage.glyphs[index].at,
            what: format!("{what}: {near}"),
        }
    }
}
