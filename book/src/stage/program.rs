//! The lines of a step that stand beside its stage, and where in them the program's calls are.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use stage::Strategy;

/// `book/stories/programs.toml`: of each strategy, what is shown.
pub(super) struct Programs(BTreeMap<String, Program>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Program {
    /// The program's name in the book.
    name: String,
    shows: Vec<Piece>,
    /// The places that the model names, by what stands in their line.
    places: BTreeMap<String, String>,
}

/// Some lines of a file of the steps, from the first line that has `from` to the next that has `to`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Piece {
    file: String,
    from: String,
    to: String,
}

/// A line, and the places in it.
#[derive(Serialize)]
pub(super) struct Line {
    text: String,
    at: Vec<String>,
}

impl Programs {
    pub(super) fn read(project: &Path) -> Result<Programs, String> {
        let path = project.join("book/stories/programs.toml");
        let text = fs::read_to_string(&path);
        let text = text.map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let programs = toml::from_str(&text).map_err(|error| format!("programs.toml: {error}"))?;
        Ok(Programs(programs))
    }

    pub(super) fn show(
        &self,
        strategy: Strategy,
        project: &Path,
    ) -> Result<(String, Vec<Line>), String> {
        let name = strategy.name();
        let program = self.0.get(name);
        let program = program.ok_or_else(|| format!("programs.toml has no [{name}]"))?;
        let mut lines: Vec<Line> = Vec::new();
        for piece in &program.shows {
            if !lines.is_empty() {
                let text = "⋯".to_owned();
                lines.push(Line {
                    text,
                    at: Vec::new(),
                });
            }
            lines.extend(piece.read(project)?);
        }
        for (place, words) in &program.places {
            let mut found: Vec<_> = lines
                .iter_mut()
                .filter(|it| it.text.contains(words))
                .collect();
            let [line] = found.as_mut_slice() else {
                let count = found.len();
                return Err(format!(
                    "[{name}]: {count} lines have {words:?}, for {place}"
                ));
            };
            line.at.push(place.clone());
        }
        Ok((program.name.clone(), lines))
    }
}

impl Piece {
    /// Without comments, anchors and common indentation.
    fn read(&self, project: &Path) -> Result<Vec<Line>, String> {
        let Piece { file, from, to } = self;
        let text = fs::read_to_string(project.join(file));
        let text = text.map_err(|error| format!("cannot read {file}: {error}"))?;
        let lines: Vec<&str> = text.lines().collect();
        let find = |words: &str, after: usize| {
            let found = lines[after..].iter().position(|line| line.contains(words));
            found
                .map(|it| it + after)
                .ok_or_else(|| format!("{file}: no line has {words:?}"))
        };
        let first = find(from, 0)?;
        let last = find(to, first)?;
        let code = lines[first..=last]
            .iter()
            .filter(|line| !line.trim_start().starts_with("//"));
        let code: Vec<&&str> = code.collect();
        let depths = code.iter().filter(|line| !line.trim().is_empty());
        let depths = depths.map(|line| line.len() - line.trim_start().len());
        let depth = depths.min().unwrap_or(0);
        Ok(code
            .into_iter()
            .map(|line| Line {
                text: line.get(depth..).unwrap_or("").to_owned(),
                at: Vec::new(),
            })
            .collect())
    }
}
