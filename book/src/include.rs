//! `{{#include FILE}}` and `{{#include FILE:ANCHOR}}`: finding the file, reading the lines.
//!
//! The directive is mdBook's own, so that a stock `mdbook build` reads the same sources. mdBook is
//! silent about a missing file or anchor; here, either is an error. A range of line numbers, which
//! mdBook would take, is refused: it points elsewhere as soon as the file is edited.

use std::path::{Component, Path, PathBuf};

use crate::fault::shown;

const OPEN: &str = "{{#include ";
const CLOSE: &str = "}}";

/// One line of an included file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// Its number in the file, counted from 1.
    pub(crate) number: usize,
    pub(crate) text: String,
}

/// The lines that a directive stands for.
#[derive(Debug)]
pub(crate) struct Region {
    /// The file's path from the project's root.
    pub(crate) file: String,
    pub(crate) lines: Vec<Line>,
}

/// The targets (`FILE` or `FILE:ANCHOR`) of all directives in a line; `\{{#…}}` is one that is only
/// being talked about.
pub(crate) fn targets(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = line[from..].find(OPEN).map(|at| from + at) {
        let start = at + OPEN.len();
        let Some(end) = line[start..].find(CLOSE).map(|end| start + end) else {
            break;
        };
        if !line[..at].ends_with('\\') {
            found.push(line[start..end].trim());
        }
        from = end + CLOSE.len();
    }
    found
}

/// The target, when the line holds one directive and nothing else.
pub(crate) fn lone_target(line: &str) -> Option<&str> {
    let target = line.trim().strip_prefix(OPEN)?.strip_suffix(CLOSE)?;
    (!target.contains(CLOSE)).then_some(target.trim())
}

/// The file, as a path from the project's root, and the anchor that a target names.
pub(crate) fn place(project: &Path, folder: &Path, target: &str) -> (String, Option<String>) {
    let (file, anchor) = match target.split_once(':') {
        Some((file, anchor)) => (file, Some(anchor.to_owned())),
        None => (target, None),
    };
    (shown(project, &normal(&folder.join(file))), anchor)
}

/// Where anchors start in a file: the line, counted from 1, and the name.
pub(crate) fn anchors(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .filter_map(|(index, line)| match marker(line)? {
            Marker::Start(name) => Some((index + 1, name)),
            Marker::End(_) => None,
        })
}

/// Reads what a directive in a chapter in `folder` asks for.
///
/// # Errors
///
/// In words for the chapter's author: the path leaves the project, the file cannot be read, the
/// anchor or its end is missing, or there is nothing between the two.
pub(crate) fn read(project: &Path, folder: &Path, target: &str) -> Result<Region, String> {
    let (file, anchor) = match target.split_once(':') {
        Some((file, anchor)) => (file, Some(anchor)),
        None => (target, None),
    };
    let path = normal(&folder.join(file));
    if !path.starts_with(project) {
        return Err(format!("cannot include {file}: it is outside the project"));
    }
    let name = shown(project, &path);
    if let Some(range) = anchor.filter(|a| a.starts_with(|c: char| c == ':' || c.is_ascii_digit()))
    {
        return Err(format!(
            "cannot include lines {range} of {name}: line numbers drift, name an ANCHOR"
        ));
    }
    let text = std::fs::read_to_string(&path)
        .map_err(|error| format!("cannot include {name}: {error}"))?;
    let lines = match anchor {
        Some(anchor) => anchored(&text, anchor),
        None => Ok(plain(&text)),
    };
    let lines = lines.map_err(|error| format!("cannot include {name}: {error}"))?;
    if lines.iter().all(|line| line.text.trim().is_empty()) {
        let what = anchor.map_or("the file".to_owned(), |a| format!("ANCHOR: {a}"));
        return Err(format!("cannot include {name}: {what} is empty"));
    }
    Ok(Region { file: name, lines })
}

fn numbered(text: &str) -> impl Iterator<Item = Line> {
    text.lines().enumerate().map(|(index, text)| Line {
        number: index + 1,
        text: text.to_owned(),
    })
}

/// All lines of a file but its anchors.
pub(crate) fn plain(text: &str) -> Vec<Line> {
    numbered(text)
        .filter(|line| marker(&line.text).is_none())
        .collect()
}

fn anchored(text: &str, anchor: &str) -> Result<Vec<Line>, String> {
    let mut lines = numbered(text);
    lines
        .find(|line| marker(&line.text) == Some(Marker::Start(anchor)))
        .ok_or_else(|| format!("there is no ANCHOR: {anchor}"))?;
    let mut region = Vec::new();
    for line in lines {
        match marker(&line.text) {
            Some(Marker::End(name)) if name == anchor => return Ok(region),
            // A nested anchor is bookkeeping, not code.
            Some(_) => {}
            None => region.push(line),
        }
    }
    Err(format!("ANCHOR: {anchor} has no ANCHOR_END"))
}

#[derive(PartialEq, Eq)]
enum Marker<'a> {
    Start(&'a str),
    End(&'a str),
}

fn marker(line: &str) -> Option<Marker<'_>> {
    fn name(rest: &str) -> &str {
        let rest = rest.trim_start();
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'));
        &rest[..end.unwrap_or(rest.len())]
    }
    if let Some((_, rest)) = line.split_once("ANCHOR_END:") {
        return Some(Marker::End(name(rest)));
    }
    let (_, rest) = line.split_once("ANCHOR:")?;
    Some(Marker::Start(name(rest)))
}

/// The path with `.` and `..` folded away, without asking the disk: a symbolic link inside the
/// project stays inside the project.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                normal.pop();
            }
            Component::CurDir => {}
            other => normal.push(other),
        }
    }
    normal
}
