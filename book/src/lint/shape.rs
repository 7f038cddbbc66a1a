//! Paragraphs are lines, and headings have addresses that can be typed.

use std::collections::HashSet;

use super::found::Found;
use crate::prose::{OBJECT, Passage, Place};

/// Checks what only shows in the chapter as a whole.
pub(super) fn check(passages: &[Passage]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut ids = HashSet::new();
    for passage in passages {
        found.extend(broken_line(passage));
        if let Place::Heading { id, .. } = &passage.place {
            let at = passage.glyphs[0].at;
            if !id.is_empty() && !is_address(id) {
                let what = format!(
                    "the id {id} is no address, write lower-case ASCII words joined by -: {{#an-id}}"
                );
                found.push(Found { at, what });
            }
            if !id.is_empty() && !ids.insert(id) {
                let what = format!("the id {id} is taken in this chapter, write another");
                found.push(Found { at, what });
            }
        }
    }
    found
}

/// A browser shows a line break as a space, which between Han characters is a fault to the eye; and
/// paragraphs of one line each can be compared line by line.
fn broken_line(passage: &Passage) -> Option<Found> {
    let at = *passage.breaks.first()?;
    // Directives below each other bring blocks, not lines.
    if passage.glyphs.iter().all(|g| g.c == OBJECT || g.c == '\n') {
        return None;
    }
    let what = "the paragraph goes on in the next line, write it as one line".to_owned();
    Some(Found { at, what })
}

fn is_address(id: &str) -> bool {
    let plain = |word: &str| {
        let mut bytes = word.bytes();
        !word.is_empty() && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    id.split('-').all(plain)
}
