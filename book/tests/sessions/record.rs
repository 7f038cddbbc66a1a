//! Writes outputs into a session file, so that nobody ever types one.

use book::session::{Mark, mark};

use crate::player::Failure;

/// The file's text with the outputs that were received. What still compares equal was handed back
/// as it stood, so that a second recording changes nothing.
pub(crate) fn recorded(
    text: &str,
    marks: &[Mark],
    outputs: &[Vec<String>],
) -> Result<String, Failure> {
    let mut lines: Vec<&str> = text.lines().collect();
    // From the end, so that the places before it stay where they are.
    for (mark, output) in marks.iter().zip(outputs).rev() {
        if let Some(line) = output.iter().find(|line| is_ambiguous(line)) {
            return Err(Failure {
                line: mark.line,
                what: format!("its output would not be read as one: {line:?}"),
            });
        }
        let place = mark.place.start - 1..mark.place.end - 1;
        lines.splice(place, output.iter().map(String::as_str));
    }
    Ok(lines.join("\n") + "\n")
}

/// Would this line of an output be taken for something else?
fn is_ambiguous(line: &str) -> bool {
    mark(0, line).is_some()
        || line.starts_with("# ")
        || line.contains("ANCHOR")
        || line.contains(|c: char| c.is_control() && c != '\t')
}
