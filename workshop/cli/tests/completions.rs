//! What a shell asks the tool at every Tab, and the scripts that have it ask.
#![cfg(unix)]

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use std::fs;
use std::path::Path;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

const WORKSHOP: &str = env!("CARGO_BIN_EXE_workshop");

/// Of one shell.
fn script(shell: &str) -> String {
    let mut tool = Command::new(WORKSHOP);
    let output = tool.args(["completions", shell]).timeout(PATIENCE).output();
    let output = output.expect("it runs");
    assert!(output.status.success(), "{shell}: {output:?}");
    String::from_utf8(output.stdout).expect("it is text")
}

/// Does what bash does when Tab is pressed behind these words: one line for each that could stand there.
const TAB: &str = r#"
source "$SCRIPT"
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
COMP_TYPE=9
_clap_complete_workshop workshop "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
[ ${#COMPREPLY[@]} = 0 ] || printf '%s\n' "${COMPREPLY[@]}"
"#;

/// What bash finds behind `words`, of which the last has been begun.
fn completed(script: &Path, folder: &Path, words: &[&str]) -> Vec<String> {
    let mut bash = Command::new("bash");
    bash.args(["--norc", "-c", TAB, "bash"])
        .args(words)
        .env("SCRIPT", script)
        .env("LC_ALL", "C.UTF-8")
        .current_dir(folder)
        .timeout(PATIENCE);
    let output = bash.output().expect("it runs");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.is_empty(), "{told}");
    let found = String::from_utf8(output.stdout).expect("it is text");
    found.lines().map(|line| line.trim().to_owned()).collect()
}

#[test]
fn each_shell_gets_a_script_that_asks_this_program() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = script(shell);
        for part in ["workshop", "WORKSHOP_COMPLETE", WORKSHOP] {
            assert!(script.contains(part), "{shell}: no {part} in {script}");
        }
    }
    // Where none is on the PATH, a short name stands for what is typed otherwise.
    for shell in ["bash", "zsh", "fish"] {
        assert!(script(shell).contains("cargo run -q --"), "{shell}");
    }
}

#[test]
fn bash_completes_commands_steps_tasks_and_cases() {
    if Command::new("bash").arg("--version").ok().is_err() {
        eprintln!("SKIPPED: there is no bash");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("workshop.bash");
    fs::write(&file, script("bash")).expect("it is written");
    let mut syntax = Command::new("bash");
    syntax.arg("-n").arg(&file).assert().success();

    let root = terminal::workspace().expect("ours");
    let behind = |words: &[&str]| completed(&file, &root, words);
    assert_eq!(behind(&["workshop", "gr"]), ["grade"]);
    assert_eq!(behind(&["workshop", "grade", "fo"]), ["fork-server"]);
    let steps = behind(&["workshop", "start", ""]);
    assert_eq!(steps[..3], ["1", "2", "3"], "{steps:?}");
    assert_eq!(behind(&["workshop", "solution", "2", "reap"]), ["reaping"]);
    let cases = behind(&["workshop", "grade", "2", "--case", "half-close"]);
    assert!(
        cases.contains(&"half-close-at-once".to_owned()),
        "{cases:?}"
    );
    assert_eq!(behind(&["workshop", "talk", "--case", "crow"]), ["crowd"]);
    // The menu has nothing that is only for the book.
    let all = behind(&["workshop", ""]);
    assert!(all.contains(&"doctor".to_owned()) && !all.contains(&"catalogue".to_owned()));

    // Outside of every checkout, the commands are known, and nothing is complained of.
    let nowhere = |words: &[&str]| completed(&file, folder.path(), words);
    assert_eq!(nowhere(&["workshop", "gr"]), ["grade"]);
    assert!(nowhere(&["workshop", "solution", "2", "reap"]).is_empty());
}

#[test]
fn the_help_says_how_each_shell_gets_it() {
    let lines = || {
        contains("completions bash >> ~/.bashrc")
            .and(contains("completions zsh >> ~/.zshrc"))
            .and(contains("conf.d/workshop.fish"))
            .and(contains("rc.elv"))
            .and(contains("$PROFILE"))
    };
    let (english, chinese) = (contains("No shell can"), contains("没有哪种 shell 能补全"));
    let help = |language| {
        let mut help = Command::new(WORKSHOP);
        help.args(["--lang", language, "completions", "--help"]);
        help.timeout(PATIENCE).assert().success()
    };
    help("en").stdout(lines().and(english.clone()).and(chinese.clone().not()));
    help("zh").stdout(lines().and(chinese).and(english.not()));
}
