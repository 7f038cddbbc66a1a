//! Writes outputs into a session file, so that nobody ever types one.

use book::session::{CHINESE, Mark, mark};

use crate::compare::same;
use crate::player::Failure;

/// The file's text with the outputs that were received in English and in Chinese. What still compares
/// equal was handed back as it stood, so that a second recording changes nothing; and the Chinese that
/// compares equal to the English stands nowhere.
pub(crate) fn recorded(
    text: &str,
    marks: &[Mark],
    english: &[Vec<String>],
    chinese: &[Vec<String>],
) -> Result<String, Failure> {
    let mut lines: Vec<&str> = text.lines().collect();
    // From the end, so that the places before it stay where they are.
    for ((mark, english), chinese) in marks.iter().zip(english).zip(chinese).rev() {
        let mut both = english.iter().chain(chinese);
        if let Some(line) = both.find(|line| is_ambiguous(line)) {
            return Err(Failure {
                line: mark.line,
                what: format!("its output would not be read as one: {line:?}"),
            });
        }
        let mut output: Vec<&str> = english.iter().map(String::as_str).collect();
        if !same(english, chinese, mark) {
            output.push(CHINESE);
            output.extend(chinese.iter().map(String::as_str));
        }
        let last = mark.chinese.as_ref().unwrap_or(&mark.output);
        let place = mark.output.place.start - 1..last.place.end - 1;
        lines.splice(place, output);
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
