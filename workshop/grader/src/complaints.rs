//! What a program has said on its standard error: which of it is shown, and by what two complaints
//! are the same.

use subject::KEPT;
use terminal::{Text, harmless};

/// How many lines are shown: of a traceback, the call that failed and the reason.
const SHOWN: usize = 5;
/// How much of a line is shown, in characters.
const WIDEST: usize = 160;

/// The last few lines, control characters escaped; of a panic in Rust, what it said, and not the
/// advice and the backtrace after it.
pub(crate) fn last_lines(complaints: &str) -> Vec<String> {
    let lines: Vec<&str> = worth_reading(complaints).collect();
    let panic = lines.iter().rposition(|line| line.contains("panicked at "));
    let last = match panic {
        Some(at) => &lines[at..lines.len().min(at + 2)],
        None => &lines[lines.len().saturating_sub(SHOWN)..],
    };
    last.iter().map(|line| shown(line)).collect()
}

/// The same as a note for a failure; none where nothing was said.
pub(crate) fn note(complaints: &str) -> Option<Text> {
    let lines = last_lines(complaints);
    match lines.as_slice() {
        [] => None,
        lines if complaints.len() >= KEPT => {
            let (lines, kept) = (lines.join("\n    "), KEPT >> 10);
            Some(Text::new(
                format!(
                    "it said so much on its standard error that only the first {kept} KiB of it are kept, which end:\n    {lines}"
                ),
                format!("它在标准错误上说得太多，只留下了开头 {kept} KiB，末尾是：\n    {lines}"),
            ))
        }
        [line] => Some(Text::new(
            format!("on its standard error: {line}"),
            format!("它在标准错误上说：{line}"),
        )),
        lines => {
            let lines = lines.join("\n    ");
            Some(Text::new(
                format!("the end of its standard error:\n    {lines}"),
                format!("它在标准错误上最后说的是：\n    {lines}"),
            ))
        }
    }
}

/// The one line that says why: of a panic, what it said; otherwise the last, which in most languages
/// is the reason.
pub(crate) fn reason(complaints: &str) -> Option<String> {
    let lines = last_lines(complaints);
    let is_panic = lines
        .first()
        .is_some_and(|line| line.contains("panicked at "));
    // A sanitizer's reason stands above a long story.
    let sanitizer = worth_reading(complaints)
        .find(|line| line.contains("Sanitizer: ") && line.contains("ERROR"));
    match (sanitizer, is_panic, lines.as_slice()) {
        (Some(line), ..) => Some(shown(line)),
        (None, true, [at, said, ..]) => {
            let place = at.split("panicked at ").nth(1).unwrap_or(at);
            Some(format!("{said} ({})", place.trim_end_matches(':')))
        }
        (None, _, lines) => lines.last().map(|line| line.trim().to_owned()),
    }
}

/// Has something in the program broken off? A log tells of many things that are no trouble.
pub(crate) fn tell_of_a_crash(complaints: &str) -> bool {
    const SIGNS: [&str; 9] = [
        "panicked at ",
        "Traceback (most recent call last)",
        "Exception in thread",
        "Unhandled exception",
        "terminate called after",
        "AddressSanitizer",
        "stack smashing detected",
        "panic: ",
        "runtime error: ",
    ];
    SIGNS.iter().any(|sign| complaints.contains(sign))
}

/// Why something in the program has broken off, if something has.
pub(crate) fn of_a_crash(complaints: &str) -> Option<String> {
    tell_of_a_crash(complaints)
        .then(|| reason(complaints))
        .flatten()
}

/// By what two reasons are the same: numbers and what stands in quotes may differ.
pub(crate) fn kind(reason: &str) -> String {
    let mut kind = String::new();
    let mut quote = None;
    let mut before = ' ';
    for c in reason.chars() {
        // An apostrophe within a word quotes nothing.
        let opens = matches!(c, '\'' | '"') && !before.is_alphanumeric();
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if opens => {
                kind.push(c);
                quote = Some(c);
            }
            None if c.is_ascii_digit() => {
                if !kind.ends_with('#') {
                    kind.push('#');
                }
            }
            // The rest of a number in hexadecimal, as in 0xaf.
            None if kind.ends_with('#') && (c == 'x' || c.is_ascii_hexdigit()) => {}
            None => kind.push(c),
        }
        before = c;
    }
    kind
}

fn worth_reading(complaints: &str) -> impl Iterator<Item = &str> {
    complaints.lines().filter(|line| !line.trim().is_empty())
}

fn shown(line: &str) -> String {
    let line = line.trim_end();
    let mut cut: String = line.chars().take(WIDEST).collect();
    if cut.len() < line.len() {
        cut.push('…');
    }
    harmless(&cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PYTHON: &str = "Traceback (most recent call last):\n  File \"server.py\", line 30, in <module>\n    main()\n  File \"server.py\", line 21, in main\n    line = data.decode()\n           ^^^^^^^^^^^^^\nUnicodeDecodeError: 'ascii' codec can't decode byte 0x80 in position 12\n";
    const RUST: &str = "listening\nthread 'main' (7) panicked at src/main.rs:9:5:\nindex out of bounds: the len is 4\nnote: run with `RUST_BACKTRACE=1`\n   0: std::panicking\n";

    #[test]
    fn of_a_traceback_the_reason_is_last_and_of_a_panic_first() {
        let reason_of = |said| reason(said).expect("there is one");
        assert!(reason_of(PYTHON).starts_with("UnicodeDecodeError: "));
        assert_eq!(
            reason_of(RUST),
            "index out of bounds: the len is 4 (src/main.rs:9:5)"
        );
        assert_eq!(last_lines(PYTHON).len(), SHOWN);
        assert_eq!(last_lines(RUST).len(), 2);
        assert!(reason("\n \n").is_none() && note("").is_none());
        assert!(tell_of_a_crash(PYTHON) && tell_of_a_crash(RUST));
        assert!(!tell_of_a_crash("127.0.0.1:9 has connected\n"));
    }

    #[test]
    fn numbers_and_what_is_quoted_make_no_other_reason() {
        let one = "UnicodeDecodeError: 'ascii' codec can't decode byte 0x80 in position 12";
        let other = "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xaf in position 4";
        assert_eq!(kind(one), kind(other));
        assert_ne!(
            kind(one),
            kind("UnicodeDecodeError: 'ascii' codec can't encode")
        );
    }

    #[test]
    fn nothing_of_it_reaches_the_terminal_as_a_command() {
        let note = note("one\n\u{1b}[2Jtwo\n").expect("something was said");
        assert!(!note.en.contains('\u{1b}') && !note.zh.contains('\u{1b}'));
        assert!(note.en.contains("\n    one\n    \\u{1b}[2Jtwo"));
        let long = last_lines(&"x".repeat(10_000));
        assert_eq!(long[0].chars().count(), WIDEST + 1);
    }
}
