//! The ledger: which English and which Chinese paragraph were last agreed to say the same.
//!
//! [`crate::agreement`] sees that both languages have a paragraph; it cannot see that one of them
//! has been rewritten. So a file beside the sources holds one line for each pair. A pair that is
//! not in it fails the build, until somebody has read both and accepted them with one command.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

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
    line: usize,
    hash: String,
    excerpt: String,
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
        excerpt: excerpt(block.text),
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

/// Accepts all pairs as they stand; returns those that are new, as text for people.
///
/// # Errors
///
/// When the ledger cannot be read or written.
pub fn accept(root: &Path, pairs: &[Pair]) -> Result<Vec<String>> {
    let ledger = Ledger::read(root)?;
    let open = pairs.iter().filter(|pair| !ledger.accepts(pair));
    let accepted = open.map(both_sides).collect();
    let mut text = HEAD.to_owned();
    for pair in pairs {
        text += &line(pair);
    }
    let path = path(root);
    crate::surroundings::replace_file(&path, &text)?;
    Ok(accepted)
}

fn line(pair: &Pair) -> String {
    let Pair {
        chapter,
        english,
        chinese,
    } = pair;
    format!(
        "{chapter} {} {} {}\n",
        english.hash, chinese.hash, english.excerpt
    )
}

fn fault(ledger: &Ledger, pair: &Pair) -> Fault {
    let knows = |side: &Side| {
        let mut entries = ledger.0.iter();
        entries.any(|(chapter, en, zh)| {
            *chapter == pair.chapter && (*en == side.hash || *zh == side.hash)
        })
    };
    let what = match (knows(&pair.english), knows(&pair.chinese)) {
        (false, true) => "the English changed and the Chinese did not",
        (true, false) => "the Chinese changed and the English did not",
        (true, true) => "each was agreed on with another paragraph: did one of them move?",
        (false, false) => "new, and not read side by side yet",
    };
    let advice = "when they say the same: cargo run -p book -- accept";
    let at = if knows(&pair.english) {
        &pair.chinese
    } else {
        &pair.english
    };
    let sides = both_sides(pair);
    Fault::at(&at.file, at.line, format!("{what}\n{sides}\n    {advice}"))
}

fn both_sides(pair: &Pair) -> String {
    let show = |side: &Side| format!("    {}:{}: {}", side.file, side.line, side.excerpt);
    format!("{}\n{}", show(&pair.english), show(&pair.chinese))
}

/// Chapter, English hash, Chinese hash.
struct Ledger(BTreeSet<(String, String, String)>);

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
            let mut words = line.split(' ').map(str::to_owned);
            match (words.next(), words.next(), words.next()) {
                (Some(chapter), Some(english), Some(chinese)) => Ok((chapter, english, chinese)),
                _ => Err(io::Error::new(
                    ErrorKind::InvalidData,
                    format!("{}:{}: not a line of a ledger", path.display(), index + 1),
                )),
            }
        });
        Ok(Ledger(entries.collect::<io::Result<_>>()?))
    }

    fn accepts(&self, pair: &Pair) -> bool {
        let Pair {
            chapter,
            english,
            chinese,
        } = pair;
        let entry = (chapter.clone(), english.hash.clone(), chinese.hash.clone());
        self.0.contains(&entry)
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
