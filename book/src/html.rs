//! Just enough HTML to read what a chapter or a page says: tags, their attributes, and text.
//!
//! It reads well-formed pages that mdBook wrote and the small blocks that authors write; it is no
//! validator. Comments are skipped, and what stands inside `script` and `style` is theirs.

/// A tag, opening or closing, or the text between two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    Tag(Tag<'a>),
    Text(&'a str),
}

/// A tag as it was written, from `<` to `>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tag<'a>(pub(crate) &'a str);

impl<'a> Tag<'a> {
    /// The name, with the slash of a closing tag: `figure`, `/figure`.
    pub(crate) fn name(self) -> &'a str {
        let inner = self.0.trim_start_matches('<');
        let from = usize::from(inner.starts_with('/'));
        let end = inner[from..].find(|c: char| c.is_whitespace() || c == '>' || c == '/');
        &inner[..end.map_or(inner.len(), |end| from + end)]
    }

    /// The attributes in their order, values without quotes and with entities as written.
    pub(crate) fn attributes(self) -> Vec<(&'a str, &'a str)> {
        let mut rest = &self.0[1 + self.name().len()..];
        let mut found = Vec::new();
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
            let end = rest.find(|c: char| c.is_whitespace() || "=>/".contains(c));
            let Some(end) = end.filter(|&end| end > 0) else {
                return found;
            };
            let name = &rest[..end];
            rest = rest[end..].trim_start();
            let Some(after) = rest.strip_prefix('=') else {
                found.push((name, ""));
                continue;
            };
            let after = after.trim_start();
            let (value, remaining) = match after.chars().next() {
                Some(quote @ ('"' | '\'')) => {
                    let value = &after[1..];
                    value.split_once(quote).unwrap_or((value, ""))
                }
                _ => {
                    let end = after.find(|c: char| c.is_whitespace() || c == '>');
                    after.split_at(end.unwrap_or(after.len()))
                }
            };
            found.push((name, value));
            rest = remaining;
        }
    }
}

/// The tokens of a page or of a fragment.
pub(crate) fn tokens(html: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut rest = html;
    while !rest.is_empty() {
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
        } else if starts_tag(rest) {
            let (tag, after) = rest.split_at(tag_length(rest));
            let tag = Tag(tag);
            found.push(Token::Tag(tag));
            rest = after;
            if matches!(tag.name(), "script" | "style") {
                let end = rest
                    .find(&format!("</{}", tag.name()))
                    .unwrap_or(rest.len());
                found.push(Token::Text(&rest[..end]));
                rest = &rest[end..];
            }
        } else {
            let first = rest.chars().next().map_or(0, char::len_utf8);
            let end = rest[first..].find('<').map_or(rest.len(), |at| first + at);
            found.push(Token::Text(&rest[..end]));
            rest = &rest[end..];
        }
    }
    found
}

fn starts_tag(html: &str) -> bool {
    let mut chars = html.chars();
    chars.next() == Some('<')
        && chars
            .next()
            .is_some_and(|c| c.is_ascii_alphabetic() || c == '/' || c == '!')
}

/// Up to and with the `>` that ends the tag; one inside a quoted value does not.
fn tag_length(html: &str) -> usize {
    let mut quote = None;
    for (at, c) in html.char_indices() {
        match (quote, c) {
            (None, '>') => return at + 1,
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    html.len()
}

/// Text as it may stand in HTML.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_angle_bracket_does_not_end_the_tag() {
        let html = "<a title='1 > 0' href=\"x.html\">y</a>";
        let all = tokens(html);
        assert_eq!(all.len(), 3);
        let Token::Tag(tag) = all[0] else {
            panic!("{all:?}")
        };
        assert_eq!(tag.name(), "a");
        assert_eq!(tag.attributes(), [("title", "1 > 0"), ("href", "x.html")]);
        assert_eq!(all[1], Token::Text("y"));
        assert_eq!(all[2], Token::Tag(Tag("</a>")));
    }

    #[test]
    fn attributes_may_lack_quotes_or_values() {
        assert_eq!(Tag("<input checked/>").attributes(), [("checked", "")]);
        assert_eq!(
            Tag("<meta charset=utf-8>").attributes(),
            [("charset", "utf-8")]
        );
    }

    #[test]
    fn scripts_and_comments_hold_no_tags() {
        let names: Vec<_> = tokens("<!-- <i> --><script>'<b>'</script>")
            .into_iter()
            .filter_map(|token| match token {
                Token::Tag(tag) => Some(tag.name()),
                Token::Text(_) => None,
            })
            .collect();
        assert_eq!(names, ["script", "/script"]);
    }
}
