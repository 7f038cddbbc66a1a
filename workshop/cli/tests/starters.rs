//! What a learner begins with in another language than Rust: it listens, announces and parses its
//! command line, and serves nobody yet.
#![cfg(unix)]

mod support;

use assert_cmd::Command;
use std::fs;
use std::net::{Ipv6Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;
use support::{grade, has};
use tempfile::TempDir;

/// Long enough for a compiler's first time, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// What every one of them passes, and nothing else: how it is started.
const FROM_THE_START: [&str; 4] = ["help", "version", "wrong-option", "port-in-use"];

#[test]
fn one_in_c_begins_there() {
    begins("c", "cc");
}

#[test]
fn one_in_python_begins_there() {
    begins("python", "python3");
}

#[test]
fn one_in_go_begins_there() {
    begins("go", "go");
}

#[test]
fn one_in_node_begins_there() {
    begins("node", "node");
}

/// In a language of one's own there is no program yet, but a command for it all the same.
#[test]
fn one_in_any_other_has_a_command_and_a_word_on_how_to_begin() {
    let starter = Starter::copy("other");
    assert!(starter.grade["command"].is_str());
    let told = fs::read_to_string(starter.folder.path().join("README.md")).expect("it is there");
    for slug in FROM_THE_START {
        assert_eq!(told.matches(&format!("`{slug}`")).count(), 2, "{slug}");
    }
}

/// `STARTERS=required` demands the languages' tools.
fn begins(language: &str, tool: &str) {
    if !has(tool) {
        assert!(
            std::env::var_os("STARTERS").is_none(),
            "{tool} is not there"
        );
        return;
    }
    let starter = Starter::copy(language);
    starter.build();
    starter.announces("127.0.0.1:0");
    if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok() {
        starter.announces("[::1]:0");
    }
    let verdict = grade(&["select-server", "--bin", &starter.command()]);
    assert_eq!(verdict.slugs("passed"), FROM_THE_START);
    assert!(!verdict.full);
}

/// A copy, as a learner has it.
struct Starter {
    folder: TempDir,
    grade: toml::Table,
}

impl Starter {
    fn copy(language: &str) -> Starter {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut tasks = 0;
        for file in fs::read_dir(languages().join(language)).expect("the starter is there") {
            let file = file.expect("a file").path();
            let text = fs::read_to_string(&file).expect("a text");
            tasks += text.matches("@TASKS@").count();
            let text = text.replace("@STEP@", "select-server");
            let text = text.replace("@TASKS@", "Serve everybody.");
            let name = file.file_name().expect("it has a name");
            fs::write(folder.path().join(name), text).expect("it is written");
        }
        assert_eq!(tasks, usize::from(language != "other"), "the tasks' place");
        let grade = fs::read_to_string(folder.path().join("grade.toml")).expect("it is there");
        let grade: toml::Table = grade.parse().expect("TOML");
        assert_eq!(grade["step"].as_str(), Some("select-server"));
        Starter { folder, grade }
    }

    /// A line of shell in its folder, which takes arguments.
    fn line(&self, command: &str) -> [String; 4] {
        let folder = self.folder.path().display();
        let line = format!("cd '{folder}' && exec {command} \"$@\"");
        ["sh".into(), "-c".into(), line, "server".into()]
    }

    fn sh(&self, command: &str) -> Command {
        let [shell, arguments @ ..] = self.line(command);
        let mut command = Command::new(shell);
        command.args(arguments).timeout(PATIENCE);
        command
    }

    /// Without a warning.
    fn build(&self) {
        if let Some(build) = self.grade.get("build") {
            let build = build.as_str().expect("a command");
            self.sh(build).assert().success().stdout("").stderr("");
        }
    }

    fn command(&self) -> String {
        let command = self.grade["command"].as_str().expect("a command");
        shell_words::join(self.line(command))
    }

    /// It says where it really listens before it comes to what is not written yet.
    fn announces(&self, address: &str) {
        let command = self.grade["command"].as_str().expect("a command");
        let ended = self.sh(command).args(["--listen", address]).assert();
        let ended = ended.code(1);
        let ended = ended.stderr("serve: nothing is written here yet\n");
        let said = String::from_utf8_lossy(&ended.get_output().stdout).into_owned();
        let real = said.strip_prefix("listening on ").unwrap_or_default();
        let real: SocketAddr = real.trim_end().parse().expect(&said);
        assert_eq!(said, format!("listening on {real}\n"));
        assert_eq!(
            real.ip(),
            address.parse::<SocketAddr>().expect("it is one").ip()
        );
        assert_ne!(real.port(), 0);
    }
}

fn languages() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../starter/languages")
}
