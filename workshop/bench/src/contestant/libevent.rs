//! The peer in C, compiled when it is wanted: no build of the workspace needs Libevent.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use subject::run_to_end;
use terminal::Text;

const SOURCE: &str = "workshop/bench/peers/libevent.c";

/// Compiles it beside this program, in cargo's target folder.
///
/// # Errors
///
/// Why it cannot take part: no C compiler, or no Libevent.
pub(super) fn build(workspace: &Path) -> Result<PathBuf, Text> {
    let here =
        std::env::current_exe().map_err(|error| Text::new(error.to_string(), error.to_string()))?;
    let program = here.with_file_name("libevent-peer");
    // Under another name first: a second bench may run the program at this very moment.
    let fresh = here.with_file_name(format!("libevent-peer.{}", std::process::id()));
    let mut compiler = Command::new(std::env::var_os("CC").unwrap_or("cc".into()));
    compiler
        .current_dir(workspace)
        .args(["-std=gnu11", "-O2", "-Wall", "-Wextra", "-o"])
        .arg(&fresh)
        .arg(SOURCE)
        .args(flags());
    let compiled = run_to_end(&mut compiler, Vec::new()).map_err(|error| {
        left_out(
            "there is no C compiler",
            "没有 C 编译器",
            &error.to_string(),
            "build-essential",
        )
    })?;
    if !compiled.status.success() {
        let complaints = String::from_utf8_lossy(&compiled.stderr);
        let first = complaints
            .lines()
            .find(|line| line.contains("error") || line.contains("cannot find"));
        let reason = first.unwrap_or("cc has failed");
        return Err(left_out(
            "cc cannot build it",
            "cc 编译不了它",
            reason,
            "libevent-dev",
        ));
    }
    fs::rename(&fresh, &program).map_err(|error| {
        left_out(
            "it cannot be kept",
            "无法保存",
            &error.to_string(),
            "libevent-dev",
        )
    })?;
    Ok(program)
}

/// Where the headers and the library are: pkg-config knows, if it is there; the usual places will
/// do.
fn flags() -> Vec<String> {
    let mut asked = Command::new("pkg-config");
    asked.args(["--cflags", "--libs", "libevent_core"]);
    let told = run_to_end(&mut asked, Vec::new())
        .ok()
        .filter(|told| told.status.success())
        .map(|told| {
            String::from_utf8_lossy(&told.stdout)
                .split_whitespace()
                .map(str::to_owned)
                .collect()
        });
    told.unwrap_or_else(|| vec!["-levent_core".to_owned()])
}

fn left_out(en: &str, zh: &str, reason: &str, package: &str) -> Text {
    Text::new(
        format!("left out: {en} ({reason}); on Debian: apt install {package}"),
        format!("未参加：{zh}（{reason}）；Debian 上可以 apt install {package}"),
    )
}
