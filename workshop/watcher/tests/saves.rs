//! What is a save, and what is none, heard in both ways.

use std::fs;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use tempfile::TempDir;
use watcher::{How, Sources, Watcher};

/// For what has to come.
const PATIENCE: Duration = Duration::from_secs(20);

struct Watched {
    folder: TempDir,
    saves: Receiver<()>,
    _watcher: Watcher,
}

fn watch(how: How) -> Watched {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir_all(folder.path().join("work/src/inner")).expect("a folder");
    write(folder.path(), "work/src/lib.rs", "// nothing yet\n");
    let (saved, saves) = channel();
    let sources = Sources::new(vec![folder.path().join("work")], |path| {
        path.ends_with("left-out")
    });
    let watcher = Watcher::start(sources, how, move || {
        let _ = saved.send(()); // the test may be over
    });
    assert_eq!(watcher.how(), how);
    Watched {
        folder,
        saves,
        _watcher: watcher,
    }
}

fn write(root: &Path, path: &str, text: impl AsRef<[u8]>) {
    let file = root.join(path);
    fs::create_dir_all(file.parent().expect("in a folder")).expect("a folder");
    fs::write(file, text).expect("it is written");
}

impl Watched {
    fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        write(self.folder.path(), path, text);
    }

    fn is_told(&self, of: &str) {
        self.saves.recv_timeout(PATIENCE).expect(of);
        // What belongs to the same save may be told once more, when a slow machine has come between.
        while self.saves.recv_timeout(Duration::from_millis(300)).is_ok() {}
    }
}

fn each_way(check: impl Fn(Watched)) {
    for how in [How::Events, How::Looking] {
        check(watch(how));
    }
}

#[test]
fn every_way_to_save_is_told() {
    each_way(|watched| {
        watched.write("work/src/lib.rs", "// something\n");
        watched.is_told("written in place");
        watched.write("work/src/.lib.rs.new", "// other\n");
        let (from, to) = ("work/src/.lib.rs.new", "work/src/lib.rs");
        let root = watched.folder.path();
        fs::rename(root.join(from), root.join(to)).expect("it is renamed");
        watched.is_told("renamed over it");
        watched.write("work/src/inner/more.rs", "");
        watched.is_told("a new file in a folder");
        watched.write("work/src/new/deep/more.rs", "");
        watched.is_told("a new folder");
        watched.write("work/src/new/deep/more.rs", "// now in it\n");
        watched.is_told("in the new folder");
        fs::remove_file(root.join("work/src/inner/more.rs")).expect("it is removed");
        watched.is_told("removed");
    });
}

#[test]
fn a_folder_that_is_put_aside_and_begun_anew_is_still_watched() {
    each_way(|watched| {
        let root = watched.folder.path();
        fs::rename(root.join("work"), root.join("aside")).expect("it is renamed");
        watched.write("work/src/lib.rs", "// begun anew\n");
        watched.is_told("begun anew");
        watched.write("work/src/lib.rs", "// and written\n");
        watched.is_told("written in it");
    });
}

/// What is no save comes first, a save after it: one alone is told.
#[test]
fn what_nobody_has_written_is_not_told() {
    each_way(|watched| {
        for no_source in [
            "work/src/.lib.rs.swp",
            "work/src/lib.rs~",
            "work/src/4913",
            "work/target/debug/a.txt",
            "work/node_modules/a.js",
            "work/left-out/a.rs",
        ] {
            watched.write(no_source, "new\n");
        }
        watched.write("work/built/CACHEDIR.TAG", "Signature");
        watched.write("work/built/a.txt", "new\n");
        watched.write("work/server", b"\x7fELF\0\0");
        let lib = watched.folder.path().join("work/src/lib.rs");
        fs::read(lib).expect("reading is no saving");
        let early = watched.saves.recv_timeout(Duration::from_millis(1500));
        assert!(early.is_err(), "told of what is no source");
        watched.write("work/src/lib.rs", "// something\n");
        watched.is_told("a save");
    });
}
