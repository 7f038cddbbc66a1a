//! Words and marks that the book's voice does without.

use super::found::Found;
use crate::prose::{Form, Passage};

/// Each with what to do instead.
const WORDS: [(&str, &str); 8] = [
    ("simply", "say what happens"),
    ("magically", "say what happens"),
    ("let's", "say who does it: you, the program, the kernel"),
    ("let’s", "say who does it: you, the program, the kernel"),
    ("as we all know", "say it, or leave it out"),
    ("众所周知", "say it, or leave it out"),
    ("大家", "write 你"),
    ("小伙伴", "write 你"),
];

/// Exclamation marks, and words that persuade where the book should tell.
pub(super) fn check(passage: &Passage) -> Vec<Found> {
    let mut found = Vec::new();
    for (index, glyph) in passage.glyphs.iter().enumerate() {
        if matches!(glyph.c, '!' | '！') && glyph.form != Form::Escaped {
            found.push(Found::near(
                passage,
                index,
                "end the sentence quietly, without an exclamation mark",
            ));
        }
        if glyph.c == '您' {
            found.push(Found::near(passage, index, "write 你 for 您"));
        }
        for (word, instead) in WORDS {
            if starts(passage, index, word) {
                let what = format!("the book does not say “{word}”, {instead}");
                found.push(Found::near(passage, index, what));
            }
        }
    }
    found
}

/// Whether the word stands here, in any case, and as a word of its own if it is English.
fn starts(passage: &Passage, index: usize, word: &str) -> bool {
    let length = word.chars().count();
    let inside = |at: Option<usize>| passage.char(at).is_some_and(|c| c.is_ascii_alphanumeric());
    let rest = &passage.glyphs[index..];
    let same = rest.len() >= length
        && word
            .chars()
            .zip(rest)
            .all(|(c, glyph)| c.eq_ignore_ascii_case(&glyph.c));
    same && (!word.is_ascii() || !inside(index.checked_sub(1)) && !inside(Some(index + length)))
}
