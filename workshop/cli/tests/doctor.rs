//! What the tool says of the machine that it finds: all of it by `doctor`, and before a step is begun
//! only what is missing for that.
#![cfg(target_os = "linux")]

#[path = "../../grader/tests/support/forbid.rs"]
mod forbid;

use assert_cmd::Command;
use console::measure_text_width;
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use predicates::prelude::*;
use predicates::str::{contains, is_empty};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;

/// Every program is given up that does not answer; a busy machine takes its time.
const PATIENCE: Duration = Duration::from_secs(60);

const WORKSHOP: &str = env!("CARGO_BIN_EXE_workshop");

fn workshop(arguments: &[&str]) -> Command {
    let mut command = Command::new(WORKSHOP);
    command
        .args(arguments)
        .timeout(PATIENCE)
        .env("LC_ALL", "C.UTF-8");
    command
}

/// A PATH of its own, with some programs of the real one.
struct Programs(TempDir);

impl Programs {
    /// With a compiler, which nobody can begin without.
    fn new() -> Programs {
        let programs = Programs(tempfile::tempdir().expect("a folder"));
        let rustc = on_the_path("rustc").expect("it has compiled this");
        // Rustup's proxies go by the name by which they are called.
        programs.script("rustc", &format!("exec {} \"$@\"", rustc.display()));
        programs
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn with(self, name: &str) -> Programs {
        let real = on_the_path(name).unwrap_or_else(|| panic!("no {name}"));
        symlink(real, self.path().join(name)).expect("a link");
        self
    }

    fn script(&self, name: &str, line: &str) {
        let file = self.path().join(name);
        fs::write(&file, format!("#!/bin/sh\n{line}\n")).expect("it is written");
        fs::set_permissions(file, fs::Permissions::from_mode(0o755)).expect("it is ours");
    }

    fn doctor(&self, language: &str) -> Command {
        let mut doctor = workshop(&["--lang", language, "doctor"]);
        doctor.env("PATH", self.path()).env_remove("CHROMIUM");
        doctor
    }
}

fn on_the_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// One of the lines that begins with this mark, and this name.
fn marked(mark: &str, name: &str) -> impl Predicate<str> + use<> {
    let begin = format!("  {mark} {name} ");
    predicate::function(move |text: &str| text.lines().any(|line| line.starts_with(&begin)))
}

fn is_han(c: char) -> bool {
    ('\u{3000}'..='\u{9fff}').contains(&c) || ('\u{ff00}'..='\u{ffef}').contains(&c)
}

#[test]
fn everything_is_told_in_each_language_and_in_eighty_columns() {
    for more in [&[][..], &["--all"]] {
        for (language, group) in [("en", "To run the steps"), ("zh", "运行各步")] {
            let arguments = [&["--lang", language, "doctor"], more].concat();
            let output = workshop(&arguments).output().expect("it runs");
            let told = String::from_utf8(output.stdout).expect("it is text");
            assert!(told.contains(group), "{told}");
            assert_eq!(told.chars().any(is_han), language == "zh", "{told}");
            for line in told.lines() {
                assert!(measure_text_width(line) <= 80, "{line}");
            }
            // What must be mended decides, and nothing else does.
            let must = told.lines().any(|line| line.starts_with("  ✗ "));
            assert_eq!(output.status.code(), Some(i32::from(must)), "{told}");
        }
    }
}

#[test]
fn what_it_is_for_and_every_system_is_told_of_all() {
    let strace = contains("sudo apt install strace").and(contains("sudo pacman -S strace"));
    let linker = contains("xcode-select --install").and(contains("sudo dnf install gcc"));
    let output = workshop(&["--lang", "en", "doctor", "--all"]).output();
    let told = String::from_utf8(output.expect("it runs").stdout).expect("it is text");
    assert!(strace.and(linker).eval(&told), "{told}");
}

/// What mends it is a package's name, on whatever system this is; elsewhere, that of each.
#[test]
fn without_a_linker_nothing_can_be_built_and_without_strace_most_can() {
    let programs = Programs::new();
    let linker = marked("✗", "linker").and(contains("cc is not on the PATH"));
    let mend = contains("gcc").or(contains("base-devel"));
    let strace = marked("◦", "strace").and(contains("install strace").or(contains("-S strace")));
    programs
        .doctor("en")
        .assert()
        .code(1)
        .stdout(linker.and(mend).and(strace))
        .stdout(contains("To be mended first (✗): linker."));
    programs
        .doctor("zh")
        .assert()
        .code(1)
        .stdout(marked("✗", "链接器").and(contains("PATH 上没有 cc")))
        .stdout(contains("要先解决（✗）：链接器。"));
}

#[test]
fn with_a_linker_and_nothing_else_one_can_begin() {
    // What links is what cc finds beside it.
    let programs = Programs::new().with("cc").with("ld").with("as");
    let begin = contains("You can begin with step 1.");
    let lacking = marked("◦", "just").and(contains("not on the PATH: python3, go, node"));
    programs
        .doctor("en")
        .assert()
        .success()
        .stdout(begin.and(marked("✓", "linker")).and(lacking));
    programs
        .doctor("zh")
        .assert()
        .success()
        .stdout(contains("可以从第 1 步开始了。"));
}

#[test]
fn a_compiler_that_cannot_link_is_told_with_what_it_says() {
    let programs = Programs::new();
    let complaint = "ld: error: cannot find crt1.o";
    programs.script("cc", &format!("echo '{complaint}' >&2; exit 1"));
    programs
        .doctor("en")
        .assert()
        .code(1)
        .stdout(marked("✗", "linker").and(contains(complaint)));
}

#[test]
fn a_compiler_that_is_too_old_is_told_with_the_version_that_is_wanted() {
    let programs = Programs::new().with("cc").with("ld").with("as");
    programs.script("rustc", "echo 'rustc 1.70.0 (90c541806 2023-05-31)'");
    let told = contains("1.70.0 is too old").and(marked("✗", "rustc"));
    programs.doctor("en").assert().code(1).stdout(told);
    programs.script("rustup", "exit 0");
    programs
        .doctor("zh")
        .assert()
        .code(1)
        .stdout(contains("1.70.0 太旧了").and(contains("rustup update stable")));
}

/// Someone's own program by this name may do anything: it is given up.
#[test]
fn a_program_that_never_ends_is_given_up() {
    let programs = Programs::new()
        .with("cc")
        .with("ld")
        .with("as")
        .with("sleep");
    programs.script("just", "exec sleep 1000");
    let told = marked("◦", "just").and(marked("✓", "linker"));
    programs.doctor("en").assert().success().stdout(told);
}

#[test]
fn a_low_limit_of_descriptors_is_told() {
    let told = marked("◦", "descriptors").and(contains("only 512 may be open"));
    let mut doctor = Command::new("sh");
    doctor
        .args([
            "-c",
            "ulimit -n 512; exec \"$0\" --lang en doctor",
            WORKSHOP,
        ])
        .timeout(PATIENCE)
        .assert()
        .stdout(told.and(contains("--nofile=1300:1300")));
}

#[test]
fn the_tour_says_so_before_it_builds_anything() {
    let mut tour = std::process::Command::new("sh");
    tour.args(["-c", "ulimit -n 512; exec \"$0\" --lang en tour", WORKSHOP])
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut tour = tour.spawn().expect("there is a shell");
    let mut first = String::new();
    let told = tour.stderr.take().expect("piped");
    let read = BufReader::new(told).read_line(&mut first);
    // It ends what it has begun, too.
    let _ = kill(Pid::from_raw(tour.id() as i32), Signal::SIGTERM);
    let _ = tour.wait();
    read.expect("it says something");
    let told = contains("descriptors: only 512").and(contains("cargo run -- doctor"));
    assert!(told.eval(&first), "{first}");
}

#[test]
fn a_mirror_is_named_where_packages_come_from() {
    let home = tempfile::tempdir().expect("a folder");
    let mirror = "[source.crates-io]\nreplace-with = 'near'\n\
        [source.near]\nregistry = 'sparse+https://me:secret@mirror.invalid/index/'\n";
    fs::write(home.path().join("config.toml"), mirror).expect("it is written");
    // Nothing is in this home: all would have to be fetched, and nobody is asked.
    let told = marked("◦", "packages").and(contains("mirror.invalid"));
    workshop(&["--lang", "en", "doctor"])
        .env("CARGO_HOME", home.path())
        .assert()
        .stdout(told.and(contains("cargo fetch --locked")))
        .stdout(contains("secret").not());
}

/// A checkout in which a copy can be begun.
fn checkout() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let root = terminal::workspace().expect("ours");
    for name in ["Cargo.toml", "Cargo.lock", "work/Cargo.toml", "work/lib.rs"] {
        let to = folder.path().join(name);
        fs::create_dir_all(to.parent().expect("in a folder")).expect("a folder");
        fs::copy(root.join(name), to).expect("it is copied");
    }
    for name in ["shared", "workshop", "book", "steps"] {
        symlink(root.join(name), folder.path().join(name)).expect("a link");
    }
    folder
}

