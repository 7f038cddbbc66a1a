//! What the tool finds where it is started: signals that are ignored or blocked, no process above
//! it, a disk that is full, nobody who reads, and a terminal that knows no UTF-8.
#![cfg(unix)]

use assert_cmd::Command;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use predicates::prelude::*;
use predicates::str::{contains, ends_with, is_empty, starts_with};
use std::fs;
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Long enough for cargo to build a step for speed, once.
const PATIENCE: Duration = Duration::from_secs(300);

const WORKSHOP: &str = env!("CARGO_BIN_EXE_workshop");

/// A line of shell, in which `"$0"` is the tool.
fn sh(line: &str) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", line, WORKSHOP])
        .timeout(PATIENCE)
        .env("LC_ALL", "C.UTF-8");
    command
}

/// The same, not waited for.
fn start(line: &str) -> Child {
    start_to(line, Stdio::piped())
}

/// The same with another standard output.
fn start_to(line: &str, stdout: impl Into<Stdio>) -> Child {
    let mut shell = std::process::Command::new("sh");
    shell
        .args(["-c", line, WORKSHOP])
        .env("LC_ALL", "C.UTF-8")
        .stdout(stdout)
        .stderr(Stdio::piped());
    // A test that was started in the background has SIGINT ignored, and so would all that it starts.
    subject::signals::start_clean(&mut shell);
    shell.spawn().expect("there is a shell")
}

/// A folder, and a program that notes its number in a file `up` in it, and then sleeps: with it the
/// tool is in the middle of grading for as long as the judge is patient.
fn sleeper() -> (TempDir, PathBuf, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let up = folder.path().join("up");
    let command = format!("sh -c 'echo $$ >>{}; exec sleep 20'", up.display());
    (folder, up, command)
}

fn wait_for(file: &Path) -> String {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let text = fs::read_to_string(file).unwrap_or_default();
        if text.ends_with('\n') {
            return text;
        }
        assert!(Instant::now() < deadline, "{} is missing", file.display());
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn send(pid: u32, signal: Signal) {
    kill(Pid::from_raw(pid as i32), signal).expect("it lives");
}

/// Everything that was printed, and how it ended.
fn end(child: Child) -> (Option<i32>, String) {
    let output = child.wait_with_output().expect("it ends");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), told)
}

/// Signal sets of `/proc/PID/status`, by name.
#[cfg(target_os = "linux")]
fn signal_set(status: &str, name: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let digits = line.unwrap_or_else(|| panic!("no {name} in {status}"));
    u64::from_str_radix(digits.trim(), 16).expect("a set")
}

/// All but the C library's own, which nobody else can set.
#[cfg(target_os = "linux")]
const ORDINARY: u64 = (1 << 31) - 1;

#[cfg(target_os = "linux")]
fn bit(signal: Signal) -> u64 {
    1 << (signal as i32 - 1)
}

/// `env` of the GNU coreutils, the only one that can block a signal, or ignore SIGCHLD as no shell will.
#[cfg(target_os = "linux")]
fn env_blocks() -> bool {
    let there = sh("exec env --ignore-signal=CHLD --block-signal=TERM true").ok();
    let there = there.is_ok();
    if !there {
        eprintln!("SKIPPED: this env has no --ignore-signal and no --block-signal");
    }
    there
}

