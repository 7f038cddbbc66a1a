//! Expands the directives of a chapter before mdBook's own `links` preprocessor sees them.
//!
//! A fenced block whose whole body is one include becomes a listing, or, with `changed-from=TARGET`
//! behind its language, one that shows what changed, or as a `stage` what a reader plays with; a line that only includes an SVG,
//! a figure. Any other include is left to mdBook, after making sure that there is something
//! to include.

use std::path::Path;

use mdbook_driver::book::Book;

use crate::edition::Edition;
use crate::fault::{Fault, shown};
use crate::fence::{Fence, closes, opening, whole_body};
use crate::figure;
use crate::include::{self, Region};
use crate::listing;
use crate::session;
use crate::stage::Story;

/// Expands all chapters of an edition's book in place; returns what could not be included.
///
/// `root` is the book's folder, and its parent the project: nothing outside it may be included.
pub fn expand(edition: Edition, root: &Path, book: &mut Book) -> Vec<Fault> {
    let project = root.parent().unwrap_or(root);
    let source = root.join(edition.source());
    let mut faults = Vec::new();
    book.for_each_chapter_mut(|chapter| {
        let Some(path) = &chapter.source_path else {
            return;
        };
        let path = source.join(path);
        let mut pass = Pass {
            edition,
            project,
            folder: path.parent().unwrap_or(&source),
            file: shown(project, &path),
            faults: &mut faults,
        };
        chapter.content = pass.run(&chapter.content);
    });
    faults
}

struct Pass<'a> {
    edition: Edition,
    project: &'a Path,
    folder: &'a Path,
    file: String,
    faults: &'a mut Vec<Fault>,
}

impl Pass<'_> {
    fn run(&mut self, text: &str) -> String {
        let lines: Vec<&str> = text.lines().collect();
        let mut rows: Vec<String> = Vec::new();
        let mut open: Option<Fence<'_>> = None;
        let mut at = 0;
        while at < lines.len() {
            let line = lines[at];
            if let Some(fence) = &open {
                self.must_exist(at, line);
                if closes(fence, line) {
                    open = None;
                }
            } else if let Some(fence) = opening(line) {
                if let Some(target) = whole_body(&fence, &lines[at + 1..]) {
                    let region = self.read(at + 1, target);
                    let old = listing::changed_from(fence.info);
                    let old = old.map(|target| self.read(at, target));
                    match (region, old) {
                        (Some(new), Some(Some(old))) => {
                            rows.extend(listing::render_changed(&fence, &old, &new));
                        }
                        (Some(region), None) if fence.info == "stage" => {
                            rows.extend(self.stage(at, &region));
                        }
                        (Some(region), None) if fence.info == "console" => {
                            rows.extend(self.terminals(at, &fence, &region));
                        }
                        (Some(region), None) => rows.extend(listing::render(&fence, &region)),
                        // What is missing has been reported.
                        _ => {}
                    }
                    at += 3;
                    continue;
                }
                open = Some(fence);
            } else if let Some(target) = include::lone_target(line).filter(|t| t.ends_with(".svg"))
            {
                if let Some(region) = self.read(at, target) {
                    rows.extend(figure::render(self.edition, &region));
                }
                at += 1;
                continue;
            } else {
                self.must_exist(at, line);
            }
            rows.push(line.to_owned());
            at += 1;
        }
        rows.join("\n") + "\n"
    }

    fn terminals(&mut self, at: usize, fence: &Fence<'_>, region: &Region) -> Vec<String> {
        match session::render(self.edition, region) {
            Ok(rows) => fence.at_its_place(&rows),
            Err(what) => {
                self.faults.push(Fault::at(&self.file, at + 1, what));
                Vec::new()
            }
        }
    }

    fn stage(&mut self, at: usize, region: &Region) -> Vec<String> {
        let text: String = region
            .lines
            .iter()
            .map(|line| line.text.clone() + "\n")
            .collect();
        let story = Story::parse(&text);
        match story.and_then(|story| story.render(self.edition, self.project)) {
            Ok(rows) => rows,
            Err(what) => {
                let what = format!("{}: {what}", region.file);
                self.faults.push(Fault::at(&self.file, at + 1, what));
                Vec::new()
            }
        }
    }

    fn must_exist(&mut self, at: usize, line: &str) {
        for target in include::targets(line) {
            self.read(at, target);
        }
    }

    fn read(&mut self, at: usize, target: &str) -> Option<Region> {
        match include::read(self.project, self.folder, target) {
            Ok(region) => Some(region),
            Err(what) => {
                self.faults.push(Fault::at(&self.file, at + 1, what));
                None
            }
        }
    }
}
