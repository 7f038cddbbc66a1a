//! The ledger: which English and which Chinese paragraph were last agreed to say the same.
//!
//! [`crate::agreement`] sees that both languages have a paragraph; it cannot see that one of them
//! has been rewritten. So a file beside the sources holds one line for each pair. A pair that is
//! not in it fails the build, until an editor has read both and accepted them.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result};
use mdbook_driver::book::{Book, Chapter};
use sha2::{Digest, Sha256};

use crate::blocks::{Block, Kind, excerpt, split};
use crate::edition::Edition;
use crate::fault::{Fault, shown};

/// The ledger's name in the book's folder.
const FILE: &str = "ledger.txt";

const HEAD: &str = "\
# One line for each pair of paragraphs that were read side by side and say the same: chapter, the
# English, the Chinese, how the English begins. Made by `cargo run -p book -- accept`, never by hand.
";

/// Bytes of a paragraph's SHA-256 that stand in the ledger: enough that no two meet by chance.
const KEPT: usize = 6;

/// Two paragraphs, or headings, lists, tables, that are each other's counterpart.
#[derive(Debug)]
pub struct Pair {
    chapter: String,
    english: Side,
    chinese: Side,
}

#[derive(Debug)]
struct Side {
    file: String,
    /// The first one, counted from 1.
    line: usize,
    hash: String,
    text: String,
}

/// Which pairs an editor has read.
#[derive(Debug, Clone)]
pub enum Read {
    /// Every pair of the book.
    All,
    /// Those that stand at these places, in either language.
    At(Vec<Place>),
}

/// A line of a chapter, as `FILE:LINE`: so the faults name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    file: String,
    line: usize,
}

impl FromStr for Place {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Place, Self::Err> {
        const FORM: &str =
            "a place is FILE:LINE with the language's folder, as in en/protocol.md:7";
        let (file, line) = text.rsplit_once(':').ok_or(FORM)?;
        let line = line.parse().map_err(|_| FORM)?;
        let file = file.replace('\\', "/");
        // A chapter has the same name in both languages.
        file.contains('/')
            .then_some(Place { file, line })
            .ok_or(FORM)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// Every pair of the two books that [`crate::agreement`] has found to be of one shape.
#[must_use]
pub fn pairs(root: &Path, english: &Book, chinese: &Book) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for en in english.chapters() {
        let twin = chinese
            .chapters()
            .find(|zh| zh.source_path == en.source_path);
        let (Some(name), Some(zh)) = (&en.source_path, twin) else {
            continue;
        };
        let chapter = name.display().to_string().replace('\\', "/");
        let (english, chinese) = (split(&en.content), split(&zh.content));
        for (a, b) in english.iter().zip(&chinese) {
            if has_words(a, b) {
                pairs.push(Pair {
                    chapter: chapter.clone(),
                    english: side(root, Edition::English, en, a),
                    chinese: side(root, Edition::Chinese, zh, b),
                });
            }
        }
    }
    pairs
}

/// Code, rules and drawings are the same in both languages: the comparison has seen to that.
fn has_words(english: &Block<'_>, chinese: &Block<'_>) -> bool {
    !matches!(english.kind, Kind::Code | Kind::Rule) && english.text.trim() != chinese.text.trim()
}

fn side(root: &Path, edition: Edition, chapter: &Chapter, block: &Block<'_>) -> Side {
    let name = chapter.source_path.as_deref().unwrap_or(Path::new(""));
    let path = root.join(edition.source()).join(name);
    Side {
        file: shown(root.parent().unwrap_or(root), &path),
        line: block.line,
        hash: hash(block.text),
        text: block.text.trim().to_owned(),
    }
}

/// Of the words alone: line ends and blanks around them are not what was agreed on.
fn hash(text: &str) -> String {
    let mut digest = Sha256::new();
    for line in text.trim().lines() {
        digest.update(line.trim());
        digest.update(b"\n");
    }
    let digest = digest.finalize();
    digest[..KEPT].iter().map(|b| format!("{b:02x}")).collect()
}

/// The pairs that nobody has accepted, each with what has happened to it.
///
/// # Errors
///
/// When the ledger cannot be read. None at all counts as an empty one.
pub fn check(root: &Path, pairs: &[Pair]) -> Result<Vec<Fault>> {
    let ledger = Ledger::read(root)?;
    let open = pairs.iter().filter(|pair| !ledger.accepts(pair));
    Ok(open.map(|pair| fault(&ledger, pair)).collect())
}

/// The pairs that nobody has accepted, whole, as text for people.
///
/// # Errors
///
/// When the ledger cannot be read.
pub fn unread(root: &Path, pairs: &[Pair]) -> Result<Vec<String>> {
    let ledger = Ledger::read(root)?;
    let open = pairs.iter().filter(|pair| !ledger.accepts(pair));
    Ok(open.map(whole).collect())
}

/// Accepts the pairs that were read, as they stand, and returns them as text for people: of all those
/// that are new, of places each, whole.
///
/// # Errors
///
/// When at a place there is no pair, and then none is accepted; when the ledger cannot be read or
/// written.
pub fn accept(root: &Path, pairs: &[Pair], read: &Read) -> Result<Vec<String>> {
    let ledger = Ledger::read(root)?;
    let open = |pair: &&Pair| !ledger.accepts(pair);
    let (text, accepted) = match read {
        Read::All => (
            pairs.iter().map(line).collect(),
            pairs.iter().filter(open).map(both_sides).collect(),
        ),
        Read::At(places) => {
            let named = places.iter().map(|place| at(pairs, place));
            let named: Vec<&Pair> = named.collect::<Result<_>>()?;
            let mut text = String::new();
            let mut kept = BTreeSet::new();
            for pair in pairs {
                if ledger.accepts(pair) || named.iter().any(|named| std::ptr::eq(*named, pair)) {
                    text += &line(pair);
                    continue;
                }
                // What was agreed on before tells which of the two has changed since.
                for entry in ledger.about(pair).map(Entry::line) {
                    if kept.insert(entry.clone()) {
                        text += &entry;
                    }
                }
            }
            (text, named.into_iter().map(whole).collect())
        }
    };
    crate::surroundings::replace_file(&path(root), &(HEAD.to_owned() + &text))?;
    Ok(accepted)
}

/// The pair of which one side has this line.
fn at<'a>(pairs: &'a [Pair], place: &Place) -> Result<&'a Pair> {
    let has = |side: &Side| {
        let lines = side.line..side.line + side.text.lines().count();
        // From the project's root, from the book's folder, or as the editor calls it.
        let same = Path::new(&side.file).ends_with(&place.file)
            || Path::new(&place.file).ends_with(&side.file);
        same && lines.contains(&place.line)
    };
    let pair = pairs
        .iter()
        .find(|pair| has(&pair.english) || has(&pair.chinese));
    pair.with_context(|| {
        format!("there is no pair of paragraphs at {place}: name a line of one, in either language")
    })
}

