//! Words and turns that are good once, and a tic when a chapter is full of them: counted, chapter by
//! chapter, and more than a few of them are a fault.
//!
//! Only what a pattern can tell is counted: "told" is a fault's (*reported*), not a program's that is
//! told when something happens.

use std::fmt;
use std::path::Path;

use anyhow::Result;
use mdbook_driver::book::Book;
use serde::Deserialize;

use crate::code;
use crate::edition::Edition;
use crate::fault::{Fault, shown};
use crate::list;
use crate::prose::{OBJECT, passages};

/// What is known of tics, in the book's folder.
const FILE: &str = "tics.toml";

/// One of a tic is none in this many words of English.
const WORDS: usize = 2000;

/// What to look for in English, and what to write.
const ENGLISH: [(&str, Pattern, &str); 6] = [
    (
        "told",
        Pattern::Told,
        "write reported, or who tells whom what",
    ),
    ("whoever", Pattern::Words(&["whoever"]), "name who does it"),
    (
        "somebody of their own",
        Pattern::Words(&["somebody", "of", "their", "own"]),
        "name what each of them has",
    ),
    (
        "said all",
        Pattern::SaidAll,
        "write finished sending, or half-closed",
    ),
    (
        ", as",
        Pattern::CausalAs,
        "write because, or a new sentence",
    ),
    (
        "it is tempting",
        Pattern::Words(&["it", "is", "tempting"]),
        "say what is wrong with it",
    ),
];

/// What to look for in Chinese, how many of it are none in a million Han characters, and what to
/// write.
const CHINESE: [(&str, usize, &str); 6] = [
    ("谁", 2500, "写明是哪个程序、哪个进程"),
    ("过界", 0, "写在用户态与内核态之间切换"),
    ("顶住", 0, "写拦住"),
    ("量具", 0, "写基准测试"),
    ("称轻重", 0, "写比较、测量"),
    ("空闲 CPU", 0, "写空载 CPU 占用"),
];

#[derive(Clone, Copy)]
enum Pattern {
    /// These words, one behind the other.
    Words(&'static [&'static str]),
    /// "is told with its number": not to anybody, and not a story, either.
    Told,
    /// "has said all", "said everything".
    SaidAll,
    /// ", as" and a subject; ", as in", ", as far as" and the like compare.
    CausalAs,
}

/// What follows "told" where somebody is told something.
const TOLD_SOMETHING: [&str; 17] = [
    "about", "apart", "by", "how", "in", "it", "of", "so", "that", "the", "to", "what", "when",
    "where", "which", "who", "why",
];

/// What a clause begins with.
const SUBJECTS: [&str; 22] = [
    "a", "all", "an", "every", "he", "i", "it", "its", "no", "nobody", "nothing", "one", "our",
    "she", "that", "the", "their", "there", "these", "they", "this", "we",
];

/// How often one tic stands in one chapter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// The chapter's file, from the project's root.
    pub file: String,
    /// Which of them.
    pub tic: &'static str,
    /// How many, without those that the list allows.
    pub count: usize,
    /// How many may stand there.
    pub most: usize,
    /// Words of English, or Han characters.
    pub length: usize,
    /// Of which length the rate is told.
    unit: Unit,
    instead: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Words,
    Han,
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Count {
            file,
            tic,
            count,
            most,
            length,
            ..
        } = self;
        let (of, name) = match self.unit {
            Unit::Words => (WORDS, "in 2,000 words"),
            Unit::Han => (1000, "in 1,000 Han"),
        };
        // Of a chapter without a word there is no rate.
        let rate = (count * of) as f64 / (*length).max(1) as f64;
        write!(
            f,
            "{file}: {tic}: {count}, {rate:.2} {name} (at most {most})"
        )
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    #[serde(default)]
    allowed: Vec<Allowed>,
    #[serde(default)]
    known: Vec<Known>,
}

/// A sentence in which the words are right.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Allowed {
    /// From the book's folder.
    file: String,
    tic: String,
    /// A part of the sentence, with the tic in it.
    text: String,
    #[expect(dead_code, reason = "it is for whoever reads the list")]
    reason: String,
}

/// A chapter that still has too many.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    file: String,
    tic: String,
    count: usize,
}

