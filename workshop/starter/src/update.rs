//! What the tutorial has changed of a step since a copy of it was begun, brought into the copy.

use crate::aside::keep_aside;
use crate::copy::{Begin, StepCopy, cannot_remove, write};
use anyhow::Result;
use grader::step::Step;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use terminal::Explain;

/// What was brought in.
#[derive(Debug, Default)]
pub struct Updated {
    /// Where the copy as it was is kept; none where nothing had changed.
    pub kept: Option<PathBuf>,
    /// The files into which something was brought.
    pub joined: Vec<PathBuf>,
    /// Those in which both sides have changed the same place: both stand there, between markers.
    pub conflicts: Vec<PathBuf>,
    /// Those that the tutorial has no more, and that are kept as they were changed.
    pub abandoned: Vec<PathBuf>,
}

/// Brings into the copy what the step's files have become since it was begun, and keeps what was written.
///
/// # Errors
///
/// When the copy does not know what it was begun with; when something cannot be read or written.
pub fn update(root: &Path, step: &Step) -> Result<Updated> {
    let copy = StepCopy::of(root, step);
    let begin = copy.begun_as()?;
    let (before, now) = (copy.begun_with()?, begin.files(root, step)?);
    let mut updated = Updated::default();
    if before == now {
        return Ok(updated);
    }
    updated.kept = Some(keep_aside(root, &step.slug)?);
    let paths: BTreeSet<&PathBuf> = before.keys().chain(now.keys()).collect();
    for path in paths {
        let (old, new) = (before.get(path), now.get(path));
        if old != new {
            join(&copy, path, old, new, &mut updated)?;
        }
    }
    copy.note(&begin, &now)?;
    Ok(updated)
}

/// Brings the change of one file from `old` to `new` into the copy.
fn join(
    copy: &StepCopy,
    path: &Path,
    old: Option<&String>,
    new: Option<&String>,
    updated: &mut Updated,
) -> Result<()> {
    let file = copy.folder.join(path);
    let mine = fs::read_to_string(&file).ok();
    let Some(new) = new else {
        match mine.as_ref() == old {
            true => fs::remove_file(&file).explain(|| cannot_remove(&file))?,
            false => updated.abandoned.push(path.to_owned()),
        }
        return Ok(());
    };
    let Some(mine) = mine.filter(|mine| Some(mine) != old) else {
        updated.joined.push(path.to_owned());
        return write(&file, new);
    };
    let empty = String::new();
    match diffy::merge(old.unwrap_or(&empty), &mine, new) {
        Ok(joined) => {
            updated.joined.push(path.to_owned());
            write(&file, &joined)
        }
        Err(both) => {
            updated.conflicts.push(path.to_owned());
            write(&file, &both)
        }
    }
}

impl Begin {
    /// All files of a copy that begins so.
    fn files(&self, root: &Path, step: &Step) -> Result<crate::copy::Files> {
        crate::copy::files(root, step, self)
    }
}
