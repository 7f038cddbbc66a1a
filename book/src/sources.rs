//! What the pages are made of, for whoever builds them again when it changes.

use std::path::Path;
use watcher::Sources;

/// Where chapters include code from, seen from the book's folder.
const CODE: [&str; 3] = ["../shared", "../steps", "../workshop"];

/// What stands in the book's folder and is no source of its pages.
const NO_SOURCES: [&str; 4] = ["out", "out-live", "src", "tests"];

/// The sources of the book in `root`, which is built into `out`. Those pages may stand among them: a
/// build that saw its own pages as new would never end.
pub(crate) fn of(root: &Path, out: &Path) -> Sources {
    let code = CODE.iter().map(|folder| root.join(folder));
    let folders = [root.to_owned()].into_iter().chain(code).collect();
    let (root, out) = (root.to_owned(), out.to_owned());
    Sources::new(folders, move |path| {
        let in_root = path.parent() == Some(&root);
        path == out || in_root && NO_SOURCES.iter().any(|name| path.ends_with(name))
    })
}
