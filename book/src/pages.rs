//! Reads the finished pages as a browser would and reports every dead end.
//!
//! mdBook exits with success on a link to nowhere, a directive that it could not expand and a
//! listing that came out empty. And the book must be readable without a network.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io;
use std::path::{Path, PathBuf};

use crate::fault::Fault;
use crate::html::{Tag, Token, tokens};

/// Checks all pages and style sheets below `out`; the faults name them by their path in `out`.
///
/// # Errors
///
/// When a page cannot be read.
pub fn check(out: &Path) -> io::Result<Vec<Fault>> {
    let site = Site::read(out)?;
    let mut faults = Vec::new();
    for (name, html) in &site.pages {
        let mut fault = |what: String| faults.push(Fault::of(name, what));
        if let Some(at) = html.find("{{#") {
            let directive: String = html[at..]
                .chars()
                .take_while(|&c| c != '\n')
                .take(60)
                .collect();
            fault(format!("a directive is left over: {directive}"));
        }
        let tokens = tokens(html);
        if has_empty_listing(&tokens) {
            fault("a listing is empty".to_owned());
        }
        for id in repeated_ids(&tokens) {
            fault(format!("the id {id} is given twice"));
        }
        for tag in tags(&tokens) {
            if let Some(address) = fetched_from_outside(tag) {
                fault(format!("<{}> fetches {address} from outside", tag.name()));
            }
            for address in site.dead_addresses(name, tag) {
                fault(format!("<{}> leads nowhere: {address}", tag.name()));
            }
        }
    }
    for (name, css) in &site.styles {
        if css.contains("url(\"http") || css.contains("url(http") || css.contains("url('http") {
            faults.push(Fault::of(name, "the style sheet fetches from outside"));
        }
    }
    Ok(faults)
}

/// Paths in messages and in links are compared with `/`, relative to the output folder.
#[derive(Default)]
struct Site {
    files: HashSet<String>,
    pages: BTreeMap<String, String>,
    styles: BTreeMap<String, String>,
    ids: BTreeMap<String, HashSet<String>>,
}

impl Site {
    fn read(out: &Path) -> io::Result<Site> {
        let mut site = Site::default();
        let mut folders = vec![out.to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    site.add(out, path)?;
                }
            }
        }
        Ok(site)
    }

    fn add(&mut self, out: &Path, path: PathBuf) -> io::Result<()> {
        let name = crate::fault::shown(out, &path);
        self.files.insert(name.clone());
        match path.extension().and_then(|end| end.to_str()) {
            Some("html") => {
                let html = std::fs::read_to_string(path)?;
                let ids = ids(&tokens(&html)).map(str::to_owned).collect();
                self.ids.insert(name.clone(), ids);
                self.pages.insert(name, html);
            }
            Some("css") => drop(self.styles.insert(name, std::fs::read_to_string(path)?)),
            _ => {}
        }
        Ok(())
    }

    /// The addresses in a tag that lead to no file, or to no such place in it.
    fn dead_addresses<'a>(&self, page: &str, tag: Tag<'a>) -> Vec<&'a str> {
        // mdBook rewrites all links when it joins the chapters for the printer; each was checked in
        // its own chapter.
        if page.ends_with("/print.html") {
            return Vec::new();
        }
        let addresses = tag.attributes().into_iter();
        let addresses = addresses.filter(|(name, _)| matches!(*name, "href" | "src"));
        let local = addresses.filter(|(_, address)| !is_outside(address) && !has_scheme(address));
        local
            .map(|(_, address)| address)
            .filter(|address| !self.leads_somewhere(page, address))
            .collect()
    }

    fn leads_somewhere(&self, page: &str, address: &str) -> bool {
        let (file, place) = address.split_once('#').unwrap_or((address, ""));
        let file = decoded(file.split('?').next().unwrap_or_default());
        let Some(target) = resolve(page, &file) else {
            return false;
        };
        let index = format!("{target}/index.html");
        let target = if self.files.contains(&target) {
            target
        } else {
            index.trim_start_matches('/').to_owned()
        };
        match self.ids.get(&target) {
            _ if !self.files.contains(&target) => false,
            Some(ids) => place.is_empty() || ids.contains(&decoded(place)),
            None => true,
        }
    }
}