#[cfg(target_os = "linux")]
#[test]
fn a_program_under_test_finds_no_signal_ignored_or_blocked() {
    if !env_blocks() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let seen = folder.path().join("seen");
    // No shell: it would put some of it right by itself.
    let program = format!(
        "awk '{{ print >\"{}\" }}' /proc/self/status",
        seen.display()
    );
    let line = "trap '' HUP INT; exec env --ignore-signal=CHLD --block-signal=TERM \"$0\" grade fork-server --bin \"$1\"";
    let mut grade = sh(line);
    grade
        .arg(&program)
        .assert()
        .code(1)
        .stdout(contains("listening on"));
    let seen = fs::read_to_string(seen).expect("it has run");
    for set in ["SigBlk:", "SigIgn:"] {
        assert_eq!(signal_set(&seen, set) & ORDINARY, 0, "{set} {seen}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn children_that_nobody_wants_to_hear_of_are_waited_for() {
    if !env_blocks() {
        return;
    }
    let told = contains("cannot connect to 127.0.0.1:1").and(contains("cannot wait").not());
    sh("exec env --ignore-signal=CHLD \"$0\" run 1 127.0.0.1:1")
        .assert()
        .code(1)
        .stderr(told);
    sh("exec env --ignore-signal=CHLD \"$0\" --lang en run 1")
        .assert()
        .success()
        .stdout(contains("four calls"));
}

#[cfg(target_os = "linux")]
#[test]
fn the_server_that_it_becomes_ignores_what_the_tool_has_found_ignored() {
    if !env_blocks() {
        return;
    }
    let mut server = start(
        "exec env --ignore-signal=HUP --ignore-signal=CHLD --block-signal=USR1 \"$0\" run poll-server --listen 127.0.0.1:0",
    );
    let mut first = [0; 10];
    let stdout = server.stdout.as_mut().expect("piped");
    stdout.read_exact(&mut first).expect("it announces itself");
    assert_eq!(&first, b"listening ");
    send(server.id(), Signal::SIGHUP);
    let status = fs::read_to_string(format!("/proc/{}/status", server.id())).expect("it lives");
    let _ = server.kill();
    let _ = server.wait();
    let ignored = signal_set(&status, "SigIgn:");
    for signal in [Signal::SIGHUP, Signal::SIGCHLD] {
        assert_ne!(ignored & bit(signal), 0, "{signal}: {status}");
    }
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        assert_eq!(ignored & bit(signal), 0, "{signal}: {status}");
    }
    // What is blocked, the server itself puts right.
    assert_eq!(signal_set(&status, "SigBlk:"), 0, "{status}");
}

#[test]
fn a_hang_up_that_is_ignored_ends_nothing() {
    let (folder, up, program) = sleeper();
    let program = program.replace("sleep 20", "sleep 1");
    let tool = start(&format!(
        "trap '' HUP INT; exec \"$0\" grade rot13-client --bin \"{program}\""
    ));
    wait_for(&up);
    send(tool.id(), Signal::SIGHUP);
    send(tool.id(), Signal::SIGINT);
    let (status, told) = end(tool);
    assert_eq!(status, Some(1), "{told}");
    drop(folder);
}

/// The first process of a container has no default action: only a handler ends it.
#[cfg(target_os = "linux")]
#[test]
fn the_first_process_of_a_container_ends_and_all_with_it() {
    const UNSHARE: &str = "unshare --user --map-root-user --pid --fork --mount-proc";
    if sh(&format!("exec {UNSHARE} true")).ok().is_err() {
        eprintln!("SKIPPED: no user namespace is to be had here");
        return;
    }
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let (_folder, up, program) = sleeper();
        let line = format!("exec {UNSHARE} \"$0\" grade fork-server --bin \"{program}\"");
        let unshare = start(&line);
        wait_for(&up);
        let children = format!("/proc/{0}/task/{0}/children", unshare.id());
        let children = fs::read_to_string(children).expect("unshare waits for the tool");
        let first = children.trim().parse().expect("one child");
        send(first, signal);
        let (status, told) = end(unshare);
        assert_eq!(status, Some(128 + signal as i32), "{told}");
        assert!(told.contains("nothing is left running"), "{told}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_is_no_success() {
    let told = contains("cannot write to standard output: No space left on device");
    for arguments in [
        "catalogue",
        "grade fork-server --bin /bin/true",
        "--help",
        "tour --help",
    ] {
        sh(&format!("exec \"$0\" {arguments} >/dev/full"))
            .assert()
            .code(2)
            .stderr(told.clone());
    }
    sh("exec \"$0\" --lang zh catalogue >/dev/full")
        .assert()
        .code(2)
        .stderr(contains("无法写到标准输出"));
}

#[test]
fn a_standard_output_that_is_closed_is_told_and_is_no_success() {
    let told = contains("cannot write to standard output: Bad file descriptor");
    sh("exec \"$0\" catalogue >&-")
        .assert()
        .code(2)
        .stderr(told);
}

#[test]
fn nobody_who_reads_is_no_success_and_nothing_to_tell() {
    // Gone before it begins: what it prints would fit into the pipe.
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let tool = start_to("exec \"$0\" catalogue", writer);
    assert_eq!(end(tool), (Some(2), String::new()));
    // What is not to be printed is not told, either.
    let mut tool = start("exec \"$0\" catalogue 2>&- >&-");
    drop(tool.stderr.take());
    assert_eq!(end(tool).0, Some(2));
}

#[test]
fn a_report_for_programs_that_nobody_reads_is_told() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let line = "exec \"$0\" grade fork-server --bin /bin/true --format json";
    let (status, told) = end(start_to(line, writer));
    assert_eq!(status, Some(2), "{told}");
    assert!(
        told.contains("cannot write to standard output: Broken pipe"),
        "{told}"
    );
}

/// Of processes and threads there is one for the tool, one for whoever hears signals, and one more.
#[cfg(target_os = "linux")]
#[test]
fn where_no_thread_is_to_be_had_there_is_a_report() {
    let is_root = nix::unistd::geteuid().is_root();
    for limit in [2, 3, 4] {
        let under = subject::Start {
            processes: Some(limit),
            // For root there is no such limit.
            user: is_root.then_some(54_321),
            ..subject::Start::default()
        };
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_workshop"));
        command
            .args(["grade", "fork-server", "--bin", "/bin/cat"])
            .env("LANG", "C");
        let Ok(mut started) = under.spawn_and_read(&mut command) else {
            println!("skipped: another user cannot start it");
            return;
        };
        let status = started.group.wait(Duration::from_secs(100));
        let said = started.stdout.so_far() + &started.stderr.so_far();
        assert!(!said.contains("panicked"), "{limit}: {said}");
        let code = status.and_then(|status| status.code());
        assert!([Some(1), Some(2)].contains(&code), "{limit}: {said}");
        assert!(
            said.contains("the judge cannot start") || said.contains("cannot catch"),
            "{limit}: {said}"
        );
    }
}

/// A file that may not grow beyond a block stands for a full disk.
#[test]
fn a_report_that_has_no_room_leaves_the_old_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report");
    fs::write(&file, "old").expect("it is written");
    let line = format!(
        "trap '' XFSZ; ulimit -f 1; exec \"$0\" grade fork-server --bin /bin/true --format json --output {}",
        file.display()
    );
    let told =
        contains(format!("cannot write {}: ", file.display())).and(contains("panicked").not());
    sh(&line).assert().code(2).stderr(told);
    assert_eq!(fs::read_to_string(&file).expect("it is there"), "old");
    assert_eq!(fs::read_dir(folder.path()).expect("ours").count(), 1);
}

