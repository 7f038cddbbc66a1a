//! Reads the passages out of the parser's events.

use std::ops::Range;

use mdbook_markdown::pulldown_cmark::{Event, LinkType, Tag, TagEnd};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};

use super::passage::{Emphasis, Form, Glyph, OBJECT, Passage, Place};
use crate::html::{Token, tokens};

/// Elements of HTML whose text is not prose.
const CODE_ELEMENTS: [&str; 6] = ["code", "pre", "kbd", "script", "style", "svg"];

/// All passages of a chapter, in its order.
pub(super) fn read(markdown: &str) -> Vec<Passage> {
    let parser = new_cmark_parser(markdown, &MarkdownOptions::default());
    let mut reader = Reader {
        markdown,
        done: Vec::new(),
        place: Place::Prose,
        glyphs: Vec::new(),
        emphases: Vec::new(),
        open: Vec::new(),
        breaks: Vec::new(),
        links: 0,
        verbatim: false,
    };
    for (event, range) in parser.into_offset_iter() {
        reader.take(event, range);
    }
    reader.flush();
    reader.done
}

struct Reader<'a> {
    markdown: &'a str,
    done: Vec<Passage>,
    place: Place,
    glyphs: Vec<Glyph>,
    emphases: Vec<Emphasis>,
    /// Where the emphases that are not closed yet began.
    open: Vec<usize>,
    breaks: Vec<usize>,
    links: usize,
    /// Inside a code block, or an address in angle brackets.
    verbatim: bool,
}

impl Reader<'_> {
    fn take(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(end) => self.end(end, range),
            Event::Text(text) if !self.verbatim => self.text(&text, range),
            Event::Code(_) | Event::InlineMath(_) | Event::DisplayMath(_) => {
                self.push(OBJECT, range.start, Form::Object);
            }
            Event::SoftBreak | Event::HardBreak => {
                self.breaks.push(range.start);
                self.push('\n', range.start, Form::Plain);
            }
            Event::InlineHtml(tag) if tag.starts_with("<a ") => self.links += 1,
            Event::InlineHtml(tag) if tag.starts_with("</a") => {
                self.links = self.links.saturating_sub(1);
            }
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>, range: Range<usize>) {
        match tag {
            Tag::Emphasis | Tag::Strong => self.open.push(self.glyphs.len()),
            Tag::Strikethrough | Tag::Subscript | Tag::Superscript => {}
            Tag::Link {
                link_type: LinkType::Autolink | LinkType::Email,
                ..
            } => {
                self.push(OBJECT, range.start, Form::Object);
                self.verbatim = true;
                self.links += 1;
            }
            Tag::Link { .. } | Tag::Image { .. } => self.links += 1,
            tag => {
                self.flush();
                match tag {
                    Tag::Heading { level, id, .. } => {
                        self.place = Place::Heading {
                            level: level as u8,
                            id: id.as_deref().unwrap_or_default().to_owned(),
                        };
                    }
                    Tag::CodeBlock(_) => self.verbatim = true,
                    Tag::HtmlBlock => self.html(range),
                    _ => {}
                }
            }
        }
    }

    fn end(&mut self, end: TagEnd, range: Range<usize>) {
        match end {
            TagEnd::Emphasis | TagEnd::Strong => {
                if let Some(from) = self.open.pop() {
                    self.emphases.push(Emphasis {
                        mark: if self.markdown[range.clone()].starts_with('_') {
                            '_'
                        } else {
                            '*'
                        },
                        source: range,
                        glyphs: from..self.glyphs.len(),
                    });
                }
            }
            TagEnd::Strikethrough | TagEnd::Subscript | TagEnd::Superscript => {}
            TagEnd::Link | TagEnd::Image => {
                self.verbatim = false;
                self.links = self.links.saturating_sub(1);
            }
            _ => {
                self.verbatim = false;
                self.flush();
            }
        }
    }

    fn text(&mut self, text: &str, range: Range<usize>) {
        let source = &self.markdown[range.clone()];
        if source.starts_with('&') && source != text {
            for c in text.chars() {
                self.push(c, range.start, Form::Escaped);
            }
            return;
        }
        // The source and not the parser's text, in which quotes have become typographic already.
        let escaped = self.markdown[..range.start].ends_with('\\');
        for (index, c) in source.char_indices() {
            let form = match index {
                0 if escaped => Form::Escaped,
                _ if self.links > 0 => Form::Linked,
                _ => Form::Plain,
            };
            self.push(c, range.start + index, form);
        }
    }

    fn push(&mut self, c: char, at: usize, form: Form) {
        self.glyphs.push(Glyph { c, at, form });
    }

    /// Each line of text between the tags of an HTML block is a passage of its own.
    fn html(&mut self, range: Range<usize>) {
        let block = &self.markdown[range];
        let offset = |text: &str| text.as_ptr() as usize - self.markdown.as_ptr() as usize;
        let mut code = 0_usize;
        let mut lines = Vec::new();
        for token in tokens(block) {
            match token {
                Token::Tag(tag) if CODE_ELEMENTS.contains(&tag.name()) => code += 1,
                Token::Tag(tag) if CODE_ELEMENTS.contains(&tag.name().trim_start_matches('/')) => {
                    code = code.saturating_sub(1);
                }
                Token::Text(text) if code == 0 => {
                    lines.extend(text.lines().map(|line| (offset(line.trim()), line.trim())));
                }
                _ => {}
            }
        }
        for (from, line) in lines {
            for (index, c) in line.char_indices() {
                self.push(c, from + index, Form::Plain);
            }
            self.place = Place::Html;
            self.flush();
        }
    }

    /// Ends the passage at a block's boundary.
    fn flush(&mut self) {
        let place = std::mem::replace(&mut self.place, Place::Prose);
        let glyphs = std::mem::take(&mut self.glyphs);
        let emphases = std::mem::take(&mut self.emphases);
        let breaks = std::mem::take(&mut self.breaks);
        self.open.clear();
        self.links = 0;
        if !glyphs.is_empty() {
            let mut passage = Passage {
                place,
                glyphs,
                emphases,
                breaks,
            };
            hide_directives(&mut passage.glyphs);
            self.done.push(passage);
        }
    }
}

