//! Where a region of `step.toml` stands in a file.

use anyhow::Result;
use grader::step::Region;
use std::ops::Range;
use syn::spanned::Spanned;
use syn::{Block, File, ImplItem, Item, Type};
use terminal::{Explain, Text, Told, ensure};

/// What a region is in its file.
pub(crate) enum Found {
    /// The inside of a function's braces.
    Body(Range<usize>),
    /// Whole lines.
    Lines(Range<usize>),
}

/// The file in which a region stands, by its path in the step's folder.
pub fn file_of(region: &Region) -> &str {
    let file = region.at.split(['#', ':']).next();
    file.unwrap_or(&region.at)
}

/// A region's file, and what in it.
pub(crate) fn split(at: &str) -> Result<(&str, Place<'_>)> {
    if let Some((file, anchor)) = at.split_once('#') {
        return Ok((file, Place::Anchor(anchor)));
    }
    let (file, function) = at.split_once("::").explain(|| {
        Text::new(
            format!("{at}: neither FILE::function, FILE::Type::function nor FILE#anchor"),
            format!("{at}：不是 FILE::function、FILE::Type::function，也不是 FILE#anchor"),
        )
    })?;
    Ok((file, Place::Function(function)))
}

/// What in a file.
#[derive(Clone, Copy)]
pub(crate) enum Place<'a> {
    Function(&'a str),
    Anchor(&'a str),
}

/// Finds it: bytes of `text`.
pub(crate) fn find(text: &str, place: Place<'_>) -> Result<Found> {
    match place {
        Place::Anchor(anchor) => lines(text, anchor).map(Found::Lines),
        Place::Function(function) => body(text, function).map(Found::Body),
    }
}

/// The lines between `ANCHOR: name` and `ANCHOR_END: name`.
fn lines(text: &str, anchor: &str) -> Result<Range<usize>> {
    let is = |line: &str, marker: &str| {
        let name = line.trim().strip_prefix("// ")?.strip_prefix(marker)?;
        (name.trim() == anchor).then_some(())
    };
    let (mut start, mut at) = (None, 0);
    for line in text.split_inclusive('\n') {
        if is(line, "ANCHOR:").is_some() {
            start = Some(at + line.len());
        } else if is(line, "ANCHOR_END:").is_some() {
            let start = start.explain(|| {
                Text::new(
                    format!("ANCHOR: {anchor} ends before it begins"),
                    format!("ANCHOR: {anchor} 还没开始就结束了"),
                )
            })?;
            return Ok(start..at);
        }
        at += line.len();
    }
    Err(Told(Text::new(
        format!("there is no ANCHOR: {anchor} with its end"),
        format!("没有成对的 ANCHOR: {anchor}"),
    ))
    .into())
}

/// The inside of a function's braces, or of a method's.
fn body(text: &str, function: &str) -> Result<Range<usize>> {
    let file =
        syn::parse_file(text).explain(|| Text::new("this is no Rust", "这不是 Rust 代码"))?;
    let mut found = blocks(&file, function);
    let block = found.next().explain(|| {
        Text::new(
            format!("there is no {function}"),
            format!("没有 {function}"),
        )
    })?;
    ensure(found.next().is_none(), || {
        Text::new(
            format!("there are several {function}"),
            format!("{function} 不止一个"),
        )
    })?;
    let span = block.span().byte_range();
    Ok(span.start + 1..span.end - 1)
}

fn blocks<'a>(file: &'a File, function: &'a str) -> impl Iterator<Item = &'a Block> {
    let (of, name) = match function.split_once("::") {
        Some((of, name)) => (Some(of), name),
        None => (None, function),
    };
    file.items.iter().flat_map(move |item| match item {
        Item::Fn(it) if of.is_none() && it.sig.ident == name => vec![&*it.block],
        Item::Impl(it) if of.is_some_and(|of| is_called(&it.self_ty, of)) => {
            let methods = it.items.iter().filter_map(|item| match item {
                ImplItem::Fn(method) if method.sig.ident == name => Some(&method.block),
                _ => None,
            });
            methods.collect()
        }
        _ => Vec::new(),
    })
}

/// Is this the type of that name, whatever its parameters?
fn is_called(it: &Type, name: &str) -> bool {
    let Type::Path(path) = it else { return false };
    let last = path.path.segments.last();
    last.is_some_and(|segment| segment.ident == name)
}
