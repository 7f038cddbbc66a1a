//! A book of one chapter in a temporary folder, whole as it stands, for tests that break it.

use std::path::{Path, PathBuf};

use book::ledger::Read;
use tempfile::TempDir;

/// Without a theme, without mdBook's own error page, and without a playground in the listings.
const SETTINGS: &str = "\
[book]
title = \"Tiny\"

[output.html]
input-404 = \"\"

[output.html.playground]
runnable = false
";

/// The step that the chapter includes.
pub(crate) const STEP: &str = "\
// Line 1 of 9.
fn main() {
    // ANCHOR: whole
    first();
    // ANCHOR: nested
    second();
    // ANCHOR_END: nested
    // ANCHOR_END: whole
}
";

pub(crate) const ENGLISH: &str = "\
# Waiting {#waiting}

The process sleeps in `read`.

It wakes. See [the code](#code).

## Code {#code}

```rust
{{#include ../../steps/one/main.rs:whole}}
```

```rust
{{#include ../../steps/one/main.rs:nested}}
```
";

pub(crate) const CHINESE: &str = "\
# 等待 {#waiting}

进程睡在 `read` 里。

它醒了。见[代码](#code)。

## 代码 {#code}

```rust
{{#include ../../steps/one/main.rs:whole}}
```

```rust
{{#include ../../steps/one/main.rs:nested}}
```
";

/// A project with a book in it.
pub(crate) struct Tiny {
    project: TempDir,
}

impl Tiny {
    /// A book without faults.
    pub(crate) fn new() -> Tiny {
        let tiny = Tiny {
            project: TempDir::new().expect("a temporary folder"),
        };
        tiny.write("book/book.toml", SETTINGS);
        tiny.write("book/en/SUMMARY.md", "# Summary\n\n- [Waiting](one.md)\n");
        tiny.write("book/zh-CN/SUMMARY.md", "# 目录\n\n- [等待](one.md)\n");
        tiny.write("book/en/one.md", ENGLISH);
        tiny.write("book/zh-CN/one.md", CHINESE);
        tiny.write("steps/one/main.rs", STEP);
        tiny
    }

    /// Writes a file, named from the project's root.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        let folder = path.parent().expect("a file is in a folder");
        std::fs::create_dir_all(folder).expect("folders can be made in the temporary folder");
        // In one step, for whoever watches the folder: half a file would be another fault.
        let new = path.with_file_name(".new");
        std::fs::write(&new, text).expect("files can be written in the temporary folder");
        std::fs::rename(&new, &path).expect("files can be renamed in the temporary folder");
    }

    /// Replaces a part of both chapters; the part must be there.
    pub(crate) fn replace_in_both(&self, old: &str, new: &str) {
        self.replace("book/en/one.md", old, new);
        self.replace("book/zh-CN/one.md", old, new);
    }

    /// Replaces a part of a file; the part must be there.
    pub(crate) fn replace(&self, name: &str, old: &str, new: &str) {
        let text = self.read(name);
        assert!(text.contains(old), "{name} has no {old:?}");
        self.write(name, &text.replacen(old, new, 1));
    }

    pub(crate) fn read(&self, name: &str) -> String {
        let path = self.path(name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.project.path().join(name)
    }

    pub(crate) fn out(&self) -> PathBuf {
        self.path("book/out")
    }

    /// Builds all editions; an error in words.
    pub(crate) fn build(&self) -> Result<(), String> {
        self.build_into(&self.out())
    }

    pub(crate) fn build_into(&self, out: &Path) -> Result<(), String> {
        // Tests of everything but the ledger have read both languages; where the two are not of
        // one shape, the build says so itself.
        let _ = self.accept();
        self.build_unread(out)
    }

    /// Accepts all paragraphs as they stand.
    pub(crate) fn accept(&self) -> Result<Vec<String>, String> {
        self.accept_read(&Read::All)
    }

    /// Accepts the paragraph at a place, `FILE:LINE`.
    pub(crate) fn accept_at(&self, place: &str) -> Result<Vec<String>, String> {
        self.accept_read(&Read::At(vec![place.parse()?]))
    }

    fn accept_read(&self, read: &Read) -> Result<Vec<String>, String> {
        book::site::accept(&self.path("book"), read).map_err(|error| format!("{error:#}"))
    }

    /// Builds without accepting first.
    pub(crate) fn build_unread(&self, out: &Path) -> Result<(), String> {
        let built = book::site::build(&self.path("book"), out);
        built.map(drop).map_err(|error| format!("{error:#}"))
    }

    /// The words of the error of a build that must fail.
    pub(crate) fn fault(&self) -> String {
        self.build().expect_err("the planted fault was not found")
    }
}
