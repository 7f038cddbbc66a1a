//! A chapter as its reader sees it: the words of each paragraph, heading, cell and list item, every
//! letter with its place in the source.
//!
//! Emphasis is taken away, so that the neighbours of a letter are those that a reader sees; a code
//! span and a directive stand as one object each, for what is in them is no prose.

mod passage;
mod reader;

pub(crate) use passage::{Form, Glyph, OBJECT, Passage, Place};

/// All passages of a chapter, in its order.
pub(crate) fn passages(markdown: &str) -> Vec<Passage> {
    reader::read(markdown)
}

/// The line of an offset in a chapter, counted from 1.
pub(crate) fn line_at(markdown: &str, at: usize) -> usize {
    markdown[..at].matches('\n').count() + 1
}
