//! The whole build: load, compare, expand, render three times, check, and only then replace.

use std::path::Path;

use anyhow::{Context, Result, bail};
use mdbook_driver::MDBook;

use crate::edition::Edition;
use crate::fault::{Fault, Faults};
use crate::{agreement, directives, pages, side_by_side, warnings};

/// Sends the reader on to the edition they chose last, or to the one in their browser's language.
const FRONT_PAGE: &str = include_str!("front.html");

/// Stands in every folder that a build has made, and so may replace.
const MARK: &str = ".made-by-book";

/// Builds all editions of the book in `root` into `out`.
///
/// # Errors
///
/// [`Faults`] when the book is not as it should be, and any other error when a file cannot be read
/// or written. `out` is then as it was before.
pub fn build(root: &Path, out: &Path) -> Result<()> {
    build_pages(root, out, None)
}

/// The same, with pages that open a WebSocket at `reload` and load again when it says so.
pub(crate) fn build_live(root: &Path, out: &Path, reload: &str) -> Result<()> {
    build_pages(root, out, Some(reload))
}

fn build_pages(root: &Path, out: &Path, reload: Option<&str>) -> Result<()> {
    let root = root
        .canonicalize()
        .with_context(|| format!("cannot open the book in {}", root.display()))?;
    let out = std::path::absolute(out)?;
    must_be_ours(&out)?;
    let parent = out.parent().unwrap_or(&root);
    std::fs::create_dir_all(parent)
        .with_context(|| format!("cannot make the folder {}", parent.display()))?;
    // Beside the output, for a folder can only be renamed within one file system.
    let scratch = tempfile::Builder::new()
        .prefix(".out-")
        .tempdir_in(parent)
        .with_context(|| format!("cannot make a temporary folder in {}", parent.display()))?;
    let new = scratch.path().join("new");

    let editions = load(&root, &new, reload)?;
    render(&editions)?;
    std::fs::write(new.join("index.html"), FRONT_PAGE)
        .and_then(|()| std::fs::write(new.join(MARK), ""))
        .with_context(|| format!("cannot write to {}", new.display()))?;
    let faults = pages::check(&new)
        .with_context(|| format!("cannot read the new pages in {}", new.display()))?;
    Faults::none(faults)?;

    replace(&out, &new, &scratch.path().join("old"))
}

/// Reads the two source books, compares and expands them, and joins them into the third.
fn load(root: &Path, out: &Path, reload: Option<&str>) -> Result<Vec<(Edition, MDBook)>> {
    let open = |edition: Edition| -> Result<MDBook> {
        let mut config = edition.config(root, out)?;
        if let Some(endpoint) = reload {
            config.set("output.html.live-reload-endpoint", endpoint)?;
        }
        let source = root.join(edition.source());
        MDBook::load_with_config(root, config)
            .with_context(|| format!("cannot load the chapters in {}", source.display()))
    };
    let english = open(Edition::English)?;
    let chinese = open(Edition::Chinese)?;
    let mut both = open(Edition::SideBySide)?;

    let mut faults = agreement::compare(root, &english.book, &chinese.book);
    both.book = side_by_side::join(&english.book, &chinese.book);
    let mut editions = vec![
        (Edition::English, english),
        (Edition::Chinese, chinese),
        (Edition::SideBySide, both),
    ];
    for (edition, book) in &mut editions {
        let found = directives::expand(*edition, root, &mut book.book);
        // Side by side has the same directives again, at lines that stand in no file.
        if *edition != Edition::SideBySide {
            faults.extend(found);
        }
    }
    Faults::none(faults)?;
    Ok(editions)
}

fn render(editions: &[(Edition, MDBook)]) -> Result<()> {
    let mut faults = Vec::new();
    for (edition, book) in editions {
        let folder = edition.folder();
        let (result, warned) = warnings::collect(|| book.build());
        result.with_context(|| format!("cannot render the {folder} edition"))?;
        faults.extend(warned.into_iter().map(|line| Fault::of(folder, line)));
    }
    Ok(Faults::none(faults)?)
}

/// `--out ~` must not empty somebody's home.
fn must_be_ours(out: &Path) -> Result<()> {
    let Ok(mut entries) = std::fs::read_dir(out) else {
        return Ok(());
    };
    if entries.next().is_some() && !out.join(MARK).exists() {
        bail!(
            "will not replace {}: there are files in it that no build of the book has made",
            out.display()
        );
    }
    Ok(())
}

/// Two renames: a reader finds the old pages or the new ones, never half of them.
fn replace(out: &Path, new: &Path, old: &Path) -> Result<()> {
    if out.exists() {
        std::fs::rename(out, old)
            .with_context(|| format!("cannot move the old pages in {} away", out.display()))?;
    }
    std::fs::rename(new, out)
        .with_context(|| format!("cannot put the new pages into {}", out.display()))
}
