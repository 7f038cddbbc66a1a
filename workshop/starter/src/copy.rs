use crate::manifest::Manifest;
use crate::starter::Starter;
use anyhow::{Context, Result};
use grader::step::Step;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use terminal::{Language, Text, Told};

/// Where the copies stand, in the checkout; git ignores it, and cargo leaves it alone.
pub(crate) const WORK: &str = "work";

/// A learner's copy of a step.
#[derive(Clone, Debug)]
pub struct Copy {
    /// Its folder.
    pub folder: PathBuf,
}

/// What [`begin`] has done.
#[derive(Debug)]
pub struct Begun {
    /// The copy that is there now.
    pub copy: Copy,
    /// The files in which something is to be written, by their paths in the copy.
    pub to_write: Vec<PathBuf>,
}

impl Copy {
    /// The place of the step's copy, in the checkout at `root`, whether there is one or not.
    pub fn of(root: &Path, step: &Step) -> Copy {
        Copy {
            folder: root.join(WORK).join(&step.slug),
        }
    }

    /// Has it been begun?
    pub fn exists(&self) -> bool {
        self.folder.is_dir()
    }

    /// Its path as one types it at the checkout's root.
    pub fn shown(&self) -> String {
        let name = self.folder.file_name().unwrap_or_default();
        format!("{WORK}/{}", name.to_string_lossy())
    }
}

/// Writes the step's copy, in which the first `filled` tasks are done: all of it, or nothing.
///
/// # Errors
///
/// When there is one already: nothing is ever overwritten. When it cannot be written.
pub fn begin(root: &Path, step: &Step, filled: usize, language: Language) -> Result<Begun> {
    let copy = Copy::of(root, step);
    if copy.exists() {
        return Err(Told(is_there(&copy, step)).into());
    }
    let starter = Starter::new(root, step, filled, language)?;
    let manifest = Manifest::read(root, &step.folder())?.written_out("../..")?;
    let lock = root.join("Cargo.lock");
    let lock =
        fs::read_to_string(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    let mut files = starter.files.clone();
    files.insert("Cargo.toml".into(), manifest);
    files.insert("Cargo.lock".into(), lock);
    files.insert("AGENTS.md".into(), AGENTS.to_owned());
    write_whole(&copy.folder, files)?;
    let to_write = starter
        .files
        .iter()
        .filter(|(_, text)| text.contains("todo!("))
        .map(|(path, _)| path.clone());
    Ok(Begun {
        to_write: to_write.collect(),
        copy,
    })
}

/// Makes a folder with these files: all of them, or nothing. Until it is complete, it has another name.
pub(crate) fn write_whole(folder: &Path, files: BTreeMap<PathBuf, String>) -> Result<()> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let unfinished = folder.with_file_name(format!(".{name}.begun"));
    let _ = fs::remove_dir_all(&unfinished);
    for (path, text) in files {
        let file = unfinished.join(path);
        let parent = file.parent().expect("it stands in a folder");
        let written = fs::create_dir_all(parent).and_then(|()| fs::write(&file, text));
        written.with_context(|| format!("cannot write {}", file.display()))?;
    }
    fs::rename(&unfinished, folder).with_context(|| format!("cannot make {}", folder.display()))
}

const AGENTS: &str = include_str!("AGENTS.md");

fn is_there(copy: &Copy, step: &Step) -> Text {
    let (folder, number) = (copy.shown(), step.number);
    Text::new(
        format!(
            "{folder} is there already, and nothing is overwritten: go on in it, or put it aside and begin \
             anew with `reset {number}`"
        ),
        format!(
            "{folder} 已经有了，不会覆盖：请接着写，或者用 `reset {number}` 把它收起来，重新开始"
        ),
    )
}
