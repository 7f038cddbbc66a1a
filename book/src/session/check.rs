//! No command and no output is typed into a chapter, and no session is kept that no chapter shows.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use mdbook_driver::book::Book;

use super::file::{Action, Mark, parse};
use crate::edition::Edition;
use crate::fault::{Fault, shown};
use crate::fence::{Fence, closes, opening, whole_body};
use crate::include;

/// The languages of a fenced block in which a reader sees a terminal.
const LANGUAGES: [&str; 8] = ["", "sh", "bash", "shell", "zsh", "console", "text", "txt"];

/// What is included: the file as messages call it, and the anchor.
type Included = BTreeSet<(String, Option<String>)>;

/// Looks for commands and outputs that are typed into the chapters of the book in `root`, for
/// sessions that cannot be read, and for regions that no chapter includes.
///
/// # Errors
///
/// When a session file cannot be read from the disk.
pub fn check(root: &Path, english: &Book, chinese: &Book) -> Result<Vec<Fault>> {
    let project = root.parent().unwrap_or(root);
    let sessions = root.join("sessions");
    let mut faults = Vec::new();
    let mut included = Included::new();
    for (edition, book) in [(Edition::English, english), (Edition::Chinese, chinese)] {
        let source = root.join(edition.source());
        for chapter in book.chapters() {
            let Some(name) = &chapter.source_path else {
                continue;
            };
            let path = source.join(name);
            let pass = Pass {
                project,
                folder: path.parent().unwrap_or(&source),
                file: shown(project, &path),
                sessions: shown(project, &sessions),
                measured: shown(project, &root.join("measured")),
            };
            pass.run(&chapter.content, &mut included, &mut faults);
        }
    }
    for path in files(&sessions)? {
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let file = shown(project, &path);
        let mistakes = match parse(&text) {
            Err(mistakes) => mistakes,
            Ok(session) => {
                let works_elsewhere = |mark: &Mark| match &mark.action {
                    Action::Command(command) => Some((mark.line, depends_on_machine(command)?)),
                    _ => None,
                };
                session.marks.iter().filter_map(works_elsewhere).collect()
            }
        };
        faults.extend(
            mistakes
                .into_iter()
                .map(|(line, what)| Fault::at(&file, line, what)),
        );
        for (line, anchor) in include::anchors(&text) {
            if !included.contains(&(file.clone(), Some(anchor.to_owned()))) {
                let what = format!(
                    "no chapter includes ANCHOR: {anchor}; include it, or take the two marks away \
                     (the lines between them are played all the same)"
                );
                faults.push(Fault::at(&file, line, what));
            }
        }
    }
    Ok(faults)
}

/// What is wrong with a command that works on this machine, and not on the next.
fn depends_on_machine(command: &str) -> Option<String> {
    if command.contains("target/") {
        let what =
            "cargo builds into target/ only where nobody has told it otherwise: write cargo run";
        return Some(what.to_owned());
    }
    let mut words = command.split(|c: char| c.is_whitespace() || "|;&()`'\"".contains(c));
    let name = words.find(|word| ["nc", "ncat", "netcat"].contains(word))?;
    Some(format!(
        "there are four programs called {name}, whose options differ: write just client, or \
         bash's /dev/tcp/HOST/PORT"
    ))
}

/// The session files, in the order of their names; none where there is no such folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            return Err(error).with_context(|| format!("cannot read {}", folder.display()));
        }
    };
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths = paths
        .collect::<Result<Vec<PathBuf>, _>>()
        .with_context(|| format!("cannot read {}", folder.display()))?;
    paths.retain(|path| path.extension().is_some_and(|end| end == "session"));
    paths.sort();
    Ok(paths)
}

struct Pass<'a> {
    project: &'a Path,
    folder: &'a Path,
    file: String,
    sessions: String,
    measured: String,
}

impl Pass<'_> {
    fn run(&self, text: &str, included: &mut Included, faults: &mut Vec<Fault>) {
        let lines: Vec<&str> = text.lines().collect();
        let mut open: Option<Fence<'_>> = None;
        for (at, line) in lines.iter().enumerate() {
            if let Some(fence) = &open {
                if closes(fence, line) {
                    open = None;
                }
            } else if let Some(fence) = opening(line) {
                let target = whole_body(&fence, &lines[at + 1..]);
                let place = target.map(|target| include::place(self.project, self.folder, target));
                if let Some(what) = self.wrong(fence.info, place.as_ref()) {
                    faults.push(Fault::at(&self.file, at + 1, what));
                }
                included.extend(place);
                open = Some(fence);
            } else {
                // Every second part of a line stands between backticks.
                let spans = line.split('`').skip(1).step_by(2);
                let what = spans.filter_map(depends_on_machine);
                faults.extend(what.map(|what| Fault::at(&self.file, at + 1, what)));
            }
        }
    }

    /// What is wrong with a fenced block of this language that includes this and nothing else.
    fn wrong(&self, info: &str, place: Option<&(String, Option<String>)>) -> Option<String> {
        let language = info.split([',', ' ']).next().unwrap_or_default();
        let is_in = |folder: &str| {
            place.is_some_and(|(file, _)| {
                file.strip_prefix(folder)
                    .is_some_and(|rest| rest.starts_with('/'))
            })
        };
        let is_terminal = LANGUAGES.contains(&language);
        match (language, is_in(&self.sessions), is_in(&self.measured)) {
            ("console", true, _) => None,
            (_, true, _) => Some(format!(
                "a session is drawn as terminals only in a console block, write ```console for ```{language}"
            )),
            ("console", false, _) => Some(
                "a console block holds one session and nothing else, include a region of one: \
                 {{#include ../sessions/FILE.session:REGION}}"
                    .to_owned(),
            ),
            ("text", false, true) => None,
            _ if is_terminal => Some(format!(
                "a command or an output is typed by hand: put it into {}/ and include the region in a console block",
                self.sessions
            )),
            _ => None,
        }
    }
}
