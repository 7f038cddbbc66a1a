//! What the sessions find on the machine: the same surroundings everywhere, and the programs.

use book::edition::Edition;
use grader::Need;
use std::path::Path;
use std::process::Command;

/// A command with the environment of an edition's reader, and nothing of what cargo tells a test. What
/// is built with one is up to date for the other.
pub(crate) fn command(program: &str, edition: Edition) -> Command {
    let mut command = Command::new(program);
    let for_tests = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "LC_"];
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if for_tests.iter().any(|start| text.starts_with(start)) {
            command.env_remove(&name);
        }
    }
    for name in [
        "CARGO",
        "CARGO_CRATE_NAME",
        "LD_LIBRARY_PATH",
        "LANG",
        "LANGUAGE",
        "MAIL",
        "RECORD",
    ] {
        command.env_remove(name);
    }
    match edition {
        Edition::Chinese => command
            .env("LANG", "C.UTF-8")
            .env("LC_MESSAGES", CHINESE_FOR_THE_WORKSHOP),
        Edition::English | Edition::SideBySide => command.env("LC_ALL", "C.UTF-8"),
    };
    command
}

/// The workshop's programs read Chinese in it. The C library knows no locale of this name: whether a
/// shell has Chinese words differs from machine to machine, and so it keeps to its English ones.
const CHINESE_FOR_THE_WORKSHOP: &str = "zh";

/// What a session needs that is no program.
const IO_URING: &str = "io_uring";

/// The programs that are not on the PATH, each with the package that has it.
pub(crate) fn missing(needs: &[String]) -> Vec<String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let there = |name: &str| std::env::split_paths(&path).any(|folder| folder.join(name).is_file());
    let programs = needs.iter().filter(|name| *name != IO_URING);
    let missing = programs.filter(|name| !there(name));
    missing
        .map(|name| format!("{name} ({})", package(name)))
        .collect()
}

/// Why a session cannot be played here at all, whatever is installed.
pub(crate) fn cannot_be_had(needs: &[String]) -> Option<String> {
    let io_uring = needs.iter().find(|name| *name == IO_URING)?;
    let reason = Need::IoUring.missing()?;
    Some(format!("{io_uring} ({})", reason.en))
}

fn package(program: &str) -> &'static str {
    match program {
        "just" => "package rust-just of pip, or cargo install just",
        "ss" => "package iproute2",
        "ps" | "pgrep" => "package procps",
        "yes" => "package coreutils",
        "strace" => "package strace",
        "bash" => "package bash",
        _ => "its package is not known to this test",
    }
}

/// Runs a command of `# build:` to its end.
pub(crate) fn build(folder: &Path, line: &str) -> Result<(), String> {
    let output = command("bash", Edition::English)
        .args(["-c", line])
        .current_dir(folder)
        .output();
    let output = output.map_err(|error| format!("cannot run {line}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{line}: {}\n{said}", output.status))
}
