//! Arrows point one way, file by file: no file of the workshop or of the book's own crate imports,
//! directly or through others, what imports it.
//!
//! What is read is what stands there: `mod x;`, which sets a parent above its children, and every path
//! that begins with `crate`, `super` or `self`, in a `use` or elsewhere. Tests may look up. A method
//! that a file gets from another one has no path, and is not seen.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

type Module = Vec<String>;

#[test]
fn no_file_imports_what_imports_it() {
    let packages = fs::read_dir(root().join("workshop"));
    let mut sources: Vec<PathBuf> = packages
        .expect("the workshop can be read")
        .map(|entry| entry.expect("it can be listed").path().join("src"))
        .chain([root().join("book/src")])
        .collect();
    sources.sort();
    let circles: Vec<String> = sources
        .iter()
        .filter(|source| source.is_dir())
        .filter_map(|source| circle(&imports(&files(source))))
        .collect();
    assert!(circles.is_empty(), "\n{}", circles.join("\n"));
}

#[test]
fn circles_are_seen() {
    let crate_of = |files: &[(&str, &str)]| {
        let files = files
            .iter()
            .map(|(module, text)| {
                let module = module.split('/').filter(|name| !name.is_empty());
                let path = PathBuf::from(format!("{}.rs", module.clone().collect::<String>()));
                (
                    module.map(str::to_owned).collect(),
                    (path, text.to_string()),
                )
            })
            .collect();
        circle(&imports(&files))
    };
    let lib = (
        "",
        "mod a; mod b; mod c; pub use a::A; pub use outside::far;",
    );
    // One way, and by a name that the root has from elsewhere.
    let down = [
        lib,
        ("a", "use crate::b::B;"),
        ("b", "use crate::far;"),
        ("c", ""),
    ];
    assert_eq!(crate_of(&down), None);
    // Round and round; in a group of imports; in the middle of a line.
    for [a, b, c] in [
        [
            "use crate::b::B;",
            "use crate::{c::C};",
            "fn f() { crate::a::g() }",
        ],
        ["use super::{x, b::{self, B}};", "use crate::a::A;", ""],
        ["use crate::b;", "fn f(_: crate::A) {}", ""],
        ["impl super::Root {}", "", ""],
    ] {
        assert!(
            crate_of(&[lib, ("a", a), ("b", b), ("c", c)]).is_some(),
            "{a}{b}{c}"
        );
    }
    // A child and its parent; tests and comments do not count.
    let parent = ("a", "mod child; pub struct A;");
    let looks_up = [
        lib,
        parent,
        ("a/child", "use super::A;"),
        ("b", ""),
        ("c", ""),
    ];
    assert!(crate_of(&looks_up).is_some());
    let tested = "// use super::A;\n#[cfg(test)]\nmod tests { use super::*; use crate::a::A; }";
    assert_eq!(
        crate_of(&[lib, parent, ("a/child", tested), ("b", ""), ("c", "")]),
        None
    );
}

/// Every module that is a file: where it stands and what it says.
fn files(source: &Path) -> BTreeMap<Module, (PathBuf, String)> {
    let mut found = BTreeMap::new();
    let mut folders = vec![(source.to_owned(), Module::new())];
    while let Some((folder, module)) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("it can be read") {
            let path = entry.expect("it can be listed").path();
            let name = path.file_stem().expect("it has a name").to_string_lossy();
            if name == "tests" {
                continue;
            }
            let mut module = module.clone();
            let is_root = name == "lib" || name == "main" && module.is_empty();
            if !is_root && name != "mod" {
                module.push(name.into_owned());
            }
            if path.is_dir() {
                // Each program in src/bin is a crate of its own.
                if module != ["bin"] {
                    folders.push((path, module));
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let is_library = path.ends_with("lib.rs");
                let text = fs::read_to_string(&path).expect("it can be read");
                // The program beside a library is above all of it.
                if is_library || !found.contains_key(&module) {
                    found.insert(module, (path, text));
                }
            }
        }
    }
    found
}

/// What each file imports of its own crate.
fn imports(files: &BTreeMap<Module, (PathBuf, String)>) -> BTreeMap<PathBuf, BTreeSet<PathBuf>> {
    let file_of = |module: &[String]| {
        let known = (0..=module.len())
            .rev()
            .find_map(|n| files.get(&module[..n]));
        known.map(|(path, _)| path.clone())
    };
    let root = files.get(&Module::new()).map_or("", |(_, text)| text);
    let from_outside = from_outside(root, files);
    let mut imports = BTreeMap::new();
    for (module, (path, text)) in files {
        let paths = paths(module, &tokens(text));
        let imported: BTreeSet<PathBuf> = paths
            .into_iter()
            .filter(|it| !it.first().is_some_and(|name| from_outside.contains(name)))
            .filter_map(|it| file_of(&it))
            .filter(|it| it != path)
            .collect();
        imports.insert(path.clone(), imported);
    }
    imports
}

