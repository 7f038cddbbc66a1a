use crate::manifest::Manifest;
use crate::starter::Starter;
use crate::words::ALLOW;
use anyhow::Result;
use grader::step::Step;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use terminal::{Explain, Language, Text, Told, cannot_read, cannot_understand, cannot_write};

/// Where the copies stand, in the checkout; git ignores it, and cargo leaves it alone.
pub(crate) const WORK: &str = "work";
/// In a copy: what it was begun with, for the day when the tutorial has changed.
const BEGUN: &str = ".begun";
/// In there: how it was begun.
const HOW: &str = "how.toml";

/// Files, by their paths in a copy.
pub(crate) type Files = BTreeMap<PathBuf, String>;

/// A learner's copy of a step.
#[derive(Clone, Debug)]
pub struct StepCopy {
    /// Its folder.
    pub folder: PathBuf,
}

/// How a copy is begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begin {
    /// So many tasks are done already.
    pub filled: usize,
    /// The language of the words in it.
    pub language: Language,
}

impl StepCopy {
    /// The place of the step's copy, in the checkout at `root`, whether there is one or not.
    pub fn of(root: &Path, step: &Step) -> StepCopy {
        StepCopy {
            folder: root.join(WORK).join(&step.slug),
        }
    }

    /// Has it been begun?
    pub fn exists(&self) -> bool {
        self.folder.is_dir()
    }

    /// Do the lines still stand in it that allow what emptied bodies would be warned of?
    pub fn allows_warnings(&self) -> bool {
        let mut folders = vec![self.folder.join("src")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else if fs::read_to_string(path).is_ok_and(|text| text.contains(ALLOW)) {
                    return true;
                }
            }
        }
        false
    }

    /// Its path as one types it at the checkout's root.
    pub fn shown(&self) -> String {
        let name = self.folder.file_name().unwrap_or_default();
        format!("{WORK}/{}", name.to_string_lossy())
    }

    /// How it was begun.
    ///
    /// # Errors
    ///
    /// When it does not say so.
    pub fn begun_as(&self) -> Result<Begin> {
        let file = self.folder.join(BEGUN).join(HOW);
        let text = fs::read_to_string(&file).explain(|| {
            let copy = self.shown();
            Text::new(
                format!("cannot tell how {copy} was begun"),
                format!("不知道 {copy} 当初是怎样开始的"),
            )
        })?;
        let table: toml::Table = text.parse().explain(|| cannot_understand(&file))?;
        let filled = table.get("filled").and_then(toml::Value::as_integer);
        let language = table.get("language").and_then(toml::Value::as_str);
        Ok(Begin {
            filled: filled.and_then(|it| usize::try_from(it).ok()).unwrap_or(0),
            language: match language {
                Some("zh") => Language::Chinese,
                _ => Language::English,
            },
        })
    }

    /// What it was begun with.
    pub(crate) fn begun_with(&self) -> Result<Files> {
        let (mut files, folder) = (Files::new(), self.folder.join(BEGUN));
        let mut folders = vec![folder.clone()];
        while let Some(inner) = folders.pop() {
            let what = || cannot_read(&inner);
            for entry in fs::read_dir(&inner).explain(what)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.file_name() != Some(HOW.as_ref()) {
                    let text = fs::read_to_string(&path).explain(what)?;
                    files.insert(path.strip_prefix(&folder).unwrap_or(&path).to_owned(), text);
                }
            }
        }
        Ok(files)
    }

    /// Notes that it has now been begun so.
    pub(crate) fn note(&self, begin: &Begin, files: &Files) -> Result<()> {
        let folder = self.folder.join(BEGUN);
        fs::remove_dir_all(&folder).explain(|| cannot_remove(&folder))?;
        for (path, text) in noted(begin, files) {
            write(&self.folder.join(path), &text)?;
        }
        Ok(())
    }
}

/// Writes the step's copy: all of it, or nothing.
///
/// # Errors
///
/// When there is one already: nothing is ever overwritten. When it cannot be written.
pub fn begin(root: &Path, step: &Step, begin: Begin) -> Result<StepCopy> {
    let copy = StepCopy::of(root, step);
    if copy.exists() {
        return Err(Told(is_there(&copy, step)).into());
    }
    let files = files(root, step, &begin)?;
    let lock = root.join("Cargo.lock");
    let lock = fs::read_to_string(&lock).explain(|| cannot_read(&lock))?;
    let mut all = noted(&begin, &files);
    all.extend(files);
    all.insert("Cargo.lock".into(), lock);
    write_whole(&copy.folder, all)?;
    Ok(copy)
}

