//! Which crate a source file belongs to: a warning is allowed at the crate's root.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use syn::Item;

/// The roots of the crates that have one of `files` among their modules.
pub(crate) fn roots<'a>(
    sources: &BTreeMap<PathBuf, String>,
    files: impl Iterator<Item = &'a Path> + Clone,
) -> Vec<PathBuf> {
    let roots = sources.keys().filter(|path| is_root(path));
    let touched = roots.filter(|root| {
        let modules = modules(sources, root);
        files
            .clone()
            .any(|file| modules.iter().any(|it| it == file))
    });
    touched.cloned().collect()
}

/// The files that cargo compiles as crates of their own: `src/lib.rs`, `src/main.rs`, `src/bin/x.rs`
/// and `src/bin/x/main.rs`.
fn is_root(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    let folder = path.parent().unwrap_or(Path::new(""));
    let is_in_bin = folder.parent() == Some(Path::new("src/bin")) && name == "main.rs";
    let is_library_or_main = folder == Path::new("src") && (name == "lib.rs" || name == "main.rs");
    is_library_or_main || is_in_bin || folder == Path::new("src/bin")
}

/// A file, and those of its modules, theirs included.
fn modules(sources: &BTreeMap<PathBuf, String>, file: &Path) -> Vec<PathBuf> {
    let mut found = vec![file.to_owned()];
    let Some(parsed) = sources
        .get(file)
        .and_then(|text| syn::parse_file(text).ok())
    else {
        return found;
    };
    // `mod b;` in `src/a.rs` stands in `src/a/`, in a root beside it.
    let folder = match is_root(file) {
        true => file.parent().unwrap_or(file).to_owned(),
        false => file.with_extension(""),
    };
    for item in &parsed.items {
        if let Item::Mod(module) = item
            && module.content.is_none()
        {
            let file = folder.join(format!("{}.rs", module.ident));
            found.extend(modules(sources, &file));
        }
    }
    found
}
