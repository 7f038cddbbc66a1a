//! The whole build: load, compare, expand, render three times, check, and only then replace.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use mdbook_driver::MDBook;
use mdbook_driver::book::Book;
use tempfile::TempDir;

use crate::coverage::{self, Coverage};
use crate::edition::Edition;
use crate::fault::{Fault, Faults, shown};
use crate::glossary::Glossary;
use crate::ledger::{Pair, Read};
use crate::{
    agreement, directives, figures_in_prose, ledger, lint, origin, pages, session, side_by_side,
    surroundings, tics, warnings,
};

/// Sends the reader on to the edition they chose last, or to the one in their browser's language.
const FRONT_PAGE: &str = include_str!("front.html");

/// Stands in every folder that a build has made, and so may replace.
const MARK: &str = ".made-by-book";

/// What a build has to tell, besides the pages.
#[derive(Debug)]
pub struct Built {
    /// How much of each step its chapter shows.
    pub coverage: Vec<Coverage>,
    /// Paragraphs that were not read side by side since they changed. While a book is being
    /// written these are no reason to show nothing; only a live build leaves any.
    pub unread: Vec<Fault>,
}

/// Builds all editions of the book in `root` into `out`.
///
/// # Errors
///
/// [`Faults`] when the book is not as it should be, and any other error when a file cannot be read
/// or written. `out` is then as it was before.
pub fn build(root: &Path, out: &Path) -> Result<Built> {
    build_pages(root, out, None)
}

/// The same, with pages that open a WebSocket at `reload` and load again when it says so.
pub(crate) fn build_live(root: &Path, out: &Path, reload: &str) -> Result<Built> {
    build_pages(root, out, Some(reload))
}

/// Notes in the ledger that both languages of what was read say the same, as they stand now. Returns
/// what was noted, as text for people.
///
/// # Errors
///
/// [`Faults`] when the two languages are not of one shape, so that it is not clear what belongs to
/// what; any other error when no pair is at a place, or a file cannot be read or written.
pub fn accept(root: &Path, read: &Read) -> Result<Vec<String>> {
    let root = opened(root)?;
    ledger::accept(&root, &paragraphs(&root)?, read)
}

/// Both languages of every pair of paragraphs that is not in the ledger, as text for people.
///
/// # Errors
///
/// As for [`accept`].
pub fn unread(root: &Path) -> Result<Vec<String>> {
    let root = opened(root)?;
    ledger::unread(&root, &paragraphs(&root)?)
}

/// How often each tic stands in each chapter.
///
/// # Errors
///
/// When a file cannot be read.
pub fn tics(root: &Path) -> Result<Vec<tics::Count>> {
    let root = opened(root)?;
    let (english, chinese) = sources(&root)?;
    Ok(tics::count(&root, &english, &chinese)?.0)
}

/// Both books as their authors wrote them.
fn sources(root: &Path) -> Result<(Book, Book)> {
    let scratch = Path::new("never-written");
    let english = load(root, scratch, Edition::English, None)?.book;
    Ok((english, load(root, scratch, Edition::Chinese, None)?.book))
}

fn paragraphs(root: &Path) -> Result<Vec<Pair>> {
    let (english, chinese) = sources(root)?;
    Faults::none(agreement::compare(root, &english, &chinese))?;
    Ok(ledger::pairs(root, &english, &chinese))
}

fn build_pages(root: &Path, out: &Path, reload: Option<&str>) -> Result<Built> {
    let root = opened(root)?;
    let out = std::path::absolute(out)?;
    let scratch = beside(&root, &out)?;
    let new = scratch.path().join("new");
    go_on()?;

    let (editions, mut built) = prepare(&root, &new, reload)?;
    if reload.is_none() {
        Faults::none(std::mem::take(&mut built.unread))?;
    }
    render(&editions)?;
    std::fs::write(new.join("index.html"), FRONT_PAGE)
        .and_then(|()| std::fs::write(new.join(MARK), ""))
        .with_context(|| format!("cannot write to {}", new.display()))?;
    let faults = pages::check(&new)
        .with_context(|| format!("cannot read the new pages in {}", new.display()))?;
    Faults::none(faults)?;

    go_on()?;
    replace(&out, &new, &scratch.path().join("old"))?;
    Ok(built)
}

/// Could a build of the book in `root` be put into `out`? Whether there is anything to put there,
/// only the build can tell.
///
/// # Errors
///
/// When it could not.
pub(crate) fn can_be_built_into(root: &Path, out: &Path) -> Result<()> {
    beside(&opened(root)?, &std::path::absolute(out)?).map(drop)
}

