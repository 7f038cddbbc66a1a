use starter::Built;
use std::path::PathBuf;
use subject::processes::holder_of_lock;
use terminal::Language;

/// What cargo says while it builds; where it waits, for whom.
pub(super) fn what_is_said(said: &str, language: Language) -> String {
    if !said.contains("waiting for file lock") {
        return said.to_owned();
    }
    let target = Built::target_folder().unwrap_or_default();
    let cargo = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo = cargo.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let cargo = cargo.unwrap_or_default();
    let locks = [
        target.join("build/release/.cargo-lock"),
        target.join("build/.cargo-lock"),
        cargo.join(".package-cache"),
        cargo.join(".package-cache-mutate"),
    ];
    let me = std::process::id();
    let holders = locks.iter().filter_map(|file| holder_of_lock(file));
    let holder = holders.into_iter().find(|holder| holder.pid != me);
    match (holder, language) {
        (None, Language::English) => "cargo waits for another cargo".to_owned(),
        (None, Language::Chinese) => "cargo 在等另一个 cargo".to_owned(),
        (Some(holder), Language::English) => {
            format!("cargo waits for process {}: {}", holder.pid, holder.command)
        }
        (Some(holder), Language::Chinese) => {
            format!("cargo 在等进程 {}：{}", holder.pid, holder.command)
        }
    }
}