/// What `{{#include …}}` brings is checked where it is written. The characters stay in their
/// number, for emphases are counted in them.
fn hide_directives(glyphs: &mut [Glyph]) {
    let is = |glyphs: &[Glyph], text: &str| {
        let plain = glyphs.iter().take_while(|glyph| glyph.form == Form::Plain);
        let mut plain = plain.map(|glyph| glyph.c);
        text.chars().all(|c| plain.next() == Some(c))
    };
    let mut inside = false;
    for at in 0..glyphs.len() {
        inside |= is(&glyphs[at..], "{{#");
        if inside {
            let closes =
                at > 0 && glyphs[at].c == '}' && glyphs.get(at + 1).is_none_or(|g| g.c != '}');
            glyphs[at].c = OBJECT;
            glyphs[at].form = Form::Object;
            inside = !closes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(markdown: &str) -> Vec<String> {
        read(markdown).iter().map(Passage::text).collect()
    }

    #[test]
    fn every_block_with_words_is_a_passage() {
        let markdown = "# A {#a}\n\n> [!NOTE]\n> B\n\n- C\n\n  D\n- E\n\n| F | G |\n|---|---|\n| H | I |\n\n\
            <details>\n<summary>J</summary>\n\nK[^k]\n\n</details>\n\n[^k]: L\n\n```text\nM\n```\n";
        let all: Vec<String> = ('A'..='L').map(String::from).collect();
        assert_eq!(texts(markdown), all);
    }

    #[test]
    fn letters_know_their_place_and_code_is_one_object() {
        let markdown = "叫*甲* `b`\\* \"c\"";
        let passage = &read(markdown)[0];
        assert_eq!(passage.text(), "叫甲 \u{FFFC}* \"c\"");
        for glyph in passage.glyphs.iter().filter(|g| g.form != Form::Object) {
            assert!(markdown[glyph.at..].starts_with(glyph.c), "{glyph:?}");
        }
        assert_eq!(passage.emphases[0].glyphs, 1..2);
        assert_eq!(&markdown[passage.emphases[0].source.clone()], "*甲*");
    }

    #[test]
    fn directives_and_addresses_are_objects() {
        assert_eq!(
            texts("a {{#include x.md}} b"),
            [format!("a {} b", "\u{FFFC}".repeat(17))]
        );
        assert_eq!(texts("<https://a.b>"), ["\u{FFFC}"]);
    }
}
