//! Emphasis that closes, and in Chinese stands where every Markdown parser sees it.

use super::chars::is_wide_punctuation;
use super::found::Found;
use crate::prose::{Form, Passage};

/// Marks that the parser has left in the text.
///
/// `**…。**字` is such a trap: behind punctuation and before a letter, `**` closes nothing.
pub(super) fn unclosed(passage: &Passage) -> Vec<Found> {
    let mut found = Vec::new();
    let mut last = None;
    for (index, glyph) in passage.glyphs.iter().enumerate() {
        let joins = |at: Option<usize>| {
            passage
                .char(at)
                .is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        let is_mark = match glyph.c {
            '*' | '`' => true,
            // `TIME_WAIT` is a name and no emphasis.
            '_' => !joins(index.checked_sub(1)) || !joins(Some(index + 1)),
            _ => false,
        };
        if is_mark && matches!(glyph.form, Form::Plain | Form::Linked) {
            // `**` is one mark.
            let run = last.is_some_and(|(at, c)| at + 1 == index && c == glyph.c);
            last = Some((index, glyph.c));
            if !run {
                let mark = glyph.c;
                let what = format!(
                    "a {mark} stands in the text as itself: close it with punctuation outside, or write \\{mark}"
                );
                found.push(Found::near(passage, index, what));
            }
        }
    }
    found
}

/// `*…*` and never `_…_`, which next to Han characters is none; punctuation outside, unless the
/// whole block is emphasised.
pub(super) fn chinese(passage: &Passage) -> Vec<Found> {
    let mut found = Vec::new();
    for emphasis in &passage.emphases {
        let range = emphasis.glyphs.clone();
        if range.is_empty() {
            continue;
        }
        if emphasis.mark == '_' {
            let what = "write *…* and not _…_, which is no emphasis between Han characters";
            found.push(Found::near(passage, range.start, what));
        }
        let edges = [range.start, range.end - 1];
        let wide = |at: &usize| is_wide_punctuation(passage.glyphs[*at].c);
        if range != (0..passage.glyphs.len())
            && let Some(index) = edges.into_iter().find(wide)
        {
            let what = format!("put {} outside the emphasis", passage.glyphs[index].c);
            found.push(Found::near(passage, index, what));
        }
    }
    found
}
