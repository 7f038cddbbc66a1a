//! The three editions: where each comes from, and what mdBook must know of it.

use std::path::Path;

use anyhow::{Context, Result};
use mdbook_driver::config::Config;

/// One of the three books that are made from the two source folders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edition {
    /// English only.
    English,
    /// Chinese only.
    Chinese,
    /// Each English block followed by the Chinese one.
    SideBySide,
}

impl Edition {
    /// The folder of the edition's pages; also its name in the address and in `edition-switch.js`.
    pub fn folder(self) -> &'static str {
        match self {
            Edition::English => "en",
            Edition::Chinese => "zh-CN",
            Edition::SideBySide => "bi",
        }
    }

    /// The `lang` of the whole page; side by side, it is the Chinese blocks that are marked.
    pub fn language(self) -> &'static str {
        match self {
            Edition::English | Edition::SideBySide => "en",
            Edition::Chinese => "zh-CN",
        }
    }

    /// The folder of the edition's sources. Side by side has none of its own: it starts from the
    /// English ones.
    pub(crate) fn source(self) -> &'static str {
        self.language()
    }

    /// mdBook's configuration for this edition: the book's `book.toml`, and what differs from it.
    ///
    /// # Errors
    ///
    /// When `book.toml` cannot be read or is not what mdBook expects.
    pub(crate) fn config(self, root: &Path, out: &Path) -> Result<Config> {
        let file = root.join("book.toml");
        let mut config = Config::from_disk(&file)
            .with_context(|| format!("cannot use {} as mdBook's settings", file.display()))?;
        // Side by side, a lone title would favour one of the two readers.
        let title = config.book.title.take().unwrap_or_default();
        config.book.title = Some(match self {
            Edition::English => title,
            Edition::Chinese => "学会等待".to_owned(),
            Edition::SideBySide => format!("{title} · 学会等待"),
        });
        config.book.src = self.source().into();
        config.book.language = Some(self.language().to_owned());
        config.build.build_dir = out.join(self.folder());
        Ok(config)
    }
}
