//! What all tests share, made when the first one asks: the built book, a server of it, the browser.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context, Result, anyhow};
use tempfile::TempDir;

use crate::chromium::Chromium;
use crate::serving::Serving;
use crate::tab::Tab;

/// The folders of the editions.
pub(crate) const EDITIONS: [&str; 3] = ["en", "zh-CN", "bi"];

/// From where a page comes to the browser.
#[derive(Debug, Clone, Copy)]
pub(crate) enum From {
    /// From a folder, as whoever unpacks the book opens it.
    File,
    /// From `cargo run -p book -- serve`.
    Server,
}

impl From {
    pub(crate) const ALL: [From; 2] = [From::File, From::Server];

    pub(crate) fn name(self) -> &'static str {
        match self {
            From::File => "file",
            From::Server => "server",
        }
    }
}

/// See the module.
pub(crate) struct World {
    chromium: PathBuf,
    scratch: TempDir,
    browser: OnceLock<Result<Chromium, String>>,
    sources: OnceLock<Result<(), String>>,
    book: OnceLock<Result<(), String>>,
    server: OnceLock<Result<Serving, String>>,
}

impl World {
    pub(crate) fn new(chromium: PathBuf) -> Result<World> {
        let scratch = TempDir::new().context("cannot make a folder for the book")?;
        Ok(World {
            chromium,
            scratch,
            browser: OnceLock::new(),
            sources: OnceLock::new(),
            book: OnceLock::new(),
            server: OnceLock::new(),
        })
    }

    pub(crate) fn browser(&self) -> Result<&Chromium> {
        let browser = self
            .browser
            .get_or_init(|| Chromium::launch(&self.chromium).map_err(|error| format!("{error:#}")));
        browser.as_ref().map_err(|error| anyhow!("{error}"))
    }

    /// An empty page that may show this book and nothing else, and the book's address there.
    pub(crate) fn tab(&self, from: From) -> Result<(Tab<'_>, String)> {
        let home = match from {
            From::File => format!("file://{}/", self.folder()?.display()),
            From::Server => {
                let server = self.server.get_or_init(|| {
                    let out = self.scratch.path().join("live");
                    let serving = self
                        .sources()
                        .and_then(|sources| Serving::start(&sources, &out));
                    serving.map_err(|error| format!("{error:#}"))
                });
                let server = server.as_ref().map_err(|error| anyhow!("{error}"))?;
                format!("http://{}/", server.address)
            }
        };
        Ok((Tab::open(self.browser()?, &home)?, home))
    }

    /// The folder of the built book.
    pub(crate) fn folder(&self) -> Result<PathBuf> {
        let out = self.scratch.path().join("out");
        let built = self.book.get_or_init(|| {
            let built = self
                .sources()
                .and_then(|sources| book::site::build(&sources, &out));
            built.map(drop).map_err(|error| format!("{error:#}"))
        });
        built.as_ref().map_err(|error| anyhow!("{error}"))?;
        Ok(out)
    }
}

impl World {
    /// A copy of the book and of the code that it includes: whoever edits a chapter during the run
    /// must not have the server load the pages again.
    fn sources(&self) -> Result<PathBuf> {
        let project = self.scratch.path().join("project");
        let copied = self.sources.get_or_init(|| {
            let parts = ["book", "shared", "steps", "workshop"];
            let mut parts = parts.into_iter();
            let copied = parts.try_for_each(|part| {
                let from = root().join("..").join(part);
                copy(&from, &project.join(part))
                    .with_context(|| format!("cannot copy {}", from.display()))
            });
            copied.map_err(|error| format!("{error:#}"))
        });
        copied.as_ref().map_err(|error| anyhow!("{error}"))?;
        Ok(project.join("book"))
    }
}

/// Copies a folder without what was built in it.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        let shown = name.to_string_lossy();
        if shown.starts_with('.') || ["out", "out-live", "target"].contains(&&*shown) {
            continue;
        }
        let target = to.join(&name);
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// The book in the tree.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The pages of every edition, as the sources promise them.
pub(crate) fn pages() -> Result<Vec<String>> {
    let sources = root().join("en");
    let entries = std::fs::read_dir(&sources)
        .with_context(|| format!("cannot read {}", sources.display()))?;
    let names = entries.flatten().map(|entry| entry.file_name());
    let names = names.filter_map(|name| name.into_string().ok());
    let chapters = names.filter(|name| name != "SUMMARY.md");
    let pages = chapters.filter_map(|name| Some(format!("{}.html", name.strip_suffix(".md")?)));
    let made = ["index.html", "print.html", "toc.html"].map(str::to_owned);
    let mut pages: Vec<String> = pages.chain(made).collect();
    pages.sort();
    Ok(pages)
}