/// A folder for new pages beside those in `out`, for a folder can only be renamed within one file
/// system.
fn beside(root: &Path, out: &Path) -> Result<TempDir> {
    const WAY_OUT: &str = "put the pages elsewhere with --out DIR";
    must_be_ours(out)?;
    let parent = out.parent().unwrap_or(root);
    std::fs::create_dir_all(parent)
        .with_context(|| format!("cannot make the folder {} ({WAY_OUT})", parent.display()))?;
    let folder = tempfile::Builder::new().prefix(".out-").tempdir_in(parent);
    folder.with_context(|| format!("cannot write in {} ({WAY_OUT})", parent.display()))
}

/// Between two parts of a build: nobody who has asked the program to end should wait for the rest.
fn go_on() -> Result<()> {
    match surroundings::asked_to_end() {
        None => Ok(()),
        Some(_) => bail!("interrupted; the pages are as they were"),
    }
}

fn opened(root: &Path) -> Result<PathBuf> {
    root.canonicalize()
        .with_context(|| format!("cannot open the book in {}", root.display()))
}

fn load(root: &Path, out: &Path, edition: Edition, reload: Option<&str>) -> Result<MDBook> {
    let mut config = edition.config(root, out)?;
    if let Some(endpoint) = reload {
        config.set("output.html.live-reload-endpoint", endpoint)?;
    }
    let source = root.join(edition.source());
    MDBook::load_with_config(root, config)
        .with_context(|| format!("cannot load the chapters in {}", source.display()))
}

/// Reads the two source books, checks and expands them, and joins them into the third.
fn prepare(
    root: &Path,
    out: &Path,
    reload: Option<&str>,
) -> Result<(Vec<(Edition, MDBook)>, Built)> {
    Faults::none(linked_folders(root)?)?;
    let mut english = load(root, out, Edition::English, reload)?;
    let mut chinese = load(root, out, Edition::Chinese, reload)?;
    let mut both = load(root, out, Edition::SideBySide, reload)?;

    let mut faults = agreement::compare(root, &english.book, &chinese.book);
    let unread = if faults.is_empty() {
        ledger::check(root, &ledger::pairs(root, &english.book, &chinese.book))?
    } else {
        // Where the shapes differ, it is not clear which paragraphs belong together.
        Vec::new()
    };
    faults.extend(lint::check(root, &english.book, &chinese.book));
    faults.extend(tics::check(root, &english.book, &chinese.book)?);
    faults.extend(figures_in_prose::check(root, &english.book, &chinese.book)?);
    let glossary = Glossary::read(root)?;
    faults.extend(glossary.check(root, &english.book, &chinese.book));
    faults.extend(origin::check(root, &english.book)?);
    faults.extend(
        session::check(root, &english.book, &chinese.book).context("cannot read the sessions")?,
    );
    let (coverage, missing) = coverage::check(root, &english.book)?;
    faults.extend(missing);
    // After all that compares or names lines, and before the two become one.
    glossary.link(Edition::English, &mut english.book);
    glossary.link(Edition::Chinese, &mut chinese.book);
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
    Ok((editions, Built { coverage, unread }))
}

/// mdBook copies all that stands beside the chapters, and would follow a link to a folder wherever it
/// leads: upwards, for ever.
fn linked_folders(root: &Path) -> Result<Vec<Fault>> {
    fn look(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                match path.is_symlink() {
                    true => found.push(path),
                    false => look(&path, found)?,
                }
            }
        }
        Ok(())
    }
    let mut found = Vec::new();
    for edition in [Edition::English, Edition::Chinese] {
        let folder = root.join(edition.source());
        look(&folder, &mut found).with_context(|| format!("cannot list {}", folder.display()))?;
    }
    found.sort();
    let project = root.parent().unwrap_or(root);
    let fault = |path: PathBuf| {
        let what = "a link to a folder cannot stand beside the chapters: mdBook would copy all that \
                    it leads to";
        Fault::of(&shown(project, &path), what)
    };
    Ok(found.into_iter().map(fault).collect())
}

fn render(editions: &[(Edition, MDBook)]) -> Result<()> {
    let mut faults = Vec::new();
    for (edition, book) in editions {
        go_on()?;
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
            "will not replace {}: there are files in it that no build of the book has made \
             (put the pages elsewhere with --out DIR)",
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
