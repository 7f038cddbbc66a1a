//! Where the tool is started.

use assert_cmd::Command;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use std::process::Output;
use std::time::Duration;
use tempfile::TempDir;

/// Nothing here builds more than a line, or judges more than a program that ends at once.
const PATIENCE: Duration = Duration::from_secs(120);

/// How a language is chosen.
pub(crate) struct Choice {
    pub(crate) lang: Option<&'static str>,
    locale: &'static str,
    pub(crate) is_chinese: bool,
}

/// By `--lang`, whatever the locale, and by the locale.
pub(crate) const CHOICES: [Choice; 4] = [
    choice(Some("en"), "zh_CN.UTF-8", false),
    choice(Some("zh"), "C.UTF-8", true),
    choice(None, "C.UTF-8", false),
    choice(None, "zh_CN.UTF-8", true),
];

const fn choice(lang: Option<&'static str>, locale: &'static str, is_chinese: bool) -> Choice {
    Choice {
        lang,
        locale,
        is_chinese,
    }
}

/// A checkout whose steps are the real one's, and whose copies are its own.
pub(crate) struct Checkout(TempDir);

impl Checkout {
    pub(crate) fn new() -> Checkout {
        let checkout = Checkout::empty();
        let root = terminal::workspace().expect("ours");
        for name in ["Cargo.toml", "Cargo.lock"] {
            fs::copy(root.join(name), checkout.path(name)).expect("it is copied");
        }
        for name in ["shared", "workshop", "book", "steps"] {
            symlink(root.join(name), checkout.path(name)).expect("a link");
        }
        fs::create_dir(checkout.path("work")).expect("a folder");
        checkout
    }

    /// A folder with nothing in it.
    pub(crate) fn empty() -> Checkout {
        Checkout(tempfile::tempdir().expect("a folder"))
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let file = self.path(path);
        fs::create_dir_all(file.parent().expect("in a folder")).expect("a folder");
        fs::write(&file, text).expect(path);
    }

    /// A file, or a folder with all that is in it.
    pub(crate) fn remove(&self, path: &str) {
        let path = self.path(path);
        let removed = match path.is_dir() {
            true => fs::remove_dir_all(&path),
            false => fs::remove_file(&path),
        };
        removed.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    pub(crate) fn link(&self, path: &str, to: &str) {
        symlink(to, self.path(path)).expect("a link");
    }

    /// What the tool says here, and how it ends.
    pub(crate) fn tool(&self, choice: &Choice, arguments: &[&str]) -> Said {
        let mut tool = Command::new(env!("CARGO_BIN_EXE_workshop"));
        self.said(&mut tool, choice, arguments)
    }

    /// The same where cargo is another program.
    pub(crate) fn tool_with_cargo(&self, cargo: &str, choice: &Choice, arguments: &[&str]) -> Said {
        let mut tool = Command::new(env!("CARGO_BIN_EXE_workshop"));
        self.said(tool.env("CARGO", cargo), choice, arguments)
    }

    /// The same where it can print nothing.
    pub(crate) fn tool_on_a_full_disk(&self, choice: &Choice, arguments: &[&str]) -> Said {
        let mut tool = Command::new("sh");
        tool.args(["-c", "exec \"$0\" \"$@\" >/dev/full"]);
        tool.arg(env!("CARGO_BIN_EXE_workshop"));
        self.said(&mut tool, choice, arguments)
    }

    /// What could stand in the place of the last word.
    pub(crate) fn complete(&self, choice: &Choice, words: &[&str]) -> Said {
        let mut tool = Command::new(env!("CARGO_BIN_EXE_workshop"));
        tool.env("WORKSHOP_COMPLETE", "fish")
            .args(["--", "workshop"]);
        self.said(&mut tool, choice, words)
    }

    fn said(&self, tool: &mut Command, choice: &Choice, arguments: &[&str]) -> Said {
        let lang = choice.lang.map(|lang| ["--lang", lang]);
        tool.args(lang.iter().flatten())
            .args(arguments)
            .current_dir(self.0.path())
            .env_remove("CARGO_TARGET_DIR")
            .env_remove("LANGUAGE")
            .env("LC_ALL", choice.locale)
            .timeout(PATIENCE);
        Said::of(&tool.output().expect("it runs"), self.0.path())
    }
}

/// What was said, and how it ended.
pub(crate) struct Said {
    pub(crate) words: String,
    pub(crate) status: Option<i32>,
}

impl Said {
    fn of(output: &Output, here: &Path) -> Said {
        let both = [&output.stdout[..], &output.stderr].concat();
        let words = String::from_utf8(both).expect("it is text");
        Said {
            words: words.replace(&*here.to_string_lossy(), "/here"),
            status: output.status.code(),
        }
    }
}
