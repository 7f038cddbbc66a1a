//! Finds the terms in a passage: the longest form that fits, whole words, in any case.

use std::ops::Range;

use super::terms::Glossary;
use crate::edition::Edition;
use crate::prose::{Glyph, Passage};

/// What a form that was found stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning<'a> {
    /// A use of the term with this id.
    Term(&'a str),
    /// A form that the term with this id does not have in this book.
    Avoid(&'a str),
    /// No term, although a form is in it.
    Other,
}

/// A form in a passage.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Hit<'a> {
    pub(super) glyphs: Range<usize>,
    pub(super) meaning: Meaning<'a>,
}

/// The forms of all terms in one language.
pub(super) struct Matcher<'a> {
    /// The longest first: `非阻塞` is no `阻塞`.
    forms: Vec<(Vec<char>, Meaning<'a>)>,
}

impl<'a> Matcher<'a> {
    pub(super) fn new(glossary: &'a Glossary, edition: Edition) -> Matcher<'a> {
        let mut forms: Vec<(Vec<char>, Meaning<'a>)> = Vec::new();
        for (id, term) in &glossary.terms {
            let mut add = |words: &[String], meaning| {
                forms.extend(words.iter().map(|word| (word.chars().collect(), meaning)));
            };
            add(term.forms(edition), Meaning::Term(id));
            // The other language's words stand here only on purpose.
            add(term.forms(other(edition)), Meaning::Other);
            add(&term.avoid, Meaning::Avoid(id));
            add(&term.except, Meaning::Other);
        }
        // Stable: of a word that both languages share, the first meaning counts.
        forms.sort_by_key(|(form, _)| std::cmp::Reverse(form.len()));
        Matcher { forms }
    }

    /// What is found from left to right, without overlaps.
    pub(super) fn scan(&self, passage: &Passage) -> Vec<Hit<'a>> {
        let mut hits = Vec::new();
        let mut at = 0;
        while at < passage.glyphs.len() {
            let mut forms = self.forms.iter();
            match forms.find(|(form, _)| stands(&passage.glyphs, at, form)) {
                Some((form, meaning)) => {
                    let end = at + form.len();
                    hits.push(Hit {
                        glyphs: at..end,
                        meaning: *meaning,
                    });
                    at = end;
                }
                None => at += 1,
            }
        }
        hits
    }
}

fn other(edition: Edition) -> Edition {
    match edition {
        Edition::English | Edition::SideBySide => Edition::Chinese,
        Edition::Chinese => Edition::English,
    }
}

fn stands(glyphs: &[Glyph], at: usize, form: &[char]) -> bool {
    let rest = &glyphs[at..];
    let same = |(c, glyph): (&char, &Glyph)| c.eq_ignore_ascii_case(&glyph.c);
    if form.is_empty() || rest.len() < form.len() || !form.iter().zip(rest).all(same) {
        return false;
    }
    let before = at.checked_sub(1).and_then(|at| glyphs.get(at));
    let splits = |inner: Option<&char>, outer: Option<&Glyph>| {
        inner.is_some_and(char::is_ascii_alphanumeric) && outer.is_some_and(|g| is_in_word(g.c))
    };
    !splits(form.first(), before) && !splits(form.last(), rest.get(form.len()))
}

/// A hyphen makes one word of two: what is non-blocking is not blocking.
fn is_in_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prose::passages;

    const TERMS: &str = r#"
        [blocking]
        en = ["blocking", "blocks"]
        zh = ["阻塞"]
        avoid = ["堵塞"]
        [head-of-line-blocking]
        en = ["head-of-line blocking"]
        zh = ["队头阻塞"]
        [exception]
        en = ["exception"]
        zh = ["例外"]
        except = ["不例外"]
    "#;

    fn found(edition: Edition, text: &str) -> Vec<String> {
        let glossary = Glossary::parse(String::new(), TERMS.to_owned());
        let glossary = glossary.expect("the terms are whole");
        let matcher = Matcher::new(&glossary, edition);
        let passage = &passages(text)[0];
        let hits = matcher.scan(passage).into_iter();
        let words = hits.filter(|hit| hit.meaning != Meaning::Other).map(|hit| {
            let word = &passage.glyphs[hit.glyphs];
            word.iter().map(|glyph| glyph.c).collect()
        });
        words.collect()
    }

    #[test]
    fn the_longest_form_wins() {
        let text = "Head-of-line blocking, and then blocking.";
        let words = ["Head-of-line blocking", "blocking"];
        assert_eq!(found(Edition::English, text), words);
        assert_eq!(
            found(Edition::Chinese, "队头阻塞，阻塞"),
            ["队头阻塞", "阻塞"]
        );
    }

    #[test]
    fn an_english_form_is_a_whole_word() {
        let text = "Unblocks, non-blocking, blocking_one, blocks.";
        assert_eq!(found(Edition::English, text), ["blocks"]);
    }

    #[test]
    fn a_phrase_that_means_something_else_hides_the_form_in_it() {
        assert_eq!(found(Edition::Chinese, "也不例外，是例外"), ["例外"]);
    }

    #[test]
    fn emphasis_hides_nothing_and_code_is_not_read() {
        assert_eq!(found(Edition::Chinese, "队头*阻塞*"), ["队头阻塞"]);
        assert!(found(Edition::English, "a `blocks` b").is_empty());
    }
}
