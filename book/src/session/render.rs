//! A region of a session as terminals: one figure for as long as the reader stays in one.
//!
//! A command and a line that is typed are code blocks of their own, and their marks are drawn by
//! the style sheet, so that mdBook's button copies what is to be typed and nothing else.

use super::file::{Action, Mark, parse_lines};
use crate::edition::Edition;
use crate::include::Region;

/// The terminals as Markdown.
///
/// # Errors
///
/// What is wrong with the region, with the line in its file.
pub(crate) fn render(edition: Edition, region: &Region) -> Result<Vec<String>, String> {
    let lines = region.lines.iter();
    let session = parse_lines(lines.map(|line| (line.number, line.text.as_str())));
    let session = session.map_err(|mistakes| {
        let told = mistakes.iter();
        let told = told.map(|(line, what)| format!("{}:{line}: {what}", region.file));
        told.collect::<Vec<_>>().join("\n")
    })?;
    let mut rows = Vec::new();
    for stay in session.marks.chunk_by(|a, b| a.terminal == b.terminal) {
        rows.extend(figure(edition, stay));
    }
    Ok(rows)
}

fn figure(edition: Edition, marks: &[Mark]) -> Vec<String> {
    let mut rows = vec!["<figure class=\"terminal\">".to_owned()];
    if let Some(number) = marks.first().and_then(|mark| mark.terminal) {
        let name = match edition {
            Edition::English => format!("terminal {number}"),
            Edition::Chinese => format!("终端 {number}"),
            Edition::SideBySide => {
                format!("terminal {number} · <span lang=\"zh-CN\">终端 {number}</span>")
            }
        };
        rows.push(format!("<figcaption>{name}</figcaption>"));
    }
    rows.push(String::new());
    for mark in marks {
        match &mark.action {
            Action::Command(command) => rows.extend(fenced("sh", std::slice::from_ref(command))),
            Action::Input(line) => rows.extend(fenced("text,typed", std::slice::from_ref(line))),
            Action::Control(key) => {
                rows.push(format!("<p class=\"key\"><kbd>Ctrl-{key}</kbd></p>"));
                rows.push(String::new());
            }
            Action::More => {}
        }
        let output = mark.shown(edition);
        if !output.is_empty() {
            rows.extend(fenced("text", output));
        }
    }
    rows.push("</figure>".to_owned());
    // Or the next figure's tag would belong to this block of HTML, and its Markdown with it.
    rows.push(String::new());
    rows
}

fn fenced(info: &str, lines: &[String]) -> Vec<String> {
    let runs = lines.iter().flat_map(|line| line.split(|c| c != '`'));
    let longest = runs.map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(3.max(longest + 1));
    let mut rows = vec![format!("{fence}{info}")];
    rows.extend(lines.iter().cloned());
    rows.extend([fence, String::new()]);
    rows
}