/// The file that a relative address on a page means, as a path in the output folder.
fn resolve(page: &str, address: &str) -> Option<String> {
    if address.is_empty() {
        return Some(page.to_owned());
    }
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in address.split('/') {
        match part {
            "" | "." => {}
            // Out of the folder: it will not be there when the book is put elsewhere.
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn decoded(address: &str) -> String {
    let mut bytes = Vec::with_capacity(address.len());
    let mut rest = address.replace("&amp;", "&").into_bytes().into_iter();
    while let Some(byte) = rest.next() {
        let digits = rest.as_slice().get(..2).filter(|_| byte == b'%');
        let digits = digits.and_then(|two| std::str::from_utf8(two).ok());
        match digits.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(decoded) => {
                bytes.push(decoded);
                rest.nth(1);
            }
            None => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn tags<'a>(tokens: &[Token<'a>]) -> impl Iterator<Item = Tag<'a>> {
    tokens.iter().filter_map(|token| match token {
        Token::Tag(tag) => Some(*tag),
        Token::Text(_) => None,
    })
}

fn ids<'a>(tokens: &[Token<'a>]) -> impl Iterator<Item = &'a str> {
    let attributes = tags(tokens).flat_map(Tag::attributes);
    attributes
        .filter(|(name, _)| *name == "id")
        .map(|(_, id)| id)
}

fn repeated_ids<'a>(tokens: &[Token<'a>]) -> BTreeSet<&'a str> {
    let mut seen = HashSet::new();
    ids(tokens).filter(|id| !seen.insert(*id)).collect()
}

fn has_empty_listing(tokens: &[Token<'_>]) -> bool {
    let is = |token: &Token<'_>, name: &str| matches!(token, Token::Tag(tag) if tag.name() == name);
    let full: Vec<&Token<'_>> = tokens
        .iter()
        .filter(|token| !matches!(token, Token::Text(text) if text.trim().is_empty()))
        .collect();
    full.windows(3)
        .any(|w| is(w[0], "pre") && is(w[1], "code") && is(w[2], "/code"))
}

/// An address that the browser would load by itself to show the page.
fn fetched_from_outside<'a>(tag: Tag<'a>) -> Option<&'a str> {
    if matches!(tag.name(), "a" | "base") {
        return None;
    }
    let mut attributes = tag.attributes().into_iter();
    let found = attributes.find(|(name, value)| match *name {
        "src" | "href" | "srcset" | "data" | "poster" | "xlink:href" => is_outside(value),
        "style" => value.contains("url(http") || value.contains("url('http"),
        _ => false,
    });
    found.map(|(_, value)| value)
}

fn is_outside(address: &str) -> bool {
    address.starts_with("http:") || address.starts_with("https:") || address.starts_with("//")
}

/// `mailto:`, `data:`: nothing that a file in the output folder could answer.
fn has_scheme(address: &str) -> bool {
    let end = address.find([':', '/', '#', '?']);
    end.is_some_and(|end| address[end..].starts_with(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_relative_to_their_page() {
        assert_eq!(
            resolve("en/a/b.html", "../c.html").as_deref(),
            Some("en/c.html")
        );
        assert_eq!(resolve("en/b.html", "").as_deref(), Some("en/b.html"));
        assert_eq!(resolve("b.html", "../../c.html"), None);
    }

    #[test]
    fn escapes_in_addresses_are_undone() {
        assert_eq!(decoded("%E5%8F%89&amp;x%zz"), "叉&x%zz");
    }

    #[test]
    fn only_loading_counts_as_fetching() {
        assert_eq!(
            fetched_from_outside(Tag("<a href=\"https://x.org\">")),
            None
        );
        assert_eq!(
            fetched_from_outside(Tag("<script src=\"https://x.org/y.js\">")),
            Some("https://x.org/y.js")
        );
        assert_eq!(fetched_from_outside(Tag("<img src=\"x.png\">")), None);
    }
}
