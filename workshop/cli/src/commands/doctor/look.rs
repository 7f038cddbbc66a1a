//! How is looked: for a program, and what it says.

use std::error::Error;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::{Command, Output};
use terminal::{Text, chinese};

/// Where a program is, as a shell finds it.
pub(super) fn on_the_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// What a program says before it ends, or is given up; nothing where it cannot be started.
pub(super) fn ask(command: &mut Command) -> Option<Output> {
    subject::run_to_end(command, Vec::new()).ok()
}

/// The first line that it says, or why it says none.
pub(super) fn first_line(program: &str, arguments: &[&str]) -> Result<String, Text> {
    let output = subject::run_to_end(Command::new(program).args(arguments), Vec::new());
    let output = output.map_err(|error| match error.kind() {
        ErrorKind::NotFound if !program.contains('/') => not_on_the_path(program),
        _ => Text::new(
            format!("{program} cannot be started: {error}"),
            format!("{program} 启动不了：{}", chinese(&error)),
        ),
    })?;
    if !output.status.success() {
        let complaint = complaint(&output);
        let quoted = format!("“{complaint}”");
        return Err(Text::new(complaint, quoted));
    }
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(terminal::harmless(said.lines().next().unwrap_or_default()))
}

/// Of what it complained, the line that says most: the first with an error in it, or the last.
pub(super) fn complaint(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let lines = || said.lines().map(str::trim).filter(|line| !line.is_empty());
    let line = lines().find(|line| line.contains("error"));
    terminal::harmless(line.or(lines().next_back()).unwrap_or_default())
}

/// It is not there.
pub(super) fn not_on_the_path(name: &str) -> Text {
    Text::new(
        format!("{name} is not on the PATH"),
        format!("PATH 上没有 {name}"),
    )
}

/// Why something cannot be done.
pub(super) fn reason(error: &(dyn Error + 'static)) -> Text {
    Text::new(error.to_string(), chinese(error))
}

/// Names and versions are the same in both languages.
pub(super) fn as_it_is(words: impl Into<String>) -> Text {
    let words = words.into();
    Text::new(words.clone(), words)
}
