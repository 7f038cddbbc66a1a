//! Numbers in prose that somebody measured or decided: each stands on a list, with the file in which
//! it can be found again, or with the words beside it that say how it came about.
//!
//! A table is made anew and a limit is changed, and the sentence that quotes it is forgotten. So what
//! the list names is looked up at every build.
//!
//! What counts is a number with a unit, one with a decimal point, and any from a hundred on. Years,
//! versions, chapters, documents and manual pages do not; neither does code.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use mdbook_driver::book::Book;
use serde::Deserialize;

use crate::blocks::{Block, split};
use crate::code;
use crate::edition::Edition;
use crate::fault::{Fault, shown};
use crate::list;
use crate::prose::{line_at, passages};

/// The list, in the book's folder.
const FILE: &str = "figures-in-prose.toml";

/// Units as they stand behind a number, in both languages, and how the list writes them.
const UNITS: [(&str, &str); 22] = [
    ("ms", "ms"),
    ("毫秒", "ms"),
    ("µs", "µs"),
    ("微秒", "µs"),
    ("ns", "ns"),
    ("纳秒", "ns"),
    ("seconds", "s"),
    ("second", "s"),
    ("s", "s"),
    ("秒", "s"),
    ("%", "%"),
    ("KiB", "KiB"),
    ("MiB", "MiB"),
    ("GiB", "GiB"),
    ("kB", "kB"),
    ("MB", "MB"),
    ("GB", "GB"),
    ("bytes", "bytes"),
    ("字节", "bytes"),
    ("times as", "times"),
    ("times the", "times"),
    ("倍", "times"),
];

/// What stands before a number that names something and counts nothing.
const NAMES: [&str; 7] = [
    "RFC ", "Linux ", "BY-SA ", "Apache ", "Section ", "section ", "第 ",
];

/// From here on a number is none that a reader counts.
const MANY: f64 = 100.0;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    #[serde(default)]
    figure: Vec<Listed>,
}

/// A figure, and where it comes from: a source, conditions, or what it is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    /// The number with its unit as in English, `44 ms`; without one, whatever its unit.
    figure: String,
    /// In the editions' folders; without one, all.
    chapter: Option<String>,
    /// The file in which it stands, from the project's root.
    source: Option<String>,
    /// What stands in that file: without this, the number itself.
    #[serde(default)]
    from: Vec<String>,
    /// Words that stand in the same paragraph, list or table.
    conditions: Option<Both>,
    /// Of a figure that nobody has measured: what it is.
    is: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Both {
    en: String,
    zh: String,
}

/// A number of a chapter.
#[derive(Debug, PartialEq)]
struct Figure {
    /// As the list writes it.
    name: String,
    at: usize,
}

impl Figure {
    fn number(&self) -> &str {
        self.name.split(' ').next().unwrap_or_default()
    }
}

/// Checks all chapters of both source books against the list, and the list against its sources.
///
/// # Errors
///
/// When the list cannot be read.
pub fn check(root: &Path, english: &Book, chinese: &Book) -> Result<Vec<Fault>> {
    let project = root.parent().unwrap_or(root);
    let list = list::read::<List>(root, FILE)?;
    let mut faults = Vec::new();
    let mut used = BTreeSet::new();
    for (edition, book) in [(Edition::English, english), (Edition::Chinese, chinese)] {
        for chapter in code::sources(root, edition, book) {
            let name = chapter.name.to_string_lossy();
            let blocks = split(chapter.text);
            for figure in figures(chapter.text) {
                let line = line_at(chapter.text, figure.at);
                let listed = list.figure.iter().enumerate().find(|(_, listed)| {
                    (listed.figure == figure.name || listed.figure == figure.number())
                        && listed
                            .chapter
                            .as_ref()
                            .is_none_or(|chapter| *chapter == name)
                });
                let what = match listed {
                    None => Some(format!(
                        "where does {} come from? List it in {FILE}: with its source, or with \
                         conditions that stand beside it",
                        figure.name
                    )),
                    Some((index, listed)) => {
                        used.insert(index);
                        let block = blocks.iter().rfind(|block| block.line <= line);
                        missing(listed, edition, block)
                    }
                };
                faults.extend(what.map(|what| Fault::at(&chapter.file, line, what)));
            }
        }
    }
    let file = shown(project, &root.join(FILE));
    for (index, listed) in list.figure.iter().enumerate() {
        let what = match used.contains(&index) {
            true => wrong(project, listed),
            false => Some("stands in no chapter any more: take it off the list".to_owned()),
        };
        let place = listed
            .chapter
            .as_ref()
            .map(|chapter| format!(" of {chapter}"));
        let of = format!("{}{}", listed.figure, place.unwrap_or_default());
        faults.extend(what.map(|what| Fault::of(&file, format!("{of}: {what}"))));
    }
    Ok(faults)
}

