use crate::copy::{WORK, cannot_make};
use anyhow::Result;
use std::fs;
use std::path::{Path, PathBuf};
use terminal::{Explain, Text};

/// Where what is put aside goes: no crate that cargo would look for.
const ASIDE: &str = ".aside";

/// Moves `work/NAME` of the checkout at `root` into a folder of this moment, and tells where it is now,
/// as one types it at the root.
///
/// # Errors
///
/// When it cannot be moved.
pub fn put_aside(root: &Path, name: &str) -> Result<PathBuf> {
    let (from, to) = (root.join(WORK).join(name), place(root)?.join(name));
    fs::rename(&from, &to).explain(|| {
        let (from, to) = (from.display(), to.display());
        Text::new(
            format!("cannot move {from} to {to}"),
            format!("无法把 {from} 移到 {to}"),
        )
    })?;
    Ok(to.strip_prefix(root).unwrap_or(&to).to_owned())
}

/// The same, and leaves it where it is: what is not a source, and so can be made again, is left out.
///
/// # Errors
///
/// When it cannot be copied.
pub(crate) fn keep_aside(root: &Path, name: &str) -> Result<PathBuf> {
    let (from, to) = (root.join(WORK).join(name), place(root)?.join(name));
    copy(&from, &to).explain(|| {
        let from = from.display();
        Text::new(format!("cannot copy {from}"), format!("无法复制 {from}"))
    })?;
    Ok(to.strip_prefix(root).unwrap_or(&to).to_owned())
}

/// A folder of this moment that was not there before.
fn place(root: &Path) -> Result<PathBuf> {
    let now = chrono::Utc::now().format("%Y-%m-%dT%H-%M-%S");
    let aside = root.join(WORK).join(ASIDE);
    let mut names = (1..).map(|count| match count {
        1 => format!("{now}Z"),
        _ => format!("{now}Z-{count}"),
    });
    let folder = names.find(|name| !aside.join(name).exists());
    let folder = aside.join(folder.expect("there is always another name"));
    fs::create_dir_all(&folder).explain(|| cannot_make(&folder))?;
    Ok(folder)
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (name, kind) = (entry.file_name(), entry.file_type()?);
        if kind.is_dir() && name != "target" {
            copy(&entry.path(), &to.join(name))?;
        } else if kind.is_file() {
            fs::copy(entry.path(), to.join(name))?;
        }
    }
    Ok(())
}
