//! The reference beside a copy, and what is still as it was begun.

use crate::copy::StepCopy;
use crate::region::{Found, Place, file_of, find, split};
use crate::starter::Starter;
use anyhow::Result;
use grader::step::{Region, Step, Task};
use std::fs;
use std::path::Path;
use terminal::{Explain, Language, cannot_read};

/// What a task is about in one file: how it is written in the copy, and in the reference.
#[derive(Debug)]
pub struct Beside {
    /// The file, by its path in both.
    pub file: String,
    /// From the copy to the reference, as a unified diff; empty where they are the same.
    pub diff: String,
}

/// The step's files that the task is about. Of each, the task's own regions are shown where they are
/// found in the copy, too, and otherwise the whole file.
///
/// # Errors
///
/// When a file cannot be read.
pub fn beside(root: &Path, step: &Step, copy: &StepCopy, task: &Task) -> Result<Vec<Beside>> {
    let mut shown = Vec::new();
    for region in &task.regions {
        let file = file_of(region);
        let read = |folder: &Path| {
            let file = folder.join(file);
            fs::read_to_string(&file).explain(|| cannot_read(&file))
        };
        let reference = read(&root.join("steps").join(step.folder()))?;
        let mine = read(&copy.folder)?;
        let (_, place) = split(&region.at)?;
        let (mine, reference) = match (piece(&mine, place), piece(&reference, place)) {
            (Some(mine), Some(reference)) => (mine.to_owned(), reference.to_owned()),
            _ => (mine, reference),
        };
        let diff = match mine == reference {
            true => String::new(),
            false => diffy::create_patch(&mine, &reference).to_string(),
        };
        shown.push(Beside {
            file: file.to_owned(),
            diff,
        });
    }
    Ok(shown)
}

/// Do all of the task's regions stand in the copy as it was begun, or as they come to light when the
/// tasks before it are done? One may lie in another's.
///
/// # Errors
///
/// When the step cannot be read.
pub fn is_untouched(root: &Path, step: &Step, copy: &StepCopy, task: &Task) -> Result<bool> {
    let place = step.tasks.iter().position(|it| it.slug == task.slug);
    for filled in [0, place.unwrap_or(0)] {
        for language in [Language::English, Language::Chinese] {
            let starter = Starter::new(root, step, filled, language)?;
            let is_as_begun = |region: &Region| {
                let (file, place) = split(&region.at).ok()?;
                let begun = starter.files.get(Path::new(file))?;
                let mine = fs::read_to_string(copy.folder.join(file)).ok()?;
                Some(piece(begun, place) == piece(&mine, place))
            };
            let mut regions = task.regions.iter();
            if regions.all(|region| is_as_begun(region) == Some(true)) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// A region's whole lines, the function's first and last among them, where it is found.
fn piece<'a>(text: &'a str, place: Place<'_>) -> Option<&'a str> {
    let (Found::Body(range) | Found::Lines(range)) = find(text, place).ok()?;
    let start = text[..range.start]
        .rfind('\n')
        .map_or(0, |newline| newline + 1);
    let end = text[range.end..].find('\n');
    let end = end.map_or(text.len(), |at| range.end + at + 1);
    Some(&text[start..end])
}
