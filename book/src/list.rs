//! A list that stands beside the chapters, as a file of TOML.

use anyhow::{Context, Result};
use serde::de::DeserializeOwned;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// What stands in `file` of the book in `root`; without the file, an empty list.
///
/// # Errors
///
/// When the file is there and cannot be read, or is not of this form.
pub(crate) fn read<T: DeserializeOwned + Default>(root: &Path, file: &str) -> Result<T> {
    let path = root.join(file);
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(T::default()),
        text => text.with_context(|| format!("cannot read {}", path.display()))?,
    };
    toml::from_str(&text).with_context(|| format!("cannot use {}", path.display()))
}
