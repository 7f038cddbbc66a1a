//! A command as a shell understands it.

use anyhow::Result;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use terminal::{Explain, Text, Told, text};

/// A command, split as a shell does it: what is started, and its arguments.
pub(super) fn words(command: &str) -> Result<(String, Vec<OsString>)> {
    let words = shell_words::split(command).ok().explain(|| {
        Text::new(
            format!("cannot understand the command {command}: a quotation mark is missing"),
            format!("看不懂这条命令：{command}（引号不成对）"),
        )
    })?;
    let mut words = words.into_iter();
    let path = words
        .next()
        .explain(|| text("there is no command", "命令是空的"))?;
    Ok((path, words.map(Into::into).collect()))
}

/// As a shell finds it: a name is looked for on the PATH, anything with a slash stands as it is.
pub(super) fn find_executable(name: &str) -> Result<PathBuf> {
    if !name.contains('/') {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let found = std::env::split_paths(&path).map(|folder| folder.join(name));
        let found = found.into_iter().find(|file| file.is_file());
        return found.ok_or_else(|| Told(not_on_the_path(name)).into());
    }
    let file = Path::new(name);
    if !file.is_file() {
        return Err(Told(Text::new(
            format!("there is no program {name}"),
            format!("没有 {name} 这个程序"),
        ))
        .into());
    }
    Ok(std::path::absolute(file)?)
}

/// A shell does not look into the folder that one stands in either.
fn not_on_the_path(name: &str) -> Text {
    match Path::new(name).is_file() {
        true => Text::new(
            format!(
                "there is no program {name} on the PATH; the one in this folder is called ./{name}: --bin ./{name}"
            ),
            format!("PATH 上没有 {name} 这个程序；这个目录里的那个要写成 ./{name}：--bin ./{name}"),
        ),
        false => Text::new(
            format!("there is no program {name} on the PATH, and none in this folder"),
            format!("PATH 上没有 {name} 这个程序，这个目录里也没有"),
        ),
    }
}
