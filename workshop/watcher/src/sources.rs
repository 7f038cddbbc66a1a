use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Read;
use std::path::{Path, PathBuf};

/// The files that somebody writes, in some folders: none that is hidden, that an editor keeps beside
/// them, or that is built.
pub struct Sources {
    roots: Vec<PathBuf>,
    left_out: Box<dyn Fn(&Path) -> bool + Send>,
}

/// The state of all sources at one moment: two are the same if nothing was saved between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// A sum over files of what tells one state from another.
    files: u64,
    /// The folders they stand in, and which folder has each name now.
    pub(crate) folders: BTreeMap<PathBuf, u64>,
}

/// Of how many files a state is taken, and no more: a folder that was named by mistake may be a home.
const MOST_FILES: usize = 10_000;

impl Sources {
    /// All below `roots`, but what `left_out` is true of.
    pub fn new(roots: Vec<PathBuf>, left_out: impl Fn(&Path) -> bool + Send + 'static) -> Sources {
        Sources {
            roots,
            left_out: Box::new(left_out),
        }
    }

    /// The folders that were named.
    pub(crate) fn roots(&self) -> &[PathBuf] {
        &self.roots
    }

    /// Their state now.
    pub fn stamp(&self) -> Stamp {
        let mut stamp = Stamp {
            files: 0,
            folders: BTreeMap::new(),
        };
        let mut left = MOST_FILES;
        for root in &self.roots {
            self.add(&mut stamp, root, &mut left);
        }
        stamp
    }

    fn add(&self, stamp: &mut Stamp, path: &Path, left: &mut usize) {
        // An editor may take a file away and put it back while we look.
        let Ok(about) = path.metadata() else { return };
        if !about.is_dir() {
            if *left > 0 && !is_built_file(path, &about) {
                *left -= 1;
                let mut hasher = DefaultHasher::new();
                path.hash(&mut hasher);
                state(&about).hash(&mut hasher);
                stamp.files = stamp.files.wrapping_add(hasher.finish());
            }
            return;
        }
        stamp.folders.insert(path.to_owned(), identity(&about));
        let entries = path.read_dir().into_iter().flatten().flatten();
        for entry in entries.map(|entry| entry.path()) {
            // A link to a folder may lead upwards, and there would be no end.
            let leads_away = entry.is_symlink() && entry.is_dir();
            if !leads_away && !is_beside(&entry) && !is_built(&entry) && !(self.left_out)(&entry) {
                self.add(stamp, &entry, left);
            }
        }
    }
}

/// Hidden, or an editor's: a backup, a swap file, what vim writes to see whether it can (`4913`).
fn is_beside(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    name.starts_with(b".") || name.starts_with(b"#") || name.ends_with(b"~") || name == b"4913"
}

/// A folder that a tool fills. Cargo leaves a mark in its own, wherever that is.
fn is_built(path: &Path) -> bool {
    let named = ["target", "node_modules", "__pycache__"];
    named.iter().any(|name| path.ends_with(name)) || path.join("CACHEDIR.TAG").exists()
}

/// A program that a compiler leaves beside its source: no text has a byte of zero. Asked of those that
/// can be run and of those without an extension that says what they are.
fn is_built_file(path: &Path, about: &Metadata) -> bool {
    let extension = path.extension().unwrap_or_default();
    let may_be =
        extension.is_empty() || is_executable(about) || BUILT.iter().any(|it| extension == *it);
    let mut head = Vec::new();
    may_be
        && File::open(path).is_ok_and(|file| {
            let read = file.take(HEAD).read_to_end(&mut head);
            read.is_ok() && head.contains(&0)
        })
}

/// Extensions of what compilers leave.
const BUILT: [&str; 5] = ["o", "a", "so", "class", "pyc"];
/// In so many bytes a program of any kind has a zero.
const HEAD: u64 = 512;

/// What is another after every way to save a file. Its length and its time can be the same as
/// before; but whatever writes, renames or replaces it, the system notes when (`inode(7)`: `ctime`),
/// and nobody can set that.
#[cfg(unix)]
fn state(about: &Metadata) -> impl Hash {
    use std::os::unix::fs::MetadataExt;
    let changed = (about.ctime(), about.ctime_nsec());
    (about.dev(), about.ino(), changed, about.len())
}

#[cfg(not(unix))]
fn state(about: &Metadata) -> impl Hash {
    (about.created().ok(), about.modified().ok(), about.len())
}

#[cfg(unix)]
fn identity(about: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(about)
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> u64 {
    0
}

#[cfg(unix)]
fn is_executable(about: &Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &Metadata) -> bool {
    false
}
