//! Where the code in the book comes from: files that are compiled and tested, and nowhere else.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use mdbook_driver::book::Book;

use crate::code::{self, CodeBlock, Source, rust_files};
use crate::coverage;
use crate::edition::Edition;
use crate::fault::{Fault, shown};
use crate::include;
use crate::listing::changed_from;

/// The folders that Cargo compiles and whose tests run, seen from the project's root.
const COMPILED: [&str; 3] = ["steps", "shared", "workshop"];

/// Anchors of this beginning are for learners' copies: what of a step they leave out.
const TASK: &str = "task-";

/// Languages of blocks that are no code: what a reader types, what a program printed, and a story.
const SESSIONS: [&str; 5] = ["console", "sh", "text", "stage", ""];

/// Checks that every listing of the English book is included from a compiled file, and that no
/// anchor in the steps is there for nothing.
///
/// # Errors
///
/// When the steps or the list of what is left out cannot be read.
pub(crate) fn check(root: &Path, english: &Book) -> Result<Vec<Fault>> {
    let project = root.parent().unwrap_or(root);
    let mut faults = Vec::new();
    let mut used: BTreeSet<_> = coverage::left_out(root)?.into_iter().collect();
    for chapter in code::sources(root, Edition::English, english) {
        for block in code::blocks(chapter.text) {
            let old = changed_from(&block.info);
            for target in block.target().into_iter().chain(old) {
                used.insert(include::place(project, &chapter.folder, target));
            }
            faults.extend(fault(project, &chapter, &block));
        }
    }
    for folder in ["steps", "shared/src"] {
        let folder = project.join(folder);
        let files =
            rust_files(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
        for path in files {
            let text = fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            let file = shown(project, &path);
            let idle = include::anchors(&text)
                .filter(|(_, name)| !name.starts_with(TASK))
                .filter(|(_, name)| !used.contains(&(file.clone(), Some((*name).to_owned()))));
            let idle = idle.map(|(line, name)| {
                Fault::at(&file, line, format!("no chapter includes ANCHOR: {name}"))
            });
            faults.extend(idle);
        }
    }
    Ok(faults)
}

fn fault(project: &Path, chapter: &Source<'_>, block: &CodeBlock) -> Option<Fault> {
    let language = block.language();
    if SESSIONS.contains(&language) {
        return None;
    }
    let what = match block.target() {
        None => format!(
            "a {language} listing is pasted: include it from a file that is compiled, \
             {{{{#include ../../steps/…:ANCHOR}}}}"
        ),
        Some(target) => {
            let (file, _) = include::place(project, &chapter.folder, target);
            let folder = file.split('/').next().unwrap_or_default();
            if COMPILED.contains(&folder) {
                return None;
            }
            let folders = COMPILED.join(", ");
            format!("{file} is compiled by nobody: listings come from {folders}")
        }
    };
    Some(Fault::at(&chapter.file, block.line, what))
}
