//! One ordinary space between two scripts, and none next to full-width punctuation.

use super::chars::{is_han, is_latin, is_wide_punctuation};
use super::found::Found;
use crate::prose::{OBJECT, Passage};

/// Both languages: spaces that are no ordinary ones, and more than one.
pub(super) fn strange(passage: &Passage) -> Vec<Found> {
    let mut found = Vec::new();
    for (index, glyph) in passage.glyphs.iter().enumerate() {
        if is_strange(glyph.c) {
            let code = u32::from(glyph.c);
            let what = format!("write an ordinary space or none for U+{code:04X}");
            found.push(Found::near(passage, index, what));
        }
        if glyph.c == ' ' && passage.char(Some(index + 1)) == Some(' ') {
            found.push(Found::near(passage, index, "write one space"));
        }
    }
    found
}

/// Thin, wide, unbreakable and invisible ones; the page's own thin space is made by its style.
fn is_strange(c: char) -> bool {
    matches!(c, '\u{A0}' | '\u{AD}' | '\u{2000}'..='\u{200F}' | '\u{2028}'..='\u{202F}'
        | '\u{205F}'..='\u{2064}' | '\u{3000}' | '\u{FEFF}' | '\t')
}

/// A Chinese chapter's spaces, pair by pair of neighbours.
pub(super) fn chinese(passage: &Passage) -> Vec<Found> {
    let mut found = Vec::new();
    let other_script = |c: char| is_latin(c) || c == OBJECT;
    for index in 0..passage.glyphs.len() {
        let a = passage.glyphs[index].c;
        let (b, c) = (passage.char(Some(index + 1)), passage.char(Some(index + 2)));
        let what = match (a, b, c) {
            (' ', Some(b), _) if is_wide_punctuation(b) => format!("no space before {b}"),
            (a, Some(' '), _) if is_wide_punctuation(a) => format!("no space after {a}"),
            (a, Some(' '), Some(c)) if is_han(a) && is_han(c) => {
                format!("no space between {a} and {c}")
            }
            (a, Some(b), _) if is_han(a) && other_script(b) || other_script(a) && is_han(b) => {
                let name = |c: char| {
                    if c == OBJECT {
                        "`…`".to_owned()
                    } else {
                        c.to_string()
                    }
                };
                format!("write a space between {} and {}", name(a), name(b))
            }
            _ => continue,
        };
        found.push(Found::near(passage, index, what));
    }
    found
}