fn line(pair: &Pair) -> String {
    let Pair {
        chapter,
        english,
        chinese,
    } = pair;
    let begins = excerpt(&english.text);
    format!("{chapter} {} {} {begins}\n", english.hash, chinese.hash)
}

fn fault(ledger: &Ledger, pair: &Pair) -> Fault {
    let knows = |side: &Side| {
        let mut entries = ledger.about(pair);
        entries.any(|entry| entry.english == side.hash || entry.chinese == side.hash)
    };
    let what = match (knows(&pair.english), knows(&pair.chinese)) {
        (false, true) => "the English changed and the Chinese did not",
        (true, false) => "the Chinese changed and the English did not",
        (true, true) => "each was agreed on with another paragraph: did one of them move?",
        (false, false) => "new, and not read side by side yet",
    };
    let at = if knows(&pair.english) {
        &pair.chinese
    } else {
        &pair.english
    };
    let sides = both_sides(pair);
    let Side { file, line, .. } = at;
    let advice = "when they say the same: cargo run -p book -- accept";
    let what = format!("{what}\n{sides}\n    {advice} {file}:{line}");
    Fault::at(file, *line, what)
}

fn both_sides(pair: &Pair) -> String {
    let show = |side: &Side| {
        let begins = excerpt(&side.text);
        format!("    {}:{}: {begins}", side.file, side.line)
    };
    format!("{}\n{}", show(&pair.english), show(&pair.chinese))
}

/// Both paragraphs to be read one below the other: beside each other, neither would fit a terminal.
fn whole(pair: &Pair) -> String {
    let show = |side: &Side| format!("{}:{}\n{}\n", side.file, side.line, side.text);
    format!("{}\n{}", show(&pair.english), show(&pair.chinese))
}

struct Ledger(Vec<Entry>);

/// A line of the ledger.
struct Entry {
    chapter: String,
    english: String,
    chinese: String,
    /// How the English began.
    begins: String,
}

impl Entry {
    fn line(&self) -> String {
        let Entry {
            chapter,
            english,
            chinese,
            begins,
        } = self;
        format!("{chapter} {english} {chinese} {begins}\n")
    }
}

impl Ledger {
    fn read(root: &Path) -> Result<Ledger> {
        let path = path(root);
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            text => text.with_context(|| format!("cannot read {}", path.display()))?,
        };
        let lines = text.lines().enumerate().filter(|(_, line)| {
            let line = line.trim();
            !line.is_empty() && !line.starts_with('#')
        });
        let entries = lines.map(|(index, line)| {
            let mut words = line.splitn(4, ' ').map(str::to_owned);
            match (words.next(), words.next(), words.next()) {
                (Some(chapter), Some(english), Some(chinese)) => Ok(Entry {
                    chapter,
                    english,
                    chinese,
                    begins: words.next().unwrap_or_default(),
                }),
                _ => Err(io::Error::new(
                    ErrorKind::InvalidData,
                    format!("{}:{}: not a line of a ledger", path.display(), index + 1),
                )),
            }
        });
        Ok(Ledger(entries.collect::<io::Result<_>>()?))
    }

    fn accepts(&self, pair: &Pair) -> bool {
        let mut about = self.about(pair);
        about.any(|entry| entry.english == pair.english.hash && entry.chinese == pair.chinese.hash)
    }

    /// What was agreed on about one paragraph of a pair or the other.
    fn about<'a>(&'a self, pair: &'a Pair) -> impl Iterator<Item = &'a Entry> {
        self.0.iter().filter(|entry| {
            let known = entry.english == pair.english.hash || entry.chinese == pair.chinese.hash;
            entry.chapter == pair.chapter && known
        })
    }
}

fn path(root: &Path) -> PathBuf {
    root.join(FILE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_words_count() {
        assert_eq!(hash("It sleeps.\n"), hash("It sleeps.\r\n\n"));
        assert_ne!(hash("It sleeps."), hash("It slept."));
        assert_eq!(hash("x").len(), 2 * KEPT);
    }
}
