//! A chapter as its top-level blocks, with all that must be the same in both languages.

use std::fmt;

use mdbook_markdown::pulldown_cmark::{BlockQuoteKind, Event, Tag};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};

use crate::html::{Token, tokens};

/// What a block is. Two blocks of different kinds are never each other's translation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Heading(u8),
    Paragraph,
    Quote(Option<BlockQuoteKind>),
    Code,
    Html,
    List,
    Table,
    Footnote(String),
    Definitions,
    Rule,
}

/// What is counted or compared inside a block, besides its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Facet {
    HeadingId,
    Parts,
    CodeSpans,
    Links,
    Images,
    FootnoteReferences,
    Code,
    Html,
}

/// A top-level block of a chapter.
#[derive(Debug)]
pub(crate) struct Block<'a> {
    pub(crate) kind: Kind,
    /// Its first line in the chapter, counted from 1.
    pub(crate) line: usize,
    /// Its Markdown.
    pub(crate) text: &'a str,
    /// Found inside it, in the order of the text.
    pub(crate) found: Vec<(Facet, String)>,
}

impl Block<'_> {
    /// All of one facet; sorted unless its order must agree, for two languages put the same code
    /// spans and links in different places of a sentence.
    pub(crate) fn facet(&self, facet: Facet) -> Vec<&str> {
        let found = self.found.iter().filter(|(of, _)| *of == facet);
        let mut values: Vec<&str> = found.map(|(_, value)| value.as_str()).collect();
        if facet.is_in_any_order() {
            values.sort_unstable();
        }
        values
    }
}

impl Facet {
    pub(crate) const ALL: [Facet; 8] = [
        Facet::HeadingId,
        Facet::Parts,
        Facet::CodeSpans,
        Facet::Links,
        Facet::Images,
        Facet::FootnoteReferences,
        Facet::Code,
        Facet::Html,
    ];

    fn is_in_any_order(self) -> bool {
        use Facet::*;
        matches!(self, CodeSpans | Links | Images | FootnoteReferences)
    }
}

impl fmt::Display for Facet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Facet::HeadingId => "heading ids",
            Facet::Parts => "parts",
            Facet::CodeSpans => "code spans",
            Facet::Links => "links",
            Facet::Images => "images",
            Facet::FootnoteReferences => "footnote references",
            Facet::Code => "code blocks",
            Facet::Html => "HTML tags",
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Heading(level) => write!(f, "heading {level}"),
            Kind::Paragraph => f.write_str("paragraph"),
            Kind::Quote(None) => f.write_str("quotation"),
            Kind::Quote(Some(kind)) => write!(f, "{kind:?} box"),
            Kind::Code => f.write_str("code"),
            Kind::Html => f.write_str("HTML"),
            Kind::List => f.write_str("list"),
            Kind::Table => f.write_str("table"),
            Kind::Footnote(name) => write!(f, "footnote {name}"),
            Kind::Definitions => f.write_str("definitions"),
            Kind::Rule => f.write_str("rule"),
        }
    }
}

/// Splits a chapter, as mdBook would parse it, into its top-level blocks.
pub(crate) fn split(markdown: &str) -> Vec<Block<'_>> {
    let parser = new_cmark_parser(markdown, &MarkdownOptions::default());
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let mut depth = 0;
    for (event, range) in parser.into_offset_iter() {
        let text = &markdown[range.clone()];
        if depth == 0
            && let Some(kind) = kind(&event)
        {
            blocks.push(Block {
                kind,
                line: markdown[..range.start].matches('\n').count() + 1,
                text,
                found: Vec::new(),
            });
        }
        match &event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            _ => {}
        }
        if let Some(block) = blocks.last_mut() {
            block.found.extend(found(&event, text));
        }
    }
    blocks
}

fn kind(event: &Event<'_>) -> Option<Kind> {
    Some(match event {
        Event::Rule => Kind::Rule,
        Event::Start(tag) => match tag {
            Tag::Heading { level, .. } => Kind::Heading(*level as u8),
            Tag::BlockQuote(kind) => Kind::Quote(*kind),
            Tag::CodeBlock(_) => Kind::Code,
            Tag::HtmlBlock => Kind::Html,
            Tag::List(_) => Kind::List,
            Tag::Table(_) => Kind::Table,
            Tag::FootnoteDefinition(name) => Kind::Footnote(name.to_string()),
            Tag::DefinitionList => Kind::Definitions,
            _ => Kind::Paragraph,
        },
        _ => return None,
    })
}

/// What an event adds to its block. `text` is the event's Markdown.
fn found(event: &Event<'_>, text: &str) -> Option<(Facet, String)> {
    let part = |name: &str| Some((Facet::Parts, name.to_owned()));
    match event {
        Event::Code(code) => Some((Facet::CodeSpans, format!("`{code}`"))),
        Event::FootnoteReference(name) => Some((Facet::FootnoteReferences, name.to_string())),
        Event::Start(tag) => match tag {
            Tag::Heading { id, .. } => {
                let id = id.as_deref().unwrap_or_default();
                Some((Facet::HeadingId, id.to_owned()))
            }
            Tag::Link { dest_url, .. } => Some((Facet::Links, dest_url.to_string())),
            Tag::Image { dest_url, .. } => Some((Facet::Images, dest_url.to_string())),
            Tag::CodeBlock(_) => Some((Facet::Code, code(text))),
            Tag::HtmlBlock => Some((Facet::Html, tags(text))),
            Tag::Paragraph => part("paragraph"),
            Tag::BlockQuote(_) => part("quotation"),
            Tag::List(None) => part("list"),
            Tag::List(Some(_)) => part("numbered list"),
            Tag::Item => part("item"),
            Tag::TableHead | Tag::TableRow => part("row"),
            Tag::TableCell => part("cell"),
            Tag::DefinitionListTitle => part("term"),
            Tag::DefinitionListDefinition => part("definition"),
            _ => None,
        },
        _ => None,
    }
}

/// A code block without the indentation of a list that it may stand in.
fn code(text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().map(str::trim).collect();
    lines.join("\n")
}

/// Only the tags: what a `summary` says is for the reader, and so in the reader's language.
fn tags(html: &str) -> String {
    let tags = tokens(html).into_iter().filter_map(|token| match token {
        Token::Tag(tag) => Some(tag.0),
        Token::Text(_) => None,
    });
    tags.collect()
}

/// How a block begins, for messages.
pub(crate) fn excerpt(text: &str) -> String {
    const MOST: usize = 60;
    let line = text.lines().next().unwrap_or_default().trim();
    if line.chars().count() <= MOST {
        return line.to_owned();
    }
    line.chars().take(MOST).chain(['…']).collect()
}
