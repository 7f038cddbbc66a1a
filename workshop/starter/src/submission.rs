//! What is handed in of a copy: its `src/`, laid over a fresh starter. Nothing else of it counts.

use crate::copy::StepCopy;
use crate::manifest::Manifest;
use crate::starter::Starter;
use anyhow::Result;
use grader::step::Step;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};
use terminal::{Explain, Language, Text, Told, cannot_read, cannot_write, ensure};

/// A folder in which a submission is built, and no editor builds.
#[derive(Debug)]
pub struct Submission {
    /// The package.
    pub folder: PathBuf,
    /// Is `src/` as the starter was?
    pub is_untouched: bool,
}

/// How many files may be handed in: the largest step has some twenty.
const MOST_FILES: usize = 500;
/// How many bytes they may have together: a step has less than a hundredth of it.
const MOST_BYTES: u64 = 8 << 20;

impl Submission {
    /// Lays the copy's `src/` over a fresh starter of the step, in `folder`, where an earlier one may be.
    ///
    /// # Errors
    ///
    /// When something in `src/` is neither a file nor a folder, or it is too much; when it cannot be
    /// read or written.
    pub fn lay_over(
        root: &Path,
        step: &Step,
        copy: &StepCopy,
        folder: &Path,
    ) -> Result<Submission> {
        let mut files: BTreeMap<PathBuf, Vec<u8>> = BTreeMap::new();
        let handed_in = sources(&copy.folder)?;
        let is_untouched = [Language::English, Language::Chinese]
            .into_iter()
            .any(|language| is_starter(&handed_in, root, step, language));
        let starter = Starter::new(root, step, 0, Language::English)?;
        let starter = starter.files.into_iter();
        files.extend(starter.map(|(path, text)| (path, text.into_bytes())));
        files.extend(handed_in);
        let manifest = Manifest::read(root, &step.folder())?;
        let manifest = manifest.for_a_grade(root)?;
        files.insert("Cargo.toml".into(), manifest.into());
        replace(folder, files)?;
        bring_lock(root, folder)?;
        Ok(Submission {
            folder: folder.to_owned(),
            is_untouched,
        })
    }

    /// The files that are handed in of a copy.
    ///
    /// # Errors
    ///
    /// Those of [`Submission::lay_over`].
    pub fn files(copy: &StepCopy) -> Result<Vec<PathBuf>> {
        let files = sources(&copy.folder)?.into_keys();
        Ok(files.map(|file| copy.folder.join(file)).collect())
    }

    /// Looks into what cargo says a program was built from (`PROGRAM.d` beside it): nothing but the
    /// submission, and what lies below the step.
    ///
    /// # Errors
    ///
    /// When a file of the step's own reference is among it, or one from anywhere else.
    pub fn check_sources(&self, root: &Path, step: &Step, program: &Path) -> Result<()> {
        let file = program.with_extension("d");
        let text = fs::read_to_string(&file).explain(|| cannot_read(&file))?;
        let mine = self.folder.canonicalize()?;
        let reference = root.join("steps").join(step.folder()).canonicalize()?;
        let below = [root.join("shared"), root.join("steps")];
        let below = below.map(|folder| folder.canonicalize().unwrap_or(folder));
        for source in listed(&text) {
            // Of a test, the compiler names them from the package's folder on.
            let source = mine.join(source);
            let source = source.canonicalize().unwrap_or(source);
            let is_below = below.iter().any(|folder| source.starts_with(folder));
            if source.starts_with(&mine) || is_below && !source.starts_with(&reference) {
                continue;
            }
            return Err(Told(not_handed_in(&source)).into());
        }
        Ok(())
    }
}

