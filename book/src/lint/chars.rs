//! The kinds of characters that meet in a Chinese sentence.

/// A Chinese character, no punctuation.
pub(crate) fn is_han(c: char) -> bool {
    matches!(c,
        '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}' | '々' | '〇')
}

/// Punctuation as wide as a Han character in a Chinese text.
pub(crate) fn is_wide_punctuation(c: char) -> bool {
    matches!(c, '“' | '”' | '‘' | '’' | '—' | '…') || is_wide_only(c)
}

/// The same without what an English text may have as well.
pub(crate) fn is_wide_only(c: char) -> bool {
    matches!(c, '\u{3001}'..='\u{303F}' | '\u{FF00}'..='\u{FFEF}')
        && !is_han(c)
        && !is_wide_latin(c)
}

/// `Ａ` or `１`: a letter or digit drawn as wide as a Han character.
pub(crate) fn is_wide_latin(c: char) -> bool {
    matches!(c, '\u{FF10}'..='\u{FF19}' | '\u{FF21}'..='\u{FF3A}' | '\u{FF41}'..='\u{FF5A}')
}

/// A letter or digit of the Latin, or any other, alphabet.
pub(crate) fn is_latin(c: char) -> bool {
    c.is_alphanumeric() && !is_han(c) && !is_wide_latin(c)
}
