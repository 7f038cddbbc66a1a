//! Makes the first use of each term in each chapter a link to the glossary.

use std::collections::HashSet;
use std::ops::Range;
use std::path::Path;

use mdbook_driver::book::Book;

use super::matcher::{Matcher, Meaning};
use super::terms::{Glossary, PAGE};
use crate::edition::Edition;
use crate::prose::{Form, Passage, Place, passages};

impl Glossary {
    /// Links the terms in all chapters of a source book, in place. Blocks and lines stay what they
    /// were: only words in running text change.
    pub fn link(&self, edition: Edition, book: &mut Book) {
        let matcher = Matcher::new(self, edition);
        book.for_each_chapter_mut(|chapter| {
            let Some(path) = chapter.source_path.as_deref() else {
                return;
            };
            if path != Path::new(PAGE) {
                let up = "../".repeat(path.components().count().saturating_sub(1));
                chapter.content = linked(&matcher, &chapter.content, &up);
            }
        });
    }
}

/// `up` leads from the chapter's folder to that of the glossary.
fn linked(matcher: &Matcher<'_>, markdown: &str, up: &str) -> String {
    let mut seen = HashSet::new();
    let mut text = String::new();
    let mut copied = 0;
    let passages = passages(markdown);
    let prose = passages.iter().filter(|p| p.place == Place::Prose);
    // The question that opens a chapter is bold as a whole, and should be read without a detour.
    for passage in prose.filter(|p| !p.is_one_emphasis()) {
        for hit in matcher.scan(passage) {
            let Meaning::Term(id) = hit.meaning else {
                continue;
            };
            if seen.contains(id) {
                continue;
            }
            if let Some(source) = place(passage, hit.glyphs) {
                seen.insert(id);
                let word = &markdown[source.clone()];
                text.push_str(&markdown[copied..source.start]);
                // HTML, for Markdown's links have no class.
                text.push_str(&format!(
                    "<a class=\"term\" href=\"{up}{PAGE}#{id}\">{word}</a>"
                ));
                copied = source.end;
            }
        }
    }
    text + &markdown[copied..]
}

/// Where in the source a link may go round these glyphs, if anywhere.
fn place(passage: &Passage, glyphs: Range<usize>) -> Option<Range<usize>> {
    let word = &passage.glyphs[glyphs.clone()];
    let whole = word
        .windows(2)
        .all(|w| w[0].at + w[0].c.len_utf8() == w[1].at);
    if !whole || word.iter().any(|glyph| glyph.form != Form::Plain) {
        return None;
    }
    let last = word.last()?;
    let mut source = word.first()?.at..last.at + last.c.len_utf8();
    for emphasis in &passage.emphases {
        let inner = &emphasis.glyphs;
        if *inner == glyphs {
            // Round the marks: inside them, `<` would keep a `*` behind a Han character from opening.
            source = emphasis.source.clone();
        } else if inner.start == glyphs.start || inner.end == glyphs.end {
            let within = inner.start <= glyphs.start && glyphs.end <= inner.end;
            if within {
                return None;
            }
        }
    }
    Some(source)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMS: &str = r#"
        [kernel]
        en = ["kernel", "kernels"]
        zh = ["内核"]
    "#;

    fn link(edition: Edition, markdown: &str) -> String {
        let glossary = Glossary::parse(String::new(), TERMS.to_owned());
        let glossary = glossary.expect("the terms are whole");
        linked(&Matcher::new(&glossary, edition), markdown, "")
            .replace("<a class=\"term\" href=\"glossary.md#kernel\">", "<a>")
    }

    #[test]
    fn only_the_first_use_in_running_text() {
        let text = "# Kernel {#k}\n\n`kernel` [kernel](x.md) Kernels and kernel.\n";
        let linked = text.replace("Kernels", "<a>Kernels</a>");
        assert_eq!(link(Edition::English, text), linked);
    }

    #[test]
    fn lists_cells_and_boxes_are_running_text() {
        for text in [
            "- a kernel",
            "| a |\n|---|\n| kernel |",
            "> [!NOTE]\n> A kernel.",
        ] {
            let linked = text.replace("kernel", "<a>kernel</a>");
            assert_eq!(link(Edition::English, text), linked);
        }
    }

    #[test]
    fn emphasis_next_to_han_stays_emphasis() {
        assert_eq!(
            link(Edition::Chinese, "这叫*内核*，"),
            "这叫<a>*内核*</a>，"
        );
        // At the edge of a longer one there is no safe place: the next use is taken.
        let text = "这叫*内核里*的内核";
        assert_eq!(link(Edition::Chinese, text), "这叫*内核里*的<a>内核</a>");
    }

    #[test]
    fn a_question_is_left_alone() {
        let text = "**Who is the kernel?**\n\nThe kernel.\n";
        let linked = text.replace("The kernel", "The <a>kernel</a>");
        assert_eq!(link(Edition::English, text), linked);
    }

    #[test]
    fn code_addresses_and_tags_are_left_alone() {
        let text = "```text\nkernel\n```\n\n<summary>kernel</summary>\n\n<https://kernel.org>\n";
        assert_eq!(link(Edition::English, text), text);
    }
}