/// Every file in `src/`, by its path in the copy.
fn sources(copy: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let (mut files, mut bytes) = (BTreeMap::new(), 0);
    let mut folders = vec![PathBuf::from("src")];
    while let Some(folder) = folders.pop() {
        let full = copy.join(&folder);
        let entries = fs::read_dir(&full).explain(|| cannot_read(&full))?;
        for entry in entries {
            let entry = entry?;
            let (path, kind) = (folder.join(entry.file_name()), entry.file_type()?);
            if kind.is_dir() {
                folders.push(path);
                continue;
            }
            if !kind.is_file() {
                return Err(Told(no_file(&path, kind)).into());
            }
            bytes += entry.metadata()?.len();
            ensure(files.len() < MOST_FILES && bytes <= MOST_BYTES, || {
                let folder = copy.join("src");
                let folder = folder.display();
                Text::new(
                    format!(
                        "{folder} is too much: at most {MOST_FILES} files with {MOST_BYTES} bytes are graded"
                    ),
                    format!(
                        "{folder} 里的东西太多：最多给 {MOST_FILES} 个文件、{MOST_BYTES} 字节评分"
                    ),
                )
            })?;
            let content = fs::read(entry.path());
            let content = content.explain(|| cannot_read(&path))?;
            files.insert(path, content);
        }
    }
    Ok(files)
}

fn is_starter(
    handed_in: &BTreeMap<PathBuf, Vec<u8>>,
    root: &Path,
    step: &Step,
    language: Language,
) -> bool {
    let Ok(starter) = Starter::new(root, step, 0, language) else {
        return false;
    };
    let mut sources = starter
        .files
        .iter()
        .filter(|(path, _)| path.starts_with("src"));
    sources.all(|(path, text)| handed_in.get(path).is_some_and(|it| it == text.as_bytes()))
}

/// Makes the folder's files these. One that is as it should be is not touched, for cargo goes by time;
/// any other goes.
fn replace(folder: &Path, files: BTreeMap<PathBuf, Vec<u8>>) -> Result<()> {
    let what = || cannot_write(folder);
    let mut kept: BTreeSet<PathBuf> = BTreeSet::new();
    for (path, content) in files {
        let file = folder.join(path);
        if fs::read(&file).ok().as_ref() != Some(&content) {
            fs::create_dir_all(file.parent().expect("in a folder")).explain(what)?;
            fs::write(&file, content).explain(what)?;
        }
        kept.insert(file);
    }
    remove_others(folder, &kept).explain(what)
}

fn remove_others(folder: &Path, kept: &BTreeSet<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            remove_others(&path, kept)?;
        } else if !kept.contains(&path) && entry.file_name() != "Cargo.lock" {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// The root's lock file, unless a younger one is there: of that, cargo has taken away what this package
/// does not need.
fn bring_lock(root: &Path, folder: &Path) -> Result<()> {
    let (from, to) = (root.join("Cargo.lock"), folder.join("Cargo.lock"));
    let age = |file: &Path| fs::metadata(file).and_then(|it| it.modified()).ok();
    if age(&to) < age(&from) {
        fs::copy(&from, &to).explain(|| cannot_write(&to))?;
    }
    Ok(())
}

/// The prerequisites in a rule of a makefile, in which blanks in names stand behind a backslash.
fn listed(text: &str) -> Vec<PathBuf> {
    let rule = text.lines().next().unwrap_or_default();
    let prerequisites = rule.split_once(": ").map_or("", |(_, rest)| rest);
    let mut names = vec![String::new()];
    let mut characters = prerequisites.chars();
    while let Some(character) = characters.next() {
        let name = names.last_mut().expect("there is one");
        match character {
            '\\' => name.extend(characters.next()),
            ' ' => names.push(String::new()),
            other => name.push(other),
        }
    }
    let names = names.into_iter().filter(|name| !name.is_empty());
    names.map(PathBuf::from).collect()
}

fn no_file(path: &Path, kind: FileType) -> Text {
    let path = path.display();
    match kind.is_symlink() {
        true => Text::new(
            format!(
                "{path} is a symbolic link: put the file itself there, only what is in src/ is graded"
            ),
            format!("{path} 是符号链接：请放文件本身，只有 src/ 里的内容才会评分"),
        ),
        false => Text::new(
            format!("{path} is no ordinary file: only files in src/ are graded"),
            format!("{path} 不是普通文件：只有 src/ 里的文件才会评分"),
        ),
    }
}

fn not_handed_in(source: &Path) -> Text {
    let source = source.display();
    Text::new(
        format!("{source} was built in: only what stands in src/ itself is graded"),
        format!("程序里编进了 {source}：只有写在 src/ 里的才会评分"),
    )
}
