//! Whether a mark went as it should have, in words for the author.

use book::session::{Action, Mark, Note};

use crate::terminal::Shown;

/// Has the command ended as it should, or gone on as it should?
pub(crate) fn judge(
    mark: &Mark,
    expected: &[String],
    expects_prompt: bool,
    shown: &Shown,
    received: &[String],
) -> Result<(), String> {
    let what = match (expects_prompt, shown.status) {
        (true, None) => "it does not end: no prompt has come".to_owned(),
        (false, Some(status)) => format!("it has ended, with status {status}, and was to go on"),
        (true, Some(status)) if is_silent_command(mark) && status != 0 => {
            format!("it has ended with status {status}, and showed") + &indented(received)
        }
        _ => return Ok(()),
    };
    match mark.has(Note::OutputNotShown) {
        true => Err(what),
        false => Err(what + "\n" + &difference(expected, received)),
    }
}

/// Of such a command the exit status is all that is looked at.
fn is_silent_command(mark: &Mark) -> bool {
    mark.has(Note::OutputNotShown) && matches!(mark.action, Action::Command(_))
}

/// What should have been shown, and what was.
pub(crate) fn difference(expected: &[String], received: &[String]) -> String {
    format!(
        "expected{}\nreceived{}",
        indented(expected),
        indented(received)
    )
}

fn indented(lines: &[String]) -> String {
    match lines {
        [] => " nothing".to_owned(),
        _ => lines.iter().map(|line| format!("\n    {line}")).collect(),
    }
}