#[test]
fn an_interrupt_leaves_the_old_report() {
    for signal in [
        Signal::SIGINT,
        Signal::SIGQUIT,
        Signal::SIGTERM,
        Signal::SIGKILL,
    ] {
        let (folder, up, program) = sleeper();
        let file = folder.path().join("report");
        fs::write(&file, "old").expect("it is written");
        let line = format!(
            "exec \"$0\" grade fork-server --bin \"{program}\" --output {}",
            file.display()
        );
        let mut tool = start(&line);
        wait_for(&up);
        send(tool.id(), signal);
        let status = tool.wait().expect("it ends");
        if signal == Signal::SIGKILL {
            assert_eq!(status.signal(), Some(signal as i32));
            // Whoever is killed so cannot end what it has started.
            for sleeping in wait_for(&up).lines() {
                let pid = sleeping.parse().expect("a number");
                let _ = kill(Pid::from_raw(pid), signal);
            }
        } else {
            assert_eq!(status.code(), Some(128 + signal as i32));
        }
        assert_eq!(fs::read_to_string(&file).expect("it is there"), "old");
        assert_eq!(fs::read_dir(folder.path()).expect("ours").count(), 2);
    }
}

#[test]
fn a_report_goes_where_a_link_leads_and_into_a_device() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, link) = (folder.path().join("file"), folder.path().join("link"));
    std::os::unix::fs::symlink("file", &link).expect("a link");
    fs::write(&file, "old").expect("it is written");
    let grade = |output: &str| {
        let mut grade =
            sh("exec \"$0\" grade fork-server --bin /bin/true --format json --output \"$1\"");
        grade.arg(output).assert().code(1)
    };
    grade(&link.display().to_string());
    let report = fs::read_to_string(&file).expect("it is there");
    assert!(
        starts_with("{")
            .and(ends_with("}\n").or(ends_with("}")))
            .eval(&report),
        "{report}"
    );
    grade("/dev/stdout").stdout(starts_with("{"));
}

