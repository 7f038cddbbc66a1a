//! Notices that a source has changed, by looking at modification times a few times a second.
//!
//! inotify would also report that our own build reads the files, and the watcher would start itself
//! for ever.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Short enough to seem immediate to whoever has just saved a file.
const PAUSE: Duration = Duration::from_millis(300);

/// What the book is made of, seen from its folder.
const SOURCES: [&str; 9] = [
    "en",
    "zh-CN",
    "assets",
    "theme",
    "figures",
    "measured",
    "book.toml",
    "../steps",
    "../shared",
];

/// The state of all sources at one moment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    newest: Option<SystemTime>,
    /// A file that is gone leaves no newer time behind.
    files: usize,
}

impl Stamp {
    /// Looks at the sources of the book in `root`.
    pub(crate) fn take(root: &Path) -> Stamp {
        let mut stamp = Stamp {
            newest: None,
            files: 0,
        };
        for source in SOURCES {
            stamp.add(root.join(source));
        }
        stamp
    }

    fn add(&mut self, path: PathBuf) {
        // An editor may take a file away and put it back while we look.
        let Ok(about) = path.metadata() else { return };
        if about.is_file() {
            self.newest = self.newest.max(about.modified().ok());
            self.files += 1;
        } else if path.file_name().is_none_or(|name| name != "target") {
            let entries = path.read_dir().into_iter().flatten().flatten();
            entries.for_each(|entry| self.add(entry.path()));
        }
    }
}

/// Returns when the sources differ from `seen`.
pub(crate) fn wait_for_change(root: &Path, seen: &Stamp) {
    while Stamp::take(root) == *seen {
        std::thread::sleep(PAUSE);
    }
}
