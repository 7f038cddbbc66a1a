//! Draws the figures whose numbers were measured, from the files that the measuring has left.

mod noticed;
mod per_client;
mod picture;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// A drawing's path below the book's folder, and what has to stand there.
pub type Drawing = (&'static str, String);

/// Every drawing, as the measured files of the book in `root` have it.
///
/// # Errors
///
/// When a measured file cannot be read, or does not have what its drawing shows.
pub fn drawings(root: &Path) -> Result<Vec<Drawing>> {
    let draw = |from: &str, to, how: fn(&str) -> Result<String>| -> Result<Drawing> {
        let path = root.join(from);
        let text = std::fs::read_to_string(&path);
        let text = text.with_context(|| format!("cannot read {}", path.display()))?;
        let drawn = how(&text).with_context(|| format!("cannot draw {}", path.display()))?;
        Ok((to, drawn))
    };
    Ok(vec![
        draw(
            "sessions/01-blocking-client.session",
            "measured/noticed.svg",
            noticed::draw,
        )?,
        draw(
            "measured/tour-table.txt",
            "measured/per-client.svg",
            per_client::draw,
        )?,
    ])
}

/// Writes every drawing to its place, and returns the places.
///
/// # Errors
///
/// When one cannot be drawn or written.
pub fn write(root: &Path) -> Result<Vec<PathBuf>> {
    let drawings = drawings(root)?.into_iter();
    let written = drawings.map(|(to, drawn)| {
        let path = root.join(to);
        std::fs::write(&path, drawn).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    });
    written.collect()
}
