use crate::terminal::Terminal;
use anyhow::Result;
use grader::Executables;
use std::collections::BTreeSet;

/// A binary of the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Binary<'a> {
    pub(super) package: &'a str,
    pub(super) name: &'a str,
}

/// Builds them for speed and tells where they are.
pub(super) fn build(terminal: &Terminal, binaries: &BTreeSet<Binary>) -> Result<Executables> {
    if binaries.is_empty() {
        return Executables::build(&[], |_| {});
    }
    let packages: BTreeSet<&str> = binaries.iter().map(|binary| binary.package).collect();
    let mut select = Vec::new();
    for package in packages {
        select.extend(["--package", package]);
    }
    for binary in binaries {
        select.extend(["--bin", binary.name]);
    }
    let spinner = terminal.spinner(terminal.say(
        "building the servers (release)",
        "正在构建各个服务器（release）",
    ));
    let shown = spinner.clone();
    let executables = Executables::build(&select, move |line| shown.set_message(line.to_owned()));
    spinner.finish_and_clear();
    executables
}
