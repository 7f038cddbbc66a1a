//! What does not belong into an English sentence.

use super::chars::{is_han, is_wide_latin, is_wide_only};
use super::found::Found;
use crate::prose::Passage;

/// Chapters that show the Chinese words beside the English ones.
const BILINGUAL: [&str; 1] = ["glossary.md"];

/// Chinese that English chapters show, as bytes that are not ASCII.
const SHOWN: [&str; 1] = ["你好"];

/// Checks a passage of the English chapter `name`.
pub(super) fn check(name: &str, passage: &Passage) -> Vec<Found> {
    let mut found = Vec::new();
    let text = passage.text();
    let shown = SHOWN.iter().filter(|shown| text.contains(**shown));
    let shown: String = shown.copied().collect();
    let mut index = 0;
    while let Some(c) = passage.char(Some(index)) {
        let run = passage.glyphs[index..].iter().take_while(|g| g.c == c);
        let what = match c {
            '“' | '”' | '‘' | '’' => Some(format!(
                "write a straight quote for {c}, the press bends it"
            )),
            '-' if run.count() > 1 => {
                Some("write another sentence for a dash, or an option as code".to_owned())
            }
            c if is_wide_only(c) || is_wide_latin(c) => {
                Some(format!("write {c} half-width in English"))
            }
            c if is_han(c) && !BILINGUAL.contains(&name) && !shown.contains(c) => Some(format!(
                "{c} is no English, write it in the Chinese chapter"
            )),
            _ => None,
        };
        if let Some(what) = what {
            found.push(Found::near(passage, index, what));
            // One message for a whole phrase in the wrong language.
            let rest = passage.glyphs[index..].iter();
            index += rest
                .take_while(|g| g.c == c || is_han(c) && is_han(g.c))
                .count();
        } else {
            index += 1;
        }
    }
    found
}
