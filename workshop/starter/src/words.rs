//! What stands in a copy where something is to be written.

use grader::step::{Step, Task};
use terminal::Language;
use textwrap::{Options, WordSplitter};

/// The line at a crate's root that allows what emptied bodies would be warned of. Who has written all
/// of them deletes it.
pub(crate) const ALLOW: &str = "#![allow(unused, unfulfilled_lint_expectations)] // until no todo! is left: delete this line\n";

/// How wide a comment is, its indentation included.
const WIDTH: usize = 100;

/// The first line above a place: which task, how long it takes, where the chapter speaks of it.
pub(crate) fn head(step: &Step, task: &Task, language: Language) -> String {
    let place = 1 + step
        .tasks
        .iter()
        .position(|it| it.slug == task.slug)
        .unwrap_or(0);
    let Task {
        slug,
        title,
        minutes,
        section,
        ..
    } = task;
    let (count, chapter) = (step.tasks.len(), step.folder());
    let title = title.get(language);
    match language {
        Language::English => {
            format!(
                "Task {place} of {count}, `{slug}`: {title} ({minutes} minutes; {chapter}.html#{section})"
            )
        }
        Language::Chinese => {
            format!(
                "任务 {place}/{count} `{slug}`：{title}（{minutes} 分钟；{chapter}.html#{section}）"
            )
        }
    }
}

/// The step's tasks, for a page of its chapter.
pub fn markdown(step: &Step, language: Language) -> String {
    let tasks = step.tasks.iter().map(|task| {
        let (slug, minutes) = (&task.slug, task.minutes);
        let (title, words) = (task.title.get(language), task.words.get(language));
        match language {
            Language::English => {
                format!(
                    "1. **{title}** (`{slug}`, {minutes} minutes; [where](#{})). {words}\n",
                    task.section
                )
            }
            Language::Chinese => {
                format!(
                    "1. **{title}**（`{slug}`，{minutes} 分钟；[见这里](#{})）。{words}\n",
                    task.section
                )
            }
        }
    });
    tasks.collect()
}

/// `text` as comments behind `indent`.
pub(crate) fn comment(text: &str, indent: &str, prefix: &str) -> String {
    let width = WIDTH.saturating_sub(indent.len() + prefix.len());
    // Slugs and addresses have hyphens, and stay whole.
    let options = Options::new(width).word_splitter(WordSplitter::NoHyphenation);
    let lines = text.lines().flat_map(|line| textwrap::wrap(line, &options));
    lines
        .map(|line| format!("{indent}{prefix}{}\n", line.trim_end()))
        .collect()
}
