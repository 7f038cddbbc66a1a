//! What all tests share, made when the first one asks: the built book, a server of it, the browser.

use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use anyhow::{Context, Result, anyhow};
use tempfile::TempDir;

use crate::chromium::Chromium;
use crate::serving::Serving;
use crate::tab::{Frames, Tab};

/// The folders of the editions.
pub(crate) const EDITIONS: [&str; 3] = ["en", "zh-CN", "bi"];

/// From where a page comes to the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// Pages between two tests.
    readers: Mutex<Vec<(From, Tab)>>,
    browser: OnceLock<Result<Arc<Chromium>, String>>,
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
            readers: Mutex::default(),
            browser: OnceLock::new(),
            sources: OnceLock::new(),
            book: OnceLock::new(),
            server: OnceLock::new(),
        })
    }

    pub(crate) fn browser(&self) -> Result<Arc<Chromium>> {
        let browser = self.browser.get_or_init(|| {
            let launched = Chromium::launch(&self.chromium);
            launched.map(Arc::new).map_err(|error| format!("{error:#}"))
        });
        let browser = browser.as_ref().map_err(|error| anyhow!("{error}"))?;
        Ok(Arc::clone(browser))
    }

    /// A page for a test that leaves nothing behind but what `Tab::renew` undoes: one that another
    /// test has had before, if there is one, as to open a page takes as long as all that is then
    /// looked at. Nothing is drawn of it.
    pub(crate) fn reader(&self, from: From) -> Result<(Reader<'_>, String)> {
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        let known = readers.iter().position(|(known, _)| *known == from);
        let known = known.map(|place| readers.swap_remove(place).1);
        drop(readers);
        let home = self.home(from)?;
        // One that some test has left in no state to answer fails no other test.
        let known = known.and_then(|mut tab| tab.renew(&home).is_ok().then_some(tab));
        let tab = match known {
            Some(tab) => tab,
            None => Tab::open(self.browser()?, &home, Frames::None)?,
        };
        let reader = Reader {
            world: self,
            from,
            tab: Some(tab),
        };
        Ok((reader, home))
    }

    /// An empty page in a window, that may show this book and nothing else, and the book's address there.
    pub(crate) fn tab(&self, from: From) -> Result<(Tab, String)> {
        let home = self.home(from)?;
        Ok((Tab::open(self.browser()?, &home, Frames::Drawn)?, home))
    }

    /// The book's address.
    fn home(&self, from: From) -> Result<String> {
        Ok(match from {
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
        })
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

/// A page that goes back when it is dropped.
pub(crate) struct Reader<'w> {
    world: &'w World,
    from: From,
    tab: Option<Tab>,
}

impl Deref for Reader<'_> {
    type Target = Tab;

    fn deref(&self) -> &Tab {
        self.tab.as_ref().expect("it is here until it is dropped")
    }
}

impl DerefMut for Reader<'_> {
    fn deref_mut(&mut self) -> &mut Tab {
        self.tab.as_mut().expect("it is here until it is dropped")
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        let readers = &self.world.readers;
        let mut readers = readers.lock().unwrap_or_else(PoisonError::into_inner);
        readers.extend(self.tab.take().map(|tab| (self.from, tab)));
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
            // A number in prose comes from it.
            let manifest = root().join("../Cargo.toml");
            let copied = copied.and_then(|()| {
                std::fs::copy(&manifest, project.join("Cargo.toml"))
                    .with_context(|| format!("cannot copy {}", manifest.display()))?;
                Ok(())
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
pub(crate) fn root() -> &'static Path {
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
