//! The reference beside a copy.

use crate::copy::StepCopy;
use crate::region::{Found, file_of, find, split};
use anyhow::Result;
use grader::step::{Step, Task};
use std::fs;
use std::path::Path;
use terminal::{Explain, cannot_read};

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
        let piece = |text: &str| {
            let (Found::Body(range) | Found::Lines(range)) = find(text, place).ok()?;
            // Whole lines, the function's first and last among them.
            let start = text[..range.start]
                .rfind('\n')
                .map_or(0, |newline| newline + 1);
            let end = text[range.end..]
                .find('\n')
                .map_or(text.len(), |at| range.end + at + 1);
            Some(text[start..end].to_owned())
        };
        let (mine, reference) = match (piece(&mine), piece(&reference)) {
            (Some(mine), Some(reference)) => (mine, reference),
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
