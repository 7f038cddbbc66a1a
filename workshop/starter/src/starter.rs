use crate::leave_out::leave_out;
use crate::region::split;
use crate::roots::roots;
use crate::words::ALLOW;
use anyhow::Result;
use grader::step::Step;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use terminal::{Explain, Language, Text, cannot_read, ensure};

/// The sources of a step, without what is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Starter {
    /// What stands in each file, by its path in the step's folder.
    pub files: BTreeMap<PathBuf, String>,
}

/// What of a step is copied as it is: the tests that a learner reads, and what they run.
const AS_THEY_ARE: [&str; 3] = ["examples", "tests/by_hand.rs", "tests/library.rs"];

impl Starter {
    /// The step, of the workspace at `root`, in which the first `filled` tasks are done.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or `step.toml` names what is not there.
    pub fn new(root: &Path, step: &Step, filled: usize, language: Language) -> Result<Starter> {
        let folder = root.join("steps").join(step.folder());
        let mut sources = BTreeMap::new();
        read(&folder, Path::new("src"), &mut sources)?;
        let mut with_holes = Vec::new();
        for task in step.tasks.iter().skip(filled) {
            for region in &task.regions {
                let file = PathBuf::from(split(&region.at)?.0);
                ensure(sources.contains_key(&file), || {
                    let (task, file) = (&task.slug, file.display());
                    Text::new(
                        format!("task {task}: there is no {file}"),
                        format!("任务 {task}：没有 {file}"),
                    )
                })?;
                with_holes.push(file);
            }
        }
        let allow = roots(&sources, with_holes.iter().map(PathBuf::as_path));
        let mut files = BTreeMap::new();
        for (file, text) in sources {
            let mut text = match with_holes.contains(&file) {
                true => leave_out(&text, &file, step, filled, language)?,
                false => text,
            };
            if allow.contains(&file) {
                text.insert_str(0, ALLOW);
            }
            files.insert(file, text);
        }
        for path in AS_THEY_ARE {
            read(&folder, Path::new(path), &mut files)?;
        }
        Ok(Starter { files })
    }
}

/// Reads a file, or all that stand in a folder; there may be none.
fn read(base: &Path, path: &Path, files: &mut BTreeMap<PathBuf, String>) -> Result<()> {
    let full = base.join(path);
    let what = || cannot_read(&full);
    if full.is_dir() {
        for entry in fs::read_dir(&full).explain(what)? {
            read(base, &path.join(entry?.file_name()), files)?;
        }
    } else if full.is_file() {
        let text = fs::read_to_string(&full).explain(what)?;
        files.insert(path.to_owned(), text);
    }
    Ok(())
}
