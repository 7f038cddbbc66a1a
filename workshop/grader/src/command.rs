//! A program's command: as it would be typed, and that it cannot be started.

use crate::diagnose::diagnose;
use crate::evidence::Evidence;
use crate::facts::Sign;
use crate::limits::is_lacking;
use crate::verdict::Trouble;
use std::io;
use std::path::Path;
use std::process::Command;
use terminal::{Text, chinese, harmless};

/// The command as one would type it into a shell, with all its arguments.
pub(crate) fn typed(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words = words.map(|word| word.to_string_lossy().into_owned());
    harmless(&shell_words::join(words)).replace('\n', "\\n")
}

/// A failed case: `program` could not be started by this command. Skipped where the judge lacks what is
/// needed to start any.
pub(crate) fn not_started(
    program: &Path,
    command: &Command,
    error: &io::Error,
    meaning: &Text,
) -> Trouble {
    if let Some(lacking) = is_lacking(error) {
        return lacking;
    }
    let typed = typed(command);
    let found = Text::new(
        format!("cannot start {typed}: {error}"),
        format!("{typed} 启动不了：{}", chinese(error)),
    );
    let trouble = Trouble::failed(Evidence::Note(found), meaning).sign(Sign::NotStarted);
    match diagnose(program, Some(error)) {
        Some(why) => trouble.meaning(&why),
        None => trouble,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_it_is_typed() {
        let mut command = Command::new("./a server");
        command.args(["--listen", "127.0.0.1:0", "it's", "\u{1b}[2J"]);
        assert_eq!(
            typed(&command),
            "'./a server' --listen 127.0.0.1:0 'it'\\''s' '\\u{1b}[2J'"
        );
    }
}
