//! A file with some of its regions left out.

use crate::region::{Found, find, split};
use crate::words::{comment, head};
use anyhow::Result;
use grader::step::{Region, Step, Task};
use std::ops::Range;
use std::path::Path;
use terminal::{Explain, Language, Text, ensure};

/// A region that is to be left out of a file.
struct Hole<'a> {
    task: &'a Task,
    region: &'a Region,
    /// All that is replaced.
    range: Range<usize>,
    is_body: bool,
}

/// `text`, of the step's `file`, without what the tasks from number `filled` on are about.
///
/// # Errors
///
/// When a region is not there, or two overlap.
pub(crate) fn leave_out(
    text: &str,
    file: &Path,
    step: &Step,
    filled: usize,
    language: Language,
) -> Result<String> {
    let mut holes = holes(text, file, step, filled)?;
    holes.sort_by_key(|hole| (hole.range.start, usize::MAX - hole.range.end));
    let mut written = String::new();
    let mut at = 0;
    let mut holes = holes.into_iter().peekable();
    while let Some(hole) = holes.next() {
        written += &text[at..hole.range.start];
        at = hole.range.end;
        // What stands inside of what is left out is written with it.
        let mut inner = Vec::new();
        while let Some(next) = holes.next_if(|next| next.range.start < hole.range.end) {
            ensure(next.range.end <= hole.range.end, || {
                let (file, one, other) = (file.display(), &hole.task.slug, &next.task.slug);
                Text::new(
                    format!("{file}: regions of {one} and {other} overlap"),
                    format!("{file}：任务 {one} 和 {other} 的位置重叠了"),
                )
            })?;
            inner.push(next.task);
        }
        written += &instead(text, &hole, &inner, step, language);
    }
    Ok(written + &text[at..])
}

fn holes<'a>(text: &str, file: &Path, step: &'a Step, filled: usize) -> Result<Vec<Hole<'a>>> {
    let mut holes = Vec::new();
    for task in &step.tasks[filled.min(step.tasks.len())..] {
        for region in &task.regions {
            let (path, place) = split(&region.at)?;
            if Path::new(path) != file {
                continue;
            }
            let found = find(text, place).explain(|| {
                let (task, step, at) = (&task.slug, &step.slug, &region.at);
                Text::new(
                    format!("task {task} of {step}: {at}"),
                    format!("{step} 的任务 {task}：{at}"),
                )
            })?;
            let (range, is_body) = match found {
                Found::Body(range) => (range, true),
                Found::Lines(range) => (range, false),
            };
            holes.push(Hole {
                task,
                region,
                range,
                is_body,
            });
        }
    }
    Ok(holes)
}

/// What stands there now: what is to be written, and `todo!`.
fn instead(text: &str, hole: &Hole, inner: &[&Task], step: &Step, language: Language) -> String {
    let Hole {
        task,
        region,
        range,
        is_body,
    } = hole;
    let outer = indentation(text, range.start);
    let indent = match is_body {
        true => format!("{outer}    "),
        false => first_indentation(&text[range.clone()]),
    };
    let mut lines = String::new();
    let is_first = task.regions.first().is_some_and(|it| it.at == region.at);
    lines += &comment(&head(step, task, language), &indent, "// ");
    if is_first {
        lines += &comment(task.words.get(language), &indent, "// ");
    }
    for &later in inner.iter().filter(|later| later.slug != task.slug) {
        lines += &comment(&head(step, later, language), &indent, "// ");
        lines += &comment(later.words.get(language), &indent, "// ");
    }
    let todo = format!("todo!(\"task {}\")", task.slug);
    for line in region.leaves.as_deref().unwrap_or(&todo).lines() {
        lines += &format!("{indent}{line}\n");
    }
    match is_body {
        true => format!("\n{lines}{outer}"),
        false => lines,
    }
}

/// The blanks at the beginning of the line in which `at` stands.
fn indentation(text: &str, at: usize) -> String {
    let line = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[line..].lines().next().unwrap_or_default();
    blanks(line)
}

/// The same of the first line with something in it.
fn first_indentation(text: &str) -> String {
    let line = text.lines().find(|line| !line.trim().is_empty());
    blanks(line.unwrap_or_default())
}

fn blanks(line: &str) -> String {
    line[..line.len() - line.trim_start().len()].to_owned()
}
