//! Notices that a source has changed, by looking at all of them a few times a second.
//!
//! inotify would also report that our own build reads the files, and the watcher would start itself
//! for ever.

use std::fs::Metadata;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// Short enough to seem immediate to whoever has just saved a file.
const PAUSE: Duration = Duration::from_millis(300);

/// For how long nothing may change before a build: an editor empties a file, and then fills it.
const SETTLING: Duration = Duration::from_millis(50);

/// Where chapters include code from, seen from the book's folder.
const CODE: [&str; 3] = ["../shared", "../steps", "../workshop"];

/// What stands in the book's folder and is no source of its pages.
const NO_SOURCES: [&str; 4] = ["out", "out-live", "src", "tests"];

/// All files that the pages are made of.
#[derive(Debug)]
pub(crate) struct Sources {
    root: PathBuf,
    /// May stand among the sources; a build that saw its own pages as new would never end.
    out: PathBuf,
}

/// The state of all sources at one moment: a sum over files of what tells one state from another.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stamp(u64);

impl Sources {
    /// The sources of the book in `root`, which is built into `out`.
    pub(crate) fn new(root: &Path, out: &Path) -> Sources {
        Sources {
            root: root.to_path_buf(),
            out: out.to_path_buf(),
        }
    }

    /// Waits until the sources differ from `seen` and tells how they are then; `None` when the
    /// other end of `stopped` is gone first.
    pub(crate) fn changed_since(&self, seen: &Stamp, stopped: &Receiver<()>) -> Option<Stamp> {
        loop {
            let now = Stamp::take(self);
            if now != *seen {
                return Some(self.settled(now));
            }
            match stopped.recv_timeout(PAUSE) {
                Err(RecvTimeoutError::Timeout) => {}
                Ok(()) | Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
    }

    /// The state once it has stood still: an editor may be halfway through a file.
    pub(crate) fn settled(&self, mut now: Stamp) -> Stamp {
        loop {
            std::thread::sleep(SETTLING);
            let next = Stamp::take(self);
            if next == now {
                return now;
            }
            now = next;
        }
    }

    fn is_source(&self, path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default();
        let hidden = name.as_encoded_bytes().starts_with(b".");
        let in_root = path.parent() == Some(&self.root);
        let built = path == self.out || is_built(path);
        let no_source = in_root && NO_SOURCES.iter().any(|other| name == *other);
        !(hidden || built || no_source)
    }
}

/// Is it a folder that cargo builds into? Wherever it is told to, it leaves a mark there.
fn is_built(path: &Path) -> bool {
    path.ends_with("target") || path.join("CACHEDIR.TAG").exists()
}

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

impl Stamp {
    /// Looks at the sources.
    pub(crate) fn take(sources: &Sources) -> Stamp {
        let mut stamp = Stamp(0);
        stamp.add_all(sources, &sources.root);
        for folder in CODE {
            stamp.add_all(sources, &sources.root.join(folder));
        }
        stamp
    }

    fn add_all(&mut self, sources: &Sources, folder: &Path) {
        let entries = folder.read_dir().into_iter().flatten().flatten();
        let paths = entries.map(|entry| entry.path());
        for path in paths.filter(|path| sources.is_source(path)) {
            // An editor may take a file away and put it back while we look.
            let Ok(about) = path.metadata() else { continue };
            if !about.is_dir() {
                let mut hasher = DefaultHasher::new();
                path.hash(&mut hasher);
                state(&about).hash(&mut hasher);
                self.0 = self.0.wrapping_add(hasher.finish());
            } else if !path.is_symlink() {
                // A link may lead upwards, and there would be no end.
                self.add_all(sources, &path);
            }
        }
    }
}
