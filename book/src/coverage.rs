//! Every line of a step's own `src/` stands in its chapter, in the order in which it is read.
//!
//! A program that a reader is asked to trust has no part that is not shown. The few lines that a
//! chapter leaves out are listed in `left-out.toml`, with the reason and their number, so that no
//! line drops out unnoticed. Blank lines, `#[cfg(unix)]` and the anchors themselves do not count.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use mdbook_driver::book::Book;
use serde::Deserialize;

use crate::code::{self, Source, rust_files};
use crate::edition::Edition;
use crate::fault::{Fault, shown};
use crate::include::{self, Line};
use crate::list;

/// What is left out, in the book's folder.
const FILE: &str = "left-out.toml";

/// How much of one step its chapter shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    step: String,
    lines: usize,
    left_out: usize,
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Coverage {
            step,
            lines,
            left_out,
        } = self;
        let shown = lines - left_out;
        match left_out {
            0 => write!(f, "steps/{step}: all {lines} lines stand in the chapter"),
            _ => write!(
                f,
                "steps/{step}: {shown} of {lines} lines stand in the chapter, \
                 {left_out} are left out (book/{FILE})"
            ),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct LeftOut {
    #[serde(default, rename = "left-out")]
    regions: Vec<Exception>,
}

/// A region that no chapter shows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    /// From the project's root.
    file: String,
    /// Without one, the whole file.
    anchor: Option<String>,
    /// How many lines were agreed on.
    lines: usize,
    /// For whoever reads the list.
    reason: String,
}

/// What the check found: how much stands where, and what is missing.
pub(crate) type Found = (Vec<Coverage>, Vec<Fault>);

/// Compares every step that has a chapter with that chapter of the English book.
///
/// # Errors
///
/// When the steps or the list of what is left out cannot be read.
pub(crate) fn check(root: &Path, english: &Book) -> Result<Found> {
    let project = root.parent().unwrap_or(root);
    let exceptions = list::read::<LeftOut>(root, FILE)?.regions;
    let mut found = Found::default();
    for chapter in code::sources(root, Edition::English, english) {
        let Some(step) = step_of(project, chapter.name) else {
            continue;
        };
        let mut check = Check {
            project,
            chapter: &chapter,
            faults: &mut found.1,
        };
        let coverage = check.run(&step, &exceptions)?;
        found.0.push(coverage);
    }
    Ok(found)
}

/// `steps/02-fork-server` of `02-fork-server.md`: they share the number.
fn step_of(project: &Path, chapter: &Path) -> Option<PathBuf> {
    let (number, _) = chapter.to_str()?.split_once('-')?;
    let steps = fs::read_dir(project.join("steps")).ok()?.flatten();
    let mut folders = steps.map(|entry| entry.path());
    folders.find(|path| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.and_then(|name| name.split_once('-'))
            .is_some_and(|(of_step, _)| of_step == number)
    })
}

/// The regions that are listed as left out: file, and anchor if it is not the whole file.
///
/// # Errors
///
/// When the list cannot be read.
pub(crate) fn left_out(root: &Path) -> Result<Vec<(String, Option<String>)>> {
    let exceptions = list::read::<LeftOut>(root, FILE)?.regions.into_iter();
    Ok(exceptions
        .map(|region| (region.file, region.anchor))
        .collect())
}

/// The numbers of the lines of each file, and whether each is accounted for.
type Files = BTreeMap<String, BTreeMap<usize, bool>>;

struct Check<'a> {
    project: &'a Path,
    chapter: &'a Source<'a>,
    faults: &'a mut Vec<Fault>,
}

impl Check<'_> {
    fn run(&mut self, step: &Path, exceptions: &[Exception]) -> Result<Coverage> {
        let mut files = Files::new();
        for path in rust_files(&step.join("src"))? {
            let text = fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            let lines = include::plain(&text).into_iter().filter(counts);
            let lines = lines.map(|line| (line.number, false)).collect();
            files.insert(shown(self.project, &path), lines);
        }
        self.mark_shown(&mut files);
        let left_out = self.mark_left_out(&mut files, exceptions);
        self.report_missing(&files);
        Ok(Coverage {
            step: step
                .file_name()
                .map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
            lines: files.values().map(BTreeMap::len).sum(),
            left_out,
        })
    }

    fn mark_shown(&mut self, files: &mut Files) {
        let mut furthest: BTreeMap<String, usize> = BTreeMap::new();
        for block in code::blocks(self.chapter.text) {
            // What cannot be read, the directives report.
            let region = block
                .target()
                .and_then(|target| include::read(self.project, &self.chapter.folder, target).ok());
            let Some(region) = region else { continue };
            let Some(lines) = files.get_mut(&region.file) else {
                continue;
            };
            let numbers = region.lines.iter().map(|line| line.number);
            let (first, last) = (numbers.clone().min(), numbers.clone().max());
            let before = furthest.entry(region.file.clone()).or_default();
            if let Some(first) = first.filter(|first| first <= before) {
                let what = format!(
                    "{}:{first} comes after line {before} of the same file: \
                     listings stand in its order, each line once",
                    region.file
                );
                self.faults
                    .push(Fault::at(&self.chapter.file, block.line, what));
            }
            *before = last.unwrap_or_default().max(*before);
            for number in numbers {
                lines.entry(number).and_modify(|shown| *shown = true);
            }
        }
    }

    fn mark_left_out(&mut self, files: &mut Files, exceptions: &[Exception]) -> usize {
        let mut left_out = 0;
        for exception in exceptions {
            let Some(lines) = files.get_mut(&exception.file) else {
                continue;
            };
            let anchor = exception.anchor.as_deref();
            let target = anchor.map_or_else(
                || exception.file.clone(),
                |anchor| format!("{}:{anchor}", exception.file),
            );
            match include::read(self.project, self.project, &target) {
                Ok(region) => {
                    let numbers: Vec<usize> = region
                        .lines
                        .iter()
                        .filter(|line| counts(line))
                        .map(|line| line.number)
                        .collect();
                    if numbers.len() != exception.lines || exception.reason.trim().is_empty() {
                        let (are, agreed) = (numbers.len(), exception.lines);
                        let what = format!(
                            "{target}: {are} lines would be left out, {agreed} were agreed on: \
                             show the others, or set `lines` and say why in `reason`"
                        );
                        self.faults.push(Fault::of(&format!("book/{FILE}"), what));
                    }
                    left_out += numbers.len();
                    for number in numbers {
                        lines.insert(number, true);
                    }
                }
                Err(what) => self.faults.push(Fault::of(&format!("book/{FILE}"), what)),
            }
        }
        left_out
    }

    fn report_missing(&mut self, files: &Files) {
        for (file, lines) in files {
            let missing: Vec<usize> = lines
                .iter()
                .filter(|(_, shown)| !**shown)
                .map(|(number, _)| *number)
                .collect();
            let (Some(first), Some(last)) = (missing.first(), missing.last()) else {
                continue;
            };
            let what = format!(
                "{} of {} lines stand in no listing of {}, the last of them at line {last}: \
                 include them, or list them in book/{FILE}",
                missing.len(),
                lines.len(),
                self.chapter.file
            );
            self.faults.push(Fault::at(file, *first, what));
        }
    }
}

/// Nor does it count for which systems an item is there: before a region, it stays outside, and what
/// changed between two steps is the lesson alone.
fn counts(line: &Line) -> bool {
    !matches!(line.text.trim(), "" | "#[cfg(unix)]")
}