#[test]
fn where_io_uring_is_forbidden_step_7_alone_says_so() {
    let (told, more) = (
        contains("io_uring is forbidden here"),
        contains("cargo run -- doctor"),
    );
    forbid::without_io_uring(Errno::EPERM, || {
        workshop(&["--lang", "en", "doctor"])
            .assert()
            .stdout(marked("◦", "io_uring").and(told.clone()));
        workshop(&["--lang", "zh", "doctor"])
            .assert()
            .stdout(contains("这里禁用了 io_uring"));
        let folder = checkout();
        let start = |step| {
            let mut start = workshop(&["--lang", "en", "start", step]);
            start.current_dir(folder.path()).assert().success()
        };
        start("7").stderr(
            told.and(more)
                .and(predicate::str::is_match("^[^\n]*\n$").expect("it is one")),
        );
        start("2").stderr(is_empty());
    });
}

/// Some filters do not refuse the call. Only a process that was started for it is lost.
#[test]
fn where_whoever_makes_a_ring_is_killed_the_others_live() {
    let calls = [(nix::libc::SYS_io_uring_setup, vec![])];
    let filter = SeccompFilter::new(
        calls.into_iter().collect(),
        SeccompAction::Allow,
        SeccompAction::KillProcess,
        std::env::consts::ARCH.try_into().expect("seccomp knows it"),
    );
    let filter = BpfProgram::try_from(filter.expect("it is a filter")).expect("it is a program");
    let told = marked("◦", "io_uring").and(contains("filter kills"));
    let tried = std::thread::spawn(move || {
        seccompiler::apply_filter(&filter).expect("a process may forbid itself anything");
        workshop(&["--lang", "en", "doctor"]).assert().stdout(told);
    });
    tried.join().expect("it is told");
}

#[test]
fn who_begins_in_a_language_that_is_not_there_is_told() {
    let (folder, programs) = (checkout(), Programs::new());
    let start = |language, name| {
        let mut start = workshop(&["--lang", language, "start", "2", "--lang", name]);
        start
            .current_dir(folder.path())
            .env("PATH", programs.path());
        start.assert().success()
    };
    let more = || contains("cargo run -- doctor");
    start("en", "go").stderr(contains("go is not on the PATH").and(more()));
    start("zh", "python").stderr(contains("PATH 上没有 python3").and(more()));
    start("en", "other").stderr(is_empty());
}
