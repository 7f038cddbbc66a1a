//! From where cargo takes packages: its configuration says it.

use std::fs;
use std::path::{Path, PathBuf};

/// crates.io, or what stands in its place.
pub(super) fn configured(root: &Path) -> String {
    let files = files(root);
    let tables: Vec<toml::Table> = files
        .iter()
        .filter_map(|file| fs::read_to_string(file).ok()?.parse().ok())
        .collect();
    instead(&tables).unwrap_or("crates.io".to_owned())
}

/// The nearest first, as cargo reads them: of each folder upwards, then of cargo's own.
fn files(root: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = root.ancestors().map(|it| it.join(".cargo")).collect();
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    folders.extend(home.or(std::env::home_dir().map(|home| home.join(".cargo"))));
    let both = |folder: &PathBuf| [folder.join("config"), folder.join("config.toml")];
    folders.iter().flat_map(both).collect()
}

/// Follows `replace-with` to where it ends: to an address, a folder, or a name.
fn instead(tables: &[toml::Table]) -> Option<String> {
    let look = |source: &str, key: &str| {
        let mut values = tables.iter();
        let value = values.find_map(|it| it.get("source")?.get(source)?.get(key)?.as_str());
        value.map(str::to_owned)
    };
    let mut name = look("crates-io", "replace-with")?;
    // One that leads back to itself, cargo complains of.
    for _ in 0..8 {
        match look(&name, "replace-with") {
            Some(next) => name = next,
            None => break,
        }
    }
    let mut keys = ["registry", "local-registry", "directory", "git"].iter();
    let place = keys.find_map(|key| look(&name, key));
    let place = place.or_else(|| {
        let mut registries = tables.iter();
        let index =
            registries.find_map(|it| it.get("registries")?.get(&name)?.get("index")?.as_str());
        index.map(str::to_owned)
    });
    Some(terminal::harmless(&without_password(place.unwrap_or(name))))
}

/// An address may have a name and a password before its host, which are nobody's business.
fn without_password(address: String) -> String {
    let Some((scheme, rest)) = address.split_once("://") else {
        return address;
    };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}/{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(texts: &[&str]) -> Option<String> {
        let tables: Vec<toml::Table> = texts
            .iter()
            .map(|text| text.parse().expect("it is TOML"))
            .collect();
        instead(&tables)
    }

    #[test]
    fn a_mirror_is_told_by_its_address() {
        assert_eq!(told(&["[net]\noffline = true\n"]), None);
        let two = "[source.crates-io]\nreplace-with = 'a'\n[source.a]\nreplace-with = 'b'\n";
        let mirror = "[source.b]\nregistry = 'sparse+https://me:secret@mirror.example/index/'\n";
        let address = "sparse+https://mirror.example/index/";
        assert_eq!(told(&[two, mirror]).as_deref(), Some(address));
        let vendored = "[source.crates-io]\nreplace-with = 'v'\n[source.v]\ndirectory = 'vendor'\n";
        assert_eq!(told(&[vendored]).as_deref(), Some("vendor"));
        assert_eq!(told(&[vendored, two]).as_deref(), Some("vendor"));
        let circle = "[source.crates-io]\nreplace-with = 'a'\n[source.a]\nreplace-with = 'a'\n";
        assert_eq!(told(&[circle]).as_deref(), Some("a"));
    }
}
