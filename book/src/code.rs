//! The fenced blocks of a chapter, and the files that they come from.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use mdbook_driver::book::{Book, Chapter};
use mdbook_markdown::pulldown_cmark::{CodeBlockKind, Event, Tag};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};

use crate::edition::Edition;
use crate::fault::shown;
use crate::include;

/// A fenced block, wherever in the chapter it stands.
#[derive(Debug)]
pub(crate) struct CodeBlock {
    /// The line of its fence in the chapter, counted from 1.
    pub(crate) line: usize,
    /// What follows the fence: the language, and attributes behind commas.
    pub(crate) info: String,
    pub(crate) body: String,
}

impl CodeBlock {
    pub(crate) fn language(&self) -> &str {
        self.info.split([',', ' ']).next().unwrap_or_default()
    }

    /// The target, when the block is one include directive and nothing else.
    pub(crate) fn target(&self) -> Option<&str> {
        include::lone_target(&self.body)
    }
}

/// All fenced and indented code blocks of a chapter, in its order.
pub(crate) fn blocks(markdown: &str) -> Vec<CodeBlock> {
    let parser = new_cmark_parser(markdown, &MarkdownOptions::default());
    let mut blocks: Vec<CodeBlock> = Vec::new();
    let mut inside = false;
    for (event, range) in parser.into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                inside = true;
                blocks.push(CodeBlock {
                    line: markdown[..range.start].matches('\n').count() + 1,
                    info: match kind {
                        CodeBlockKind::Fenced(info) => info.to_string(),
                        CodeBlockKind::Indented => String::new(),
                    },
                    body: String::new(),
                });
            }
            Event::Text(text) if inside => {
                if let Some(block) = blocks.last_mut() {
                    block.body.push_str(&text);
                }
            }
            Event::End(_) => inside = false,
            _ => {}
        }
    }
    blocks
}

/// A chapter of the English book as it stands on the disk.
pub(crate) struct Source<'a> {
    /// Its path from the project's root, for messages.
    pub(crate) file: String,
    /// Its path in the book: `02-fork-server.md`.
    pub(crate) name: &'a Path,
    /// Its folder, from which directives find their files.
    pub(crate) folder: PathBuf,
    pub(crate) text: &'a str,
}

/// The chapters of `book`, drafts left out.
pub(crate) fn sources<'a>(
    root: &Path,
    edition: Edition,
    book: &'a Book,
) -> impl Iterator<Item = Source<'a>> {
    let project = root.parent().unwrap_or(root).to_path_buf();
    let folder = root.join(edition.source());
    book.chapters().filter_map(move |chapter: &'a Chapter| {
        let name = chapter.source_path.as_deref()?;
        let path = folder.join(name);
        Some(Source {
            file: shown(&project, &path),
            name,
            folder: path.parent().unwrap_or(&folder).to_path_buf(),
            text: &chapter.content,
        })
    })
}

/// All Rust files below a folder, sorted; none if there is no such folder.
///
/// # Errors
///
/// When a folder cannot be listed.
pub(crate) fn rust_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    if folder.is_dir() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                // A link may lead upwards, and there would be no end.
                if !path.is_symlink() {
                    files.extend(rust_files(&path)?);
                }
            } else if path.extension().is_some_and(|end| end == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_in_a_list_is_found_without_its_indentation() {
        let blocks = blocks("- a\n\n  ```rust,x\n  {{#include a.rs}}\n  ```\n");
        assert_eq!(blocks.len(), 1);
        assert_eq!(
            (
                blocks[0].line,
                blocks[0].language(),
                blocks[0].info.as_str()
            ),
            (3, "rust", "rust,x")
        );
        assert_eq!(blocks[0].target(), Some("a.rs"));
    }
}