/// The conditions, where they do not stand beside the figure.
fn missing(listed: &Listed, edition: Edition, block: Option<&Block<'_>>) -> Option<String> {
    let both = listed.conditions.as_ref()?;
    let conditions = match edition {
        Edition::Chinese => &both.zh,
        _ => &both.en,
    };
    let beside = block.is_some_and(|block| block.text.contains(conditions));
    (!beside).then(|| {
        let name = &listed.figure;
        format!(
            "{name} was measured under conditions, and they do not stand beside it: {conditions}"
        )
    })
}

/// What is wrong with an entry of the list.
fn wrong(project: &Path, listed: &Listed) -> Option<String> {
    let Listed {
        figure,
        source,
        from,
        conditions,
        is,
        ..
    } = listed;
    match (source, conditions, is) {
        (Some(source), None, None) => {
            let text = match std::fs::read_to_string(project.join(source)) {
                Ok(text) => text,
                Err(error) => return Some(format!("cannot read {source}: {error}")),
            };
            let number = figure.split(' ').next().unwrap_or_default();
            let mut sought: Vec<&str> = from.iter().map(String::as_str).collect();
            if sought.is_empty() {
                sought.push(number);
            }
            // A column may be wider the next time.
            let one_space = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            let text = one_space(&text);
            let gone = sought
                .into_iter()
                .find(|sought| !holds(&text, &one_space(sought)))?;
            Some(format!(
                "{gone} does not stand in {source} any more: mend the prose, in both languages"
            ))
        }
        (None, Some(_), None) | (None, None, Some(_)) if from.is_empty() => None,
        _ => Some("give it a source, conditions, or what it is: one of the three".to_owned()),
    }
}

/// Whether `sought` stands in `text` and is no part of a longer number.
fn holds(text: &str, sought: &str) -> bool {
    fn goes_on(mut side: impl Iterator<Item = char>) -> bool {
        let next = match side.next() {
            Some(',' | '.') => side.next(),
            next => next,
        };
        next.is_some_and(|c| c.is_ascii_digit())
    }
    text.match_indices(sought).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + sought.len()..]);
        !goes_on(before.chars().rev()) && !goes_on(after.chars())
    })
}

/// The figures of a chapter that want to be listed.
fn figures(markdown: &str) -> Vec<Figure> {
    let mut found = Vec::new();
    for passage in passages(markdown) {
        let text: Vec<char> = passage.glyphs.iter().map(|glyph| glyph.c).collect();
        let mut at = 0;
        while at < text.len() {
            let end = at + number(&text[at..]);
            if end == at {
                at += 1;
                continue;
            }
            if let Some(name) = figure(&text, at, end) {
                let at = passage.glyphs[at].at;
                found.push(Figure { name, at });
            }
            at = end;
        }
    }
    found
}

/// How many characters a number has that stands here: `16,384` or `5.36`, and `3.3.2` as one.
fn number(text: &[char]) -> usize {
    let digit = |at: usize| text.get(at).is_some_and(char::is_ascii_digit);
    let mut end = 0;
    while digit(end) || end > 0 && matches!(text.get(end), Some(',' | '.')) && digit(end + 1) {
        end += 1;
    }
    end
}

/// The number between the two, as the list writes it, if it wants to be listed.
fn figure(text: &[char], from: usize, to: usize) -> Option<String> {
    let number: String = text[from..to].iter().collect();
    let before: String = text[from.saturating_sub(12)..from].iter().collect();
    let after = &text[to..];
    // `HTTP/1.0`, `IPv6`, `0x80`, `recv(2)`, `1,024th`.
    let is_part = before.ends_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '-'))
        || before.ends_with('(') && after.first() == Some(&')')
        || after.first().is_some_and(char::is_ascii_alphabetic);
    if is_part || NAMES.iter().any(|name| before.ends_with(name)) {
        return None;
    }
    // `3.3.2` is none.
    let value: f64 = number.replace(',', "").parse().ok()?;
    if let Some(unit) = unit(after) {
        return Some(format!("{number} {unit}"));
    }
    let is_year = !number.contains([',', '.']) && (1900.0..2100.0).contains(&value);
    (!is_year && (value >= MANY || number.contains('.'))).then_some(number)
}

/// The unit that stands behind a number.
fn unit(after: &[char]) -> Option<&'static str> {
    // A thousand bytes are counted in Chinese: 个.
    let blank = |c: &&char| matches!(c, ' ' | '个');
    let rest: String = after.iter().skip_while(blank).take(12).collect();
    let (_, unit) = UNITS.into_iter().find(|(unit, _)| {
        let behind = rest.strip_prefix(unit);
        behind.is_some_and(|rest| {
            !unit.is_ascii()
                || *unit == "%"
                || !rest.starts_with(|c: char| c.is_ascii_alphanumeric())
        })
    })?;
    Some(unit)
}