/// The names that the root has from another crate: nobody's path to them leads back.
fn from_outside(root: &str, files: &BTreeMap<Module, (PathBuf, String)>) -> BTreeSet<String> {
    let tokens = tokens(root);
    let mut names = BTreeSet::new();
    for (at, _) in tokens
        .iter()
        .enumerate()
        .filter(|(_, token)| **token == "use")
    {
        let mut found = Vec::new();
        tree(&tokens, at + 1, &[], &mut found);
        for path in found {
            let own = path.first().is_none_or(|first| {
                ["crate", "self", "super"].contains(&&**first)
                    || files.contains_key(&vec![first.clone()])
            });
            let last = path.iter().rfind(|name| *name != "self");
            names.extend(last.filter(|_| !own).cloned());
        }
    }
    names
}

/// All modules, and items of modules, that the file of `module` names.
fn paths(module: &Module, tokens: &[&str]) -> Vec<Module> {
    let mut paths = Vec::new();
    let mut inline: Vec<(usize, String)> = Vec::new();
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate() {
        let next = |n: usize| tokens.get(at + n).copied().unwrap_or_default();
        let here = || {
            let inline = inline.iter().map(|(_, name)| name.clone());
            module.iter().cloned().chain(inline)
        };
        match *token {
            "mod" if next(2) == ";" => {
                paths.push(here().chain([next(1).to_owned()]).collect());
            }
            "mod" if next(2) == "{" => inline.push((depth, next(1).to_owned())),
            "{" => depth += 1,
            "}" => {
                depth -= 1;
                inline.retain(|(outside, _)| *outside < depth);
            }
            "crate" | "super" | "self"
                if next(1) == "::" && (at == 0 || tokens[at - 1] != "::") =>
            {
                let is_test = inline.iter().any(|(_, name)| name == "tests");
                let mut found = Vec::new();
                tree(tokens, at, &[], &mut found);
                for path in found.into_iter().filter(|_| !is_test) {
                    let mut absolute: Module = here().collect();
                    for name in path {
                        match &*name {
                            "crate" => absolute.clear(),
                            "super" => drop(absolute.pop()),
                            "self" => {}
                            _ => absolute.push(name),
                        }
                    }
                    paths.push(absolute);
                }
            }
            _ => {}
        }
    }
    paths
}

/// The paths of `a::{b, c::d}` from `at` on; returns where it ends.
fn tree(tokens: &[&str], mut at: usize, before: &[String], found: &mut Vec<Module>) -> usize {
    let mut path = before.to_vec();
    loop {
        match tokens.get(at) {
            Some(&"{") => {
                at += 1;
                while tokens.get(at).is_some_and(|token| *token != "}") {
                    // A comma, or what is no import.
                    let end = tree(tokens, at, &path, found);
                    let is_comma = tokens.get(end) == Some(&",");
                    at = if is_comma || end == at { end + 1 } else { end };
                }
                return at + 1;
            }
            Some(name) if name.starts_with(|c: char| c.is_alphabetic() || c == '_') => {
                path.push((*name).to_owned());
                at += 1;
            }
            Some(&"*") => at += 1,
            _ => {}
        }
        if tokens.get(at) == Some(&"as") {
            at += 2;
        }
        if tokens.get(at) == Some(&"::") {
            at += 1;
        } else {
            found.push(path);
            return at;
        }
    }
}

/// Words, `::` and single characters, without comments, strings and lifetimes.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(end) = raw_string(rest) {
            end
        } else if first == '"' {
            string(rest, '"')
        } else if first == '\'' {
            let mut inside = rest[1..].chars();
            match (inside.next(), inside.next()) {
                (Some('\\'), _) => string(rest, '\''),
                (Some(c), Some('\'')) => c.len_utf8() + 2,
                _ => 1,
            }
        } else if is_word(first) {
            let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            tokens.push(&rest[..end]);
            end
        } else if rest.starts_with("::") {
            tokens.push("::");
            2
        } else {
            if !first.is_whitespace() {
                tokens.push(&rest[..first.len_utf8()]);
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    tokens
}

/// Where a string ends that begins here.
fn string(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

/// The same of `r"…"` and `r#"…"#`.
fn raw_string(text: &str) -> Option<usize> {
    let text_after_r = text.strip_prefix("br").or(text.strip_prefix('r'))?;
    let hashes = text_after_r.len() - text_after_r.trim_start_matches('#').len();
    let body = text_after_r[hashes..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let end = body.find(&close)?;
    Some(text.len() - body.len() + end + close.len())
}

/// A circle, in words; the shortest that there is.
fn circle(imports: &BTreeMap<PathBuf, BTreeSet<PathBuf>>) -> Option<String> {
    let circles = imports.keys().filter_map(|start| {
        let mut reached: BTreeMap<&PathBuf, Vec<&PathBuf>> = BTreeMap::new();
        let mut next = vec![vec![start]];
        while let Some(way) = next.first().cloned() {
            next.remove(0);
            for to in &imports[way[way.len() - 1]] {
                let longer = [&way[..], &[to]].concat();
                if to == start {
                    return Some(longer);
                }
                if reached.insert(to, longer.clone()).is_none() {
                    next.push(longer);
                }
            }
        }
        None
    });
    let shortest = circles.min_by_key(Vec::len)?;
    let names = shortest.iter().map(|path| {
        let inside = path.strip_prefix(root());
        inside.unwrap_or(path).display().to_string()
    });
    let names: Vec<String> = names.collect();
    Some(names.join("\n  imports "))
}

/// The root of the project.
fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = package.ancestors().nth(2);
    root.expect("it is in the workshop").to_owned()
}
