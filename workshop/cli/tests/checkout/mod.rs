//! A checkout of a test's own, in which copies are begun, written and graded.
#![allow(dead_code)] // each test needs some of it

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tempfile::TempDir;
use terminal::{target_folder, workspace};

/// A build and a grade, on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);

/// Programs of one name are built in one place.
static BUILDS: Mutex<()> = Mutex::new(());

pub(crate) fn alone() -> MutexGuard<'static, ()> {
    BUILDS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A checkout with steps that may be changed; all else is the real one's.
pub(crate) struct Checkout {
    folder: TempDir,
    target: PathBuf,
}

impl Checkout {
    pub(crate) fn new() -> Checkout {
        let (folder, root) = (
            tempfile::tempdir().expect("a folder"),
            workspace().expect("ours"),
        );
        for name in ["Cargo.toml", "Cargo.lock", "work/Cargo.toml", "work/lib.rs"] {
            let to = folder.path().join(name);
            fs::create_dir_all(to.parent().expect("in a folder")).expect("a folder");
            fs::copy(root.join(name), to).expect("it is copied");
        }
        for name in ["shared", "workshop", "book"] {
            symlink(root.join(name), folder.path().join(name)).expect("a link");
        }
        copy(&root.join("steps"), &folder.path().join("steps"));
        Checkout {
            folder,
            target: target_folder().expect("cargo tells it"),
        }
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).expect(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        fs::write(self.path(path), text).expect(path);
    }

    /// Fills the copy's file as the reference has it.
    pub(crate) fn fill(&self, path: &str) {
        let reference = self.read(&format!("steps/02-fork-server/{path}"));
        self.write(&format!("work/fork-server/{path}"), &reference);
    }

    pub(crate) fn tool(&self, arguments: &[&str]) -> Assert {
        let mut tool = Command::new(env!("CARGO_BIN_EXE_workshop"));
        tool.args(["--lang", "en"])
            .args(arguments)
            .current_dir(self.folder.path())
            .env("CARGO_TARGET_DIR", &self.target)
            .timeout(PATIENCE);
        tool.assert()
    }

    /// Where its programs are built.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    pub(crate) fn grade(&self, arguments: &[&str]) -> Value {
        let graded = self.tool(&[&["grade"], arguments, &["--format", "json"]].concat());
        let output = graded.get_output();
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        match from.is_dir() {
            true => copy(&from, &to),
            false => drop(fs::copy(from, to).expect("it is copied")),
        }
    }
}
