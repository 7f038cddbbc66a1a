//! Chinese punctuation is full-width, and made of the right characters.

use super::chars::{is_han, is_wide_latin};
use super::found::Found;
use crate::prose::{OBJECT, Passage};

/// Half-width marks that a keyboard leaves in a Chinese sentence, and what is meant.
const MARKS: [(char, char); 8] = [
    (',', '，'),
    ('.', '。'),
    (';', '；'),
    (':', '：'),
    ('!', '！'),
    ('?', '？'),
    ('(', '（'),
    (')', '）'),
];

/// Checks a passage of a Chinese chapter.
pub(super) fn check(passage: &Passage) -> Vec<Found> {
    let mut found = Vec::new();
    // `W. Richard Stevens` alone in a cell is no Chinese sentence.
    let chinese = passage.glyphs.iter().any(|glyph| is_han(glyph.c));
    let mut index = 0;
    while let Some(c) = passage.char(Some(index)) {
        let run = passage.glyphs[index..].iter().take_while(|g| g.c == c);
        let run = run.count();
        let what = match c {
            _ if is_wide_latin(c) => Some(format!("write {c} half-width")),
            '「' | '『' => Some(format!("write “ for {c}")),
            '」' | '』' => Some(format!("write ” for {c}")),
            _ if !chinese => None,
            '"' => Some("write “ or ” for a straight quote".to_owned()),
            '\'' if touches_han(passage, index) => {
                Some("write ‘ or ’ for a straight quote".to_owned())
            }
            '.' if run > 1 => Some("write …… for dots".to_owned()),
            '…' if run != 2 => Some("write ……, two characters".to_owned()),
            '-' if run > 1 => Some("write —— for hyphens, or an option as code".to_owned()),
            '—' if run != 2 => Some("write ——, two characters".to_owned()),
            _ => half_width(passage, index).map(|full| format!("write {full} for {c}")),
        };
        if let Some(what) = what {
            found.push(Found::near(passage, index, what));
        }
        index += if matches!(c, '.' | '-' | '…' | '—') {
            run
        } else {
            1
        };
    }
    found
}

/// The full-width mark that is meant, when a half-width one belongs to a Chinese sentence.
fn half_width(passage: &Passage, index: usize) -> Option<char> {
    let c = passage.glyphs[index].c;
    let (_, full) = MARKS.into_iter().find(|(half, _)| *half == c)?;
    let before = passage.char(index.checked_sub(1));
    let ours = match c {
        '(' => {
            let before = match before {
                Some(' ') => passage.char(index.checked_sub(2)),
                other => other,
            };
            before.is_some_and(is_han) || touches_han(passage, index) || holds_han(passage, index)
        }
        ')' => touches_han(passage, index) || is_closing_of_han(passage, index),
        _ => touches_han(passage, index) || ends_clause(passage, index),
    };
    ours.then_some(full)
}

fn touches_han(passage: &Passage, index: usize) -> bool {
    let neighbours = [index.checked_sub(1), Some(index + 1)];
    neighbours
        .into_iter()
        .any(|at| passage.char(at).is_some_and(is_han))
}

/// Behind a code span or a Latin word, with Chinese or nothing to follow. A full stop in the middle
/// may be an abbreviation's.
fn ends_clause(passage: &Passage, index: usize) -> bool {
    let is_stop = passage.glyphs[index].c == '.';
    let after_object = passage.char(index.checked_sub(1)) == Some(OBJECT);
    match passage.char(Some(index + 1)) {
        None => true,
        Some(' ') => {
            let next = passage.char(Some(index + 2));
            next.is_some_and(is_han) && (!is_stop || after_object)
        }
        _ => false,
    }
}

/// Whether there is Chinese between `(` and its `)`.
fn holds_han(passage: &Passage, open: usize) -> bool {
    let inside = passage.glyphs[open..].iter().take_while(|g| g.c != ')');
    inside.into_iter().any(|glyph| is_han(glyph.c))
}

/// Whether there is Chinese between `)` and its `(`.
fn is_closing_of_han(passage: &Passage, close: usize) -> bool {
    let inside = passage.glyphs[..close].iter().rev();
    let mut inside = inside.take_while(|g| g.c != '(');
    inside.any(|glyph| is_han(glyph.c)) && passage.glyphs[..close].iter().any(|g| g.c == '(')
}
