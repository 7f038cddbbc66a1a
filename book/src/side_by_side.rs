//! Joins the two books into one: each English block, then the Chinese one.
//!
//! Whatever has no language stands once: code, drawings, rules. A heading, a boxed remark and a
//! footnote hold both languages, so that ids, the sidebar and the search stay single.

use mdbook_driver::book::{Book, BookItem};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};

use crate::blocks::{Block, Kind, split};
use crate::html::{Token, tokens};

/// The side-by-side book of two books that agree ([`crate::agreement`]).
#[must_use]
pub fn join(english: &Book, chinese: &Book) -> Book {
    let mut book = english.clone();
    join_items(&mut book.items, &chinese.items);
    book
}

fn join_items(english: &mut [BookItem], chinese: &[BookItem]) {
    for (en, zh) in english.iter_mut().zip(chinese) {
        match (en, zh) {
            (BookItem::Chapter(en), BookItem::Chapter(zh)) => {
                en.name = join_titles(&en.name, &zh.name);
                for (en, zh) in en.parent_names.iter_mut().zip(&zh.parent_names) {
                    *en = join_titles(en, zh);
                }
                en.content = join_chapters(&en.content, &zh.content);
                join_items(&mut en.sub_items, &zh.sub_items);
            }
            (BookItem::PartTitle(en), BookItem::PartTitle(zh)) => *en = join_titles(en, zh),
            _ => {}
        }
    }
}

fn join_titles(english: &str, chinese: &str) -> String {
    if english == chinese {
        return english.to_owned();
    }
    format!("{english} · {chinese}")
}

fn join_chapters(english: &str, chinese: &str) -> String {
    let mut text = String::new();
    for (en, zh) in split(english).iter().zip(&split(chinese)) {
        text.push_str(&join_blocks(en, zh));
        text.push_str("\n\n");
    }
    text + &link_definitions(english, chinese)
}

fn join_blocks(en: &Block<'_>, zh: &Block<'_>) -> String {
    let (english, chinese) = (en.text.trim_end(), zh.text.trim_end());
    if english == chinese {
        return english.to_owned();
    }
    match &en.kind {
        Kind::Code | Kind::Rule => english.to_owned(),
        Kind::Html => join_html(english, chinese),
        Kind::Heading(level) => {
            let (title, id) = heading(english);
            let (other, _) = heading(chinese);
            if same_parts(title, other) {
                return english.to_owned();
            }
            let marks = "#".repeat(usize::from(*level));
            format!("{marks} {title} <span lang=\"zh-CN\">{other}</span> {id}")
        }
        Kind::Quote(kind) => {
            // A box's first line names its kind, which the English half has said.
            let skip = usize::from(kind.is_some());
            let body: Vec<&str> = chinese.lines().skip(skip).collect();
            let open = "<div class=\"zh\" lang=\"zh-CN\">";
            let body = body.join("\n");
            format!("{english}\n>\n> {open}\n>\n{body}\n>\n> </div>")
        }
        Kind::Footnote(_) => {
            let (_, body) = chinese.split_once("]:").unwrap_or(("", chinese));
            let body = indented(&wrapped(&unindented(body.trim_start())));
            format!("{english}\n\n{body}")
        }
        Kind::Paragraph | Kind::List | Kind::Table | Kind::Definitions => {
            format!("{english}\n\n{}", wrapped(chinese))
        }
    }
}

/// The blank lines inside keep the text Markdown, not HTML.
fn wrapped(chinese: &str) -> String {
    format!("<div class=\"zh\" lang=\"zh-CN\">\n\n{chinese}\n\n</div>")
}

/// A heading's words, and its `{#id}` with the braces.
fn heading(text: &str) -> (&str, &str) {
    let line = text.trim_start_matches('#').lines().next().unwrap_or("");
    let (title, id) = line.split_at(line.rfind("{#").unwrap_or(line.len()));
    (title.trim(), id.trim())
}

/// Whether two headings of the glossary, `a · 甲` and `甲 · a`, say the same words.
fn same_parts(english: &str, chinese: &str) -> bool {
    let parts = |title: &str| {
        let mut parts: Vec<String> = title.split(" · ").map(str::to_owned).collect();
        parts.sort_unstable();
        parts
    };
    parts(english) == parts(chinese)
}

