//! The rules of the page, in both languages: what a careful typesetter would mark in the margin.
//!
//! The chapters are read as their authors wrote them, before anything is included, so that every
//! fault has the line of its source.

mod chars;
mod emphasis;
mod english;
mod found;
mod punctuation;
mod shape;
mod spacing;
mod words;

use std::path::Path;

use mdbook_driver::book::{Book, BookItem};

use crate::code;
use crate::edition::Edition;
use crate::fault::{Fault, shown};
use crate::prose::{Passage, line_at, passages};
pub(crate) use chars::is_han;
use found::Found;

/// Checks all chapters of both source books, and the names in their tables of contents.
pub fn check(root: &Path, english: &Book, chinese: &Book) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (edition, book) in [(Edition::English, english), (Edition::Chinese, chinese)] {
        for chapter in code::sources(root, edition, book) {
            let passages = passages(chapter.text);
            let page = Page {
                edition,
                name: &chapter.name.to_string_lossy(),
            };
            let mut found = shape::check(&passages);
            found.extend(passages.iter().flat_map(|passage| page.check(passage)));
            found.sort_by_key(|found| found.at);
            faults.extend(found.into_iter().map(|found| {
                let line = line_at(chapter.text, found.at);
                Fault::at(&chapter.file, line, found.what)
            }));
        }
        faults.extend(contents(root, edition, book));
    }
    faults
}

/// The names of the chapters that are still to be written stand in no other file.
fn contents(root: &Path, edition: Edition, book: &Book) -> Vec<Fault> {
    let project = root.parent().unwrap_or(root);
    let file = shown(project, &root.join(edition.source()).join("SUMMARY.md"));
    let page = Page {
        edition,
        name: "SUMMARY.md",
    };
    let mut names = Vec::new();
    add_names(&book.items, &mut names);
    let faults = names.iter().flat_map(|name| {
        let passages = passages(name);
        let found = passages.iter().flat_map(|passage| page.check(passage));
        let faults = found.map(|found| Fault::of(&file, format!("in {name}: {}", found.what)));
        faults.collect::<Vec<_>>()
    });
    faults.collect()
}

fn add_names<'a>(items: &'a [BookItem], names: &mut Vec<&'a str>) {
    for item in items {
        match item {
            BookItem::Chapter(chapter) => {
                names.push(&chapter.name);
                add_names(&chapter.sub_items, names);
            }
            BookItem::PartTitle(title) => names.push(title),
            BookItem::Separator => {}
        }
    }
}

/// What a lint must know of the page besides the passage.
struct Page<'a> {
    edition: Edition,
    name: &'a str,
}

impl Page<'_> {
    fn check(&self, passage: &Passage) -> Vec<Found> {
        let mut found = emphasis::unclosed(passage);
        found.extend(words::check(passage));
        found.extend(spacing::strange(passage));
        if self.edition == Edition::Chinese {
            found.extend(emphasis::chinese(passage));
            found.extend(punctuation::check(passage));
            found.extend(spacing::chinese(passage));
        } else {
            found.extend(english::check(self.name, passage));
        }
        found
    }
}