/// All files of a copy that is begun so, but those of which cargo takes care.
pub(crate) fn files(root: &Path, step: &Step, begin: &Begin) -> Result<Files> {
    let mut files = Starter::new(root, step, begin.filled, begin.language)?.files;
    for (_, text) in files
        .iter_mut()
        .filter(|(path, _)| !path.starts_with("src"))
    {
        *text = seen_from_a_copy(text);
    }
    let manifest = Manifest::read(root, &step.folder())?.written_out("../..")?;
    files.insert("Cargo.toml".into(), manifest);
    files.insert("AGENTS.md".into(), AGENTS.to_owned());
    Ok(files)
}

/// An example may have a module in another step: from a copy, that stands in the folder of the steps.
fn seen_from_a_copy(text: &str) -> String {
    let lines = text.split_inclusive('\n').map(|line| {
        let is_path = line.starts_with("#[path = ");
        match line.rfind("../").map(|up| line.split_at(up + 3)) {
            // A step's folder begins with its number.
            Some((up, rest)) if is_path && rest.starts_with(|it: char| it.is_ascii_digit()) => {
                format!("{up}../steps/{rest}")
            }
            _ => line.to_owned(),
        }
    });
    lines.collect()
}

/// The same in the folder in which a copy keeps them.
fn noted(begin: &Begin, files: &Files) -> Files {
    let language = match begin.language {
        Language::English => "en",
        Language::Chinese => "zh",
    };
    let how = format!(
        "# What this copy was begun with, for `start --update`.\nfilled = {}\nlanguage = \"{language}\"\n",
        begin.filled
    );
    let files = files
        .iter()
        .map(|(path, text)| (Path::new(BEGUN).join(path), text.clone()));
    files.chain([(Path::new(BEGUN).join(HOW), how)]).collect()
}

/// Makes a folder with these files: all of them, or nothing. Until it is complete, it has another name.
pub(crate) fn write_whole(folder: &Path, files: Files) -> Result<()> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let unfinished = folder.with_file_name(format!(".{name}.begun"));
    let _ = fs::remove_dir_all(&unfinished);
    for (path, text) in files {
        write(&unfinished.join(path), &text)?;
    }
    fs::rename(&unfinished, folder).explain(|| cannot_make(folder))
}

/// That a folder could not be made.
pub(crate) fn cannot_make(folder: &Path) -> Text {
    let folder = folder.display();
    Text::new(
        format!("cannot make {folder}"),
        format!("无法创建 {folder}"),
    )
}

/// That something could not be removed.
pub(crate) fn cannot_remove(path: &Path) -> Text {
    let path = path.display();
    Text::new(format!("cannot remove {path}"), format!("无法删除 {path}"))
}

/// Writes a file, and makes the folders for it.
pub(crate) fn write(file: &Path, text: &str) -> Result<()> {
    let parent = file.parent().expect("it stands in a folder");
    let written = fs::create_dir_all(parent).and_then(|()| fs::write(file, text));
    written.explain(|| cannot_write(file))
}

const AGENTS: &str = include_str!("AGENTS.md");

fn is_there(copy: &StepCopy, step: &Step) -> Text {
    let (folder, number) = (copy.shown(), step.number);
    Text::new(
        format!(
            "{folder} is there already, and nothing is overwritten: go on in it, or have it put aside and \
             begin anew (cargo run -- reset {number}, --task TASK from a later task on); what the tutorial has changed since is brought in by \
             cargo run -- start {number} --update"
        ),
        format!(
            "{folder} 已经有了，不会覆盖：请接着写；想重新开始就用 cargo run -- reset {number}（要从后面的任务开始，再加 --task 任务），原来的会先收好；\
             教程后来改过的部分可以用 cargo run -- start {number} --update 合并进来"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::seen_from_a_copy;

    #[test]
    fn only_what_stands_in_another_step_is_further_away() {
        let text =
            "#[path = \"../../03-busy-poll-server/a.rs\"]\nmod a;\n#[path = \"../b/c.rs\"]\nmod c;";
        let seen = "#[path = \"../../../steps/03-busy-poll-server/a.rs\"]\nmod a;\n#[path = \"../b/c.rs\"]\nmod c;";
        assert_eq!(seen_from_a_copy(text), seen);
    }
}