fn indented(text: &str) -> String {
    let lines = text.lines().map(|line| format!("    {line}"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The further lines of a footnote are indented in the source already.
fn unindented(text: &str) -> String {
    let lines = text
        .lines()
        .map(|line| line.strip_prefix("    ").unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}

/// The tags are the same in both; a text between two of them that is not gets its twin beside it.
fn join_html(english: &str, chinese: &str) -> String {
    let texts = |html: &str| -> Vec<String> {
        // A text may be missing between two tags, in one language and not in the other.
        let mut texts = vec![String::new()];
        for token in tokens(html) {
            match (token, texts.last_mut()) {
                (Token::Text(text), Some(last)) => last.push_str(text),
                _ => texts.push(String::new()),
            }
        }
        texts
    };
    let mut tags = tokens(english).into_iter().filter_map(|token| match token {
        Token::Tag(tag) => Some(tag.0),
        Token::Text(_) => None,
    });
    let both = texts(english).into_iter().zip(texts(chinese));
    let joined = both.map(|(en, zh)| {
        if en.trim() == zh.trim() || zh.trim().is_empty() {
            en
        } else {
            format!(
                "{} <span lang=\"zh-CN\">{}</span>",
                en.trim_end(),
                zh.trim()
            )
        }
    });
    joined.fold(String::new(), |html, text| {
        html + &text + tags.next().unwrap_or("")
    })
}

/// `[label]: address` lines are no blocks and would be lost with the blank lines around them.
fn link_definitions(english: &str, chinese: &str) -> String {
    let mut labels: Vec<String> = Vec::new();
    let mut text = String::new();
    for source in [english, chinese] {
        let parser = new_cmark_parser(source, &MarkdownOptions::default());
        for (label, definition) in parser.reference_definitions().iter() {
            if !labels.iter().any(|known| known == label) {
                labels.push(label.to_owned());
                text.push_str(source[definition.span.clone()].trim());
                text.push('\n');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paragraph_is_followed_by_its_twin() {
        assert_eq!(
            join_chapters("One.\n\nTwo.\n", "一。\n\n二。\n"),
            "One.\n\n<div class=\"zh\" lang=\"zh-CN\">\n\n一。\n\n</div>\n\n\
             Two.\n\n<div class=\"zh\" lang=\"zh-CN\">\n\n二。\n\n</div>\n\n"
        );
    }

    #[test]
    fn code_stands_once() {
        let code = "```text\nx\n```\n";
        assert_eq!(join_chapters(code, code), "```text\nx\n```\n\n");
    }

    #[test]
    fn a_heading_keeps_one_id() {
        assert_eq!(
            join_chapters("## Fork {#fork}\n", "## 派生 {#fork}\n"),
            "## Fork <span lang=\"zh-CN\">派生</span> {#fork}\n\n"
        );
    }

    #[test]
    fn a_heading_of_the_same_words_stands_once() {
        assert_eq!(
            join_chapters(
                "### socket · 套接字 {#socket}\n",
                "### 套接字 · socket {#socket}\n"
            ),
            "### socket · 套接字 {#socket}\n\n"
        );
    }

    #[test]
    fn a_box_holds_both_languages() {
        assert_eq!(
            join_chapters("> [!NOTE]\n> Look.\n", "> [!NOTE]\n> 看。\n"),
            "> [!NOTE]\n> Look.\n>\n> <div class=\"zh\" lang=\"zh-CN\">\n>\n> 看。\n>\n> </div>\n\n"
        );
    }

    #[test]
    fn a_folded_answers_title_holds_both_languages() {
        assert_eq!(
            join_html(
                "<details>\n<summary>Answer</summary>",
                "<details>\n<summary>答案</summary>"
            ),
            "<details>\n<summary>Answer <span lang=\"zh-CN\">答案</span></summary>"
        );
    }

    #[test]
    fn a_footnote_stays_one_footnote() {
        let joined = join_chapters("A[^x]\n\n[^x]: Why.\n", "甲[^x]\n\n[^x]: 因为。\n");
        assert!(
            joined.contains("[^x]: Why.\n\n    <div class=\"zh\""),
            "{joined}"
        );
        assert_eq!(joined.matches("[^x]:").count(), 1);
    }

    #[test]
    fn addresses_that_stand_apart_are_kept() {
        let joined = join_chapters(
            "[a][man]\n\n[man]: x.html\n",
            "[甲][man]\n\n[man]: x.html\n",
        );
        assert!(joined.ends_with("[man]: x.html\n"), "{joined}");
        assert_eq!(joined.matches("[man]:").count(), 1);
    }
}
