//! The English and the Chinese book must have the same shape, block by block.
//!
//! Whoever edits one language and forgets the other is told at the next build, with both lines.
//! What a sentence says cannot be compared; how many there are, which code, links and footnotes they
//! hold, and what the headings are called in an address can.

use std::path::Path;

use mdbook_driver::book::{Book, BookItem, Chapter};

use crate::blocks::{Block, Facet, excerpt, split};
use crate::edition::Edition;
use crate::fault::{Fault, shown};

/// Compares the two source books of the book in `root`; returns every difference.
pub fn compare(root: &Path, english: &Book, chinese: &Book) -> Vec<Fault> {
    let mut faults = Vec::new();
    compare_summaries(root, english, chinese, &mut faults);
    for en in english.chapters() {
        let twin = chinese
            .chapters()
            .find(|zh| zh.source_path == en.source_path && en.source_path.is_some());
        if let Some(zh) = twin {
            let mut pair = Pair {
                english: file(root, Edition::English, en),
                chinese: file(root, Edition::Chinese, zh),
                faults: &mut faults,
            };
            pair.compare(&split(&en.content), &split(&zh.content));
        }
    }
    faults
}

fn file(root: &Path, edition: Edition, chapter: &Chapter) -> String {
    let name = chapter.source_path.as_deref().unwrap_or(Path::new(""));
    let path = root.join(edition.source()).join(name);
    shown(root.parent().unwrap_or(root), &path)
}

fn compare_summaries(root: &Path, english: &Book, chinese: &Book, faults: &mut Vec<Fault>) {
    let (en, zh) = (entries(&english.items, 0), entries(&chinese.items, 0));
    let none = "nothing".to_owned();
    for at in 0..en.len().max(zh.len()) {
        let (en, zh) = (en.get(at).unwrap_or(&none), zh.get(at).unwrap_or(&none));
        if en != zh {
            let path = root.join(Edition::Chinese.source()).join("SUMMARY.md");
            let file = shown(root.parent().unwrap_or(root), &path);
            let entry = at + 1;
            let what = format!("entry {entry} is {zh}; in the English SUMMARY.md it is {en}");
            // The entries after it are most likely only shifted.
            faults.push(Fault::of(&file, what));
            return;
        }
    }
}

/// The table of contents without its words, which are each language's own.
fn entries(items: &[BookItem], depth: usize) -> Vec<String> {
    let mut found = Vec::new();
    for item in items {
        match item {
            BookItem::Chapter(chapter) => {
                let path = chapter.source_path.as_deref();
                let name = path.map_or("a draft".to_owned(), |p| p.display().to_string());
                found.push(format!("{}{name}", "> ".repeat(depth)));
                found.extend(entries(&chapter.sub_items, depth + 1));
            }
            BookItem::Separator => found.push("a separator".to_owned()),
            BookItem::PartTitle(_) => found.push("a part's title".to_owned()),
        }
    }
    found
}

struct Pair<'a> {
    english: String,
    chinese: String,
    faults: &'a mut Vec<Fault>,
}

impl Pair<'_> {
    fn compare(&mut self, english: &[Block<'_>], chinese: &[Block<'_>]) {
        demand_ids(&self.english, english, self.faults);
        demand_ids(&self.chinese, chinese, self.faults);
        for at in 0..english.len().max(chinese.len()) {
            match (english.get(at), chinese.get(at)) {
                (Some(en), Some(zh)) if en.kind == zh.kind => self.compare_pair(en, zh),
                (en, zh) => {
                    self.report("here the two languages part ways", en, zh);
                    // From here on every pair would differ, and no message would help.
                    return;
                }
            }
        }
    }

    fn compare_pair(&mut self, en: &Block<'_>, zh: &Block<'_>) {
        for facet in Facet::ALL {
            let (a, b) = (en.facet(facet), zh.facet(facet));
            let a: Vec<String> = a.into_iter().map(in_chinese).collect();
            let a: Vec<&str> = a.iter().map(String::as_str).collect();
            if a != b {
                let what = format!("the {facet} differ: {}", difference(&a, &b));
                self.report(&what, Some(en), Some(zh));
            }
        }
    }

    fn report(&mut self, what: &str, en: Option<&Block<'_>>, zh: Option<&Block<'_>>) {
        let side = |file: &str, block: Option<&Block<'_>>| match block {
            Some(block) => {
                let (line, kind) = (block.line, &block.kind);
                format!("\n    {file}:{line}: {kind}: {}", excerpt(block.text))
            }
            None => format!("\n    {file}: nothing more"),
        };
        let what = format!(
            "{what}{}{}",
            side(&self.english, en),
            side(&self.chinese, zh)
        );
        self.faults.push(match (en, zh) {
            (Some(en), _) => Fault::at(&self.english, en.line, what),
            (None, Some(zh)) => Fault::at(&self.chinese, zh.line, what),
            (None, None) => Fault::of(&self.english, what),
        });
    }
}

/// What a program prints in the reader's language is kept in a file for each, `NAME.en.txt` and
/// `NAME.zh-CN.txt`; anything else that must agree is the same in both.
fn in_chinese(value: &str) -> String {
    value.replace(".en.txt}}", ".zh-CN.txt}}")
}

/// A heading's id is its address in all editions; derived from the words it would differ in each.
fn demand_ids(file: &str, blocks: &[Block<'_>], faults: &mut Vec<Fault>) {
    for block in blocks {
        if block.facet(Facet::HeadingId).contains(&"") {
            let text = excerpt(block.text);
            let what = format!("the heading has no id, write `{text} {{#an-id}}`");
            faults.push(Fault::at(file, block.line, what));
        }
    }
}

/// What only one of the two has; a value that both have is crossed off once for each.
fn difference(english: &[&str], chinese: &[&str]) -> String {
    let only = |these: &[&str], those: &[&str]| {
        let mut rest = those.to_vec();
        let mut only = Vec::new();
        for value in these {
            match rest.iter().position(|other| other == value) {
                Some(at) => drop(rest.swap_remove(at)),
                None => only.push(if value.is_empty() { "(none)" } else { value }),
            }
        }
        only.join(", ")
    };
    match (only(english, chinese), only(chinese, english)) {
        (en, zh) if en.is_empty() && zh.is_empty() => "they stand in another order".to_owned(),
        (en, zh) if zh.is_empty() => format!("only in English: {en}"),
        (en, zh) if en.is_empty() => format!("only in Chinese: {zh}"),
        (en, zh) => format!("only in English: {en}; only in Chinese: {zh}"),
    }
}
