//! What a terminal showed, in the words of the file, and whether it is what the file has.

use book::session::{Mark, Note, PORT};

/// The lines of an output as a session file would have them: without what only the machine knows.
///
/// `typed` has what was typed and what the file says instead; the shell repeats a command when it
/// stops one or brings it back.
pub(crate) fn cleaned(text: &str, port: Option<u16>, typed: &[(String, String)]) -> Vec<String> {
    let mut text = text.replace('\r', "");
    // The longest first: one command may be the beginning of another.
    let mut typed: Vec<_> = typed.iter().collect();
    typed.sort_by_key(|(real, _)| std::cmp::Reverse(real.len()));
    for (real, said) in typed {
        text = text.replace(real, said);
    }
    if let Some(port) = port {
        text = with_port(&text, &format!(":{port}"));
    }
    let mut lines: Vec<String> = text
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    let is_full = |line: &String| !line.is_empty();
    lines.truncate(lines.iter().rposition(is_full).map_or(0, |at| at + 1));
    lines.drain(..lines.iter().position(is_full).unwrap_or(0));
    lines
}

/// The text with the real port as [`PORT`], but not within a longer number.
fn with_port(text: &str, real: &str) -> String {
    let mut parts = text.split(real);
    let mut result = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let longer = part.starts_with(|c: char| c.is_ascii_digit());
        result.push_str(&if longer {
            real.to_owned()
        } else {
            format!(":{PORT}")
        });
        result.push_str(part);
    }
    result
}

/// Is this what the mark expects, as far as its notes ask for it?
pub(crate) fn same(expected: &[String], received: &[String], mark: &Mark) -> bool {
    let masked = |lines: &[String]| -> Vec<String> {
        let mut lines: Vec<String> = lines.iter().map(|line| masked(line, mark)).collect();
        if mark.has(Note::AnyOrder) {
            lines.sort();
        }
        lines
    };
    masked(expected) == masked(received)
}

fn masked(line: &str, mark: &Mark) -> String {
    let (numbers, ports) = (mark.has(Note::NumbersVary), mark.has(Note::PortsVary));
    if !numbers && !ports {
        return line.to_owned();
    }
    let mut masked = String::new();
    // A column of numbers is filled up from the left.
    let mut rest = line.trim_start();
    while let Some(first) = rest.chars().next() {
        let (run, sign) = match first {
            c if c.is_ascii_digit() => {
                let run = number(rest);
                // A port, or a limit that another machine sets otherwise.
                let is_port = run.len() > 3 && run != PORT;
                (
                    run,
                    if numbers || (ports && is_port) {
                        "#"
                    } else {
                        run
                    },
                )
            }
            ' ' => (
                &rest[..rest.len() - rest.trim_start_matches(' ').len()],
                " ",
            ),
            c => (&rest[..c.len_utf8()], &rest[..c.len_utf8()]),
        };
        masked.push_str(sign);
        rest = &rest[run.len()..];
    }
    masked
}

/// The number that a text begins with; `15,357` and `0.2` are one number each.
fn number(text: &str) -> &str {
    let mut end = 0;
    for (at, c) in text.char_indices() {
        let separates = matches!(c, ',' | '.');
        let goes_on = text[at + c.len_utf8()..].starts_with(|c: char| c.is_ascii_digit());
        if !(c.is_ascii_digit() || (separates && goes_on)) {
            break;
        }
        end = at + c.len_utf8();
    }
    &text[..end]
}