#[test]
fn a_file_that_cannot_be_written_is_told_before_anything_is_graded() {
    for arguments in [
        "grade fork-server --bin /bin/true --output",
        "tour --picture",
        "tour --table",
    ] {
        sh(&format!("exec \"$0\" {arguments} /no/such/folder/report"))
            .assert()
            .code(2)
            .stdout(is_empty())
            .stderr(starts_with(
                "workshop: cannot write /no/such/folder/report: ",
            ));
    }
}

/// Chinese is printed in UTF-8: where the terminal takes the bytes for something else, there is
/// English, in ASCII; unless somebody wants Chinese all the same.
#[test]
fn a_terminal_that_knows_no_utf_8_gets_what_it_can_show() {
    let no_step = |variables: &[(&str, &str)], more: &[&str]| {
        let mut tool = Command::new(WORKSHOP);
        tool.args(more)
            .args(["grade", "fork-server", "--bin", "/bin/true"]);
        for name in ["LC_ALL", "LC_CTYPE", "LC_MESSAGES", "LANG"] {
            tool.env_remove(name);
        }
        tool.envs(variables.iter().copied()).timeout(PATIENCE);
        let output = tool.output().expect("it runs");
        [output.stdout, output.stderr].concat()
    };
    for variables in [
        &[("LANG", "zh_CN.GBK")][..],
        &[("LC_ALL", "zh_CN.GB18030")],
        &[("LANG", "zh_CN.UTF-8"), ("LC_CTYPE", "zh_CN.gb2312")],
        &[("LANG", "zh_TW.BIG5")],
        &[("LANG", "en_GB.ISO-8859-1")],
    ] {
        let printed = no_step(variables, &[]);
        let printed = String::from_utf8(printed).expect("it is text");
        assert!(printed.is_ascii(), "{variables:?}: {printed}");
        assert!(printed.contains("points"), "{variables:?}: {printed}");
    }
    for variables in [
        &[("LANG", "zh_CN.UTF-8")][..],
        &[("LC_ALL", "zh_CN.utf8")],
        &[("LANG", "zh_CN.GBK"), ("LC_CTYPE", "zh_CN.UTF-8")],
        &[("LC_MESSAGES", "zh_CN.UTF-8")],
    ] {
        let printed = no_step(variables, &[]);
        let printed = String::from_utf8(printed).expect("it is text");
        assert!(printed.contains("个用例通过"), "{variables:?}: {printed}");
    }
    let printed = no_step(&[("LANG", "zh_CN.GBK")], &["--lang", "zh"]);
    assert!(String::from_utf8_lossy(&printed).contains("个用例通过"));
    let mut help = sh("exec \"$0\" --help");
    help.env("LC_ALL", "zh_CN.GBK")
        .assert()
        .success()
        .stdout(predicate::function(|printed: &str| printed.is_ascii()));
}

/// A call on a socket with a time-out fails when a stopped process goes on (EINTR, `signal(7)`): that is
/// nobody's fault.
#[cfg(target_os = "linux")]
#[test]
fn a_judge_that_is_stopped_and_goes_on_blames_nobody() {
    let cases = [
        "reset-client",
        "unread-client",
        "lines-8mib",
        "order-under-load",
        "crowd",
    ];
    let asked: String = cases.iter().map(|case| format!(" --case {case}")).collect();
    let mut judge = start(&format!("exec \"$0\" grade 5 --reference{asked}"));
    let ended = loop {
        if let Some(ended) = judge.try_wait().expect("it is ours") {
            break ended;
        }
        for signal in [Signal::SIGSTOP, Signal::SIGCONT] {
            // It may have ended, and is not reaped yet.
            let _ = kill(Pid::from_raw(judge.id() as i32), signal);
            std::thread::sleep(Duration::from_millis(7));
        }
    };
    let mut said = String::new();
    let stdout = judge.stdout.as_mut().expect("piped");
    stdout.read_to_string(&mut said).expect("it is text");
    assert!(ended.success(), "{said}");
}
