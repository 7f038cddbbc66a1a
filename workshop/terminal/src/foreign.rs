//! What another program has said, on its way to a terminal.

use std::fmt::Write;

/// The words with nothing in them that a terminal would obey: control characters, and those that turn
/// the direction of writing, are shown as `\u{1b}`, `\t`, `\r`. Newlines are left as they are.
pub fn harmless(foreign: &str) -> String {
    let mut shown = String::with_capacity(foreign.len());
    for c in foreign.chars() {
        if c != '\n' && (c.is_control() || turns(c)) {
            let _ = write!(shown, "{}", c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Marks that change the order in which what stands around them is shown (Unicode's UAX #9), and the
/// two separators that some take for a newline.
fn turns(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_obeys_nothing_of_it() {
        let said = "red \u{1b}[31m, bell \u{7}, back \r, C1 \u{9b}2J, \u{202e}turned\nnext 中 é";
        let shown = harmless(said);
        assert_eq!(
            shown,
            "red \\u{1b}[31m, bell \\u{7}, back \\r, C1 \\u{9b}2J, \\u{202e}turned\nnext 中 é"
        );
        assert_eq!(harmless(&shown), shown);
    }
}
