//! `terms.toml`: the terms of the glossary and their forms.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::edition::Edition;
use crate::fault::shown;

/// The chapter that explains the terms; under this name in both languages.
pub(super) const PAGE: &str = "glossary.md";

/// Beside `book.toml`.
const FILE: &str = "terms.toml";

/// The terms of the book's glossary, by the ids of their headings.
#[derive(Debug)]
pub struct Glossary {
    pub(super) terms: BTreeMap<String, Term>,
    /// How `terms.toml` is called in messages, and what stands in it.
    pub(super) file: String,
    source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Term {
    /// The forms that are the term in English; the first one is its name.
    en: Vec<String>,
    /// The same in Chinese.
    zh: Vec<String>,
    /// What others call it, and this book does not.
    #[serde(default)]
    pub(super) avoid: Vec<String>,
    /// Phrases that hold a form and mean something else.
    #[serde(default)]
    pub(super) except: Vec<String>,
    /// Why one language of a chapter may use the term and the other not.
    pub(super) loose: Option<String>,
}

impl Term {
    /// The forms in the language of an edition's sources.
    pub(super) fn forms(&self, edition: Edition) -> &[String] {
        match edition {
            Edition::English | Edition::SideBySide => &self.en,
            Edition::Chinese => &self.zh,
        }
    }

    pub(super) fn name(&self, edition: Edition) -> &str {
        self.forms(edition).first().map_or("", String::as_str)
    }
}

impl Glossary {
    /// Reads the terms of the book in `root`; a book without the file has none.
    ///
    /// # Errors
    ///
    /// When the file is there and cannot be read, or is not of this form.
    pub fn read(root: &Path) -> Result<Glossary> {
        let path = root.join(FILE);
        let source = match std::fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            source => source.with_context(|| format!("cannot read {}", path.display()))?,
        };
        Glossary::parse(shown(root.parent().unwrap_or(root), &path), source)
    }

    /// Reads what stands in the file of this name.
    pub(super) fn parse(file: String, source: String) -> Result<Glossary> {
        let terms = toml::from_str(&source)
            .with_context(|| format!("cannot use {file} as the glossary's terms"))?;
        Ok(Glossary {
            terms,
            file,
            source,
        })
    }

    /// The line of `terms.toml` at which a term begins.
    pub(super) fn line(&self, id: &str) -> usize {
        let head = format!("[{id}]");
        let at = self.source.lines().position(|line| line.trim() == head);
        at.map_or(1, |at| at + 1)
    }
}