/// All that is found, of every tic in every chapter of both languages; none of it is left out for
/// being allowed in number.
///
/// # Errors
///
/// When the list of what is known cannot be read.
pub fn count(root: &Path, english: &Book, chinese: &Book) -> Result<(Vec<Count>, Vec<Fault>)> {
    let project = root.parent().unwrap_or(root);
    let list = list::read::<List>(root, FILE)?;
    let name = shown(project, &root.join(FILE));
    let mut used = vec![false; list.allowed.len()];
    let mut counts = Vec::new();
    for (edition, book) in [(Edition::English, english), (Edition::Chinese, chinese)] {
        for chapter in code::sources(root, edition, book) {
            let text = Text::of(chapter.text);
            let file = chapter.file.clone();
            let in_book = |listed: &str| shown(project, &root.join(listed)) == file;
            let mut add = |tic, found: usize, most, length, unit, instead| {
                let allowed = list.allowed.iter().zip(&mut used);
                let here = allowed.filter(|(one, _)| one.tic == tic && in_book(&one.file));
                let excused = here.map(|(one, used)| {
                    let times = text.plain.matches(&one.text).count();
                    *used |= times > 0;
                    times
                });
                let count = found.saturating_sub(excused.sum());
                let known = list.known.iter().find(|k| k.tic == tic && in_book(&k.file));
                counts.push(Count {
                    file: file.clone(),
                    tic,
                    count,
                    most: known.map_or(most, |known| known.count.max(most)),
                    length,
                    unit,
                    instead,
                });
            };
            match edition {
                Edition::Chinese => {
                    let han = text
                        .plain
                        .chars()
                        .filter(|c| crate::lint::is_han(*c))
                        .count();
                    for (tic, rate, instead) in CHINESE {
                        let found = text.plain.matches(tic).count();
                        let most = (han * rate).div_ceil(1_000_000);
                        add(tic, found, most, han, Unit::Han, instead);
                    }
                }
                _ => {
                    let length = text.words.len();
                    for (tic, pattern, instead) in ENGLISH {
                        let most = length.div_ceil(WORDS);
                        add(tic, text.find(pattern), most, length, Unit::Words, instead);
                    }
                }
            }
        }
    }
    let gone = list.allowed.iter().zip(used).filter(|(_, used)| !used);
    let gone = gone.map(|(one, _)| {
        let what = format!(
            "“{}” stands no more in {}: take it off the list",
            one.text, one.file
        );
        Fault::of(&name, what)
    });
    Ok((counts, gone.collect()))
}

/// How often each tic stands in each language, all chapters together; `file` is the language's folder.
#[must_use]
pub fn totals(counts: &[Count]) -> Vec<Count> {
    let mut totals: Vec<Count> = Vec::new();
    for found in counts {
        let folder = found.file.rsplit_once('/').map_or("", |(folder, _)| folder);
        match totals
            .iter_mut()
            .find(|t| t.tic == found.tic && t.file == folder)
        {
            Some(total) => {
                total.count += found.count;
                total.most += found.most;
                total.length += found.length;
            }
            None => totals.push(Count {
                file: folder.to_owned(),
                ..found.clone()
            }),
        }
    }
    totals
}

/// The chapters with too many.
///
/// # Errors
///
/// When the list of what is known cannot be read.
pub fn check(root: &Path, english: &Book, chinese: &Book) -> Result<Vec<Fault>> {
    let (counts, mut faults) = count(root, english, chinese)?;
    let over = counts.into_iter().filter(|found| found.count > found.most);
    faults.extend(over.map(|found| {
        let Count {
            tic,
            count,
            most,
            instead,
            ..
        } = found;
        let what = format!("“{tic}” stands here {count} times, at most {most} may: {instead}");
        Fault::of(&found.file, what)
    }));
    Ok(faults)
}

/// A chapter's prose.
struct Text {
    /// Passage by passage, a line each; code is one character.
    plain: String,
    words: Vec<Word>,
}

struct Word {
    /// In small letters, without the marks around it.
    text: String,
    /// Does a comma stand before it?
    behind_comma: bool,
    /// Does the clause end behind it?
    ends: bool,
}

impl Text {
    fn of(markdown: &str) -> Text {
        let mut plain = String::new();
        let mut words: Vec<Word> = Vec::new();
        for passage in passages(markdown) {
            let passage = passage.text();
            let mut comma = false;
            for word in passage.split_whitespace() {
                let inner = word.trim_matches(|c: char| !c.is_alphanumeric() && c != OBJECT);
                if !inner.is_empty() {
                    words.push(Word {
                        text: inner.to_lowercase(),
                        behind_comma: comma,
                        ends: word.ends_with(['.', ',', ';', ':', '?', ')']),
                    });
                }
                comma = word.ends_with(',');
            }
            if let Some(last) = words.last_mut() {
                last.ends = true;
            }
            plain += &passage;
            plain.push('\n');
        }
        Text { plain, words }
    }

    fn find(&self, pattern: Pattern) -> usize {
        (0..self.words.len())
            .filter(|at| self.is(pattern, *at))
            .count()
    }

    fn is(&self, pattern: Pattern, at: usize) -> bool {
        let words = &self.words[at..];
        let same = |sought: &[&str]| {
            words.len() >= sought.len() && sought.iter().zip(words).all(|(a, b)| *a == b.text)
        };
        let next = words.get(1).map(|word| word.text.as_str());
        let first = &words[0];
        match pattern {
            Pattern::Words(sought) => same(sought),
            Pattern::Told => {
                let something = !first.ends && next.is_some_and(|w| TOLD_SOMETHING.contains(&w));
                first.text == "told" && !something
            }
            Pattern::SaidAll => {
                let says = ["said", "say", "says", "saying"].contains(&first.text.as_str());
                // "said all of it" and "said all the lines" say what.
                let all = next == Some("all") && words[1].ends;
                says && (all || next == Some("everything"))
            }
            Pattern::CausalAs => {
                first.text == "as"
                    && first.behind_comma
                    && !first.ends
                    && next.is_some_and(|word| SUBJECTS.contains(&word))
            }
        }
    }
}
