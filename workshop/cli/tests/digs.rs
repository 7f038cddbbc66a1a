//! What those have who dig: one case under a debugger, a case said by hand, the papers for a dispute.
#![cfg(target_os = "linux")]

use assert_cmd::Command;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use predicates::prelude::*;
use predicates::str::{contains, is_empty, is_match};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

/// A whole grade on a busy machine.
const PATIENCE: Duration = Duration::from_secs(300);

fn workshop(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_workshop"));
    command
        .args(arguments)
        .timeout(PATIENCE)
        .env("LC_ALL", "C.UTF-8");
    command
}

/// A server that answers every receive by `answer`, for as long as the test runs.
fn server(answer: fn(&[u8]) -> Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            thread::spawn(move || converse(client, answer));
        }
    });
    address.to_string()
}

fn converse(mut client: TcpStream, answer: fn(&[u8]) -> Vec<u8>) {
    let mut received = [0; 4096];
    while let Ok(length @ 1..) = client.read(&mut received) {
        if client.write_all(&answer(&received[..length])).is_err() {
            return;
        }
    }
}

fn rot13(bytes: &[u8]) -> Vec<u8> {
    let turned = bytes.iter().map(|byte| match byte.to_ascii_lowercase() {
        b'a'..=b'm' => byte + 13,
        b'n'..=b'z' => byte - 13,
        _ => *byte,
    });
    turned.collect()
}

#[test]
fn a_case_is_said_to_a_running_server_beat_by_beat() {
    let address = server(rot13);
    let beats = r#"(?s)connect.*say "abc\\n".*half-close.*wait for "nop\\n".*came: "nop\\n". Right.*wait for the end.*came: the end \(FIN\). Right.*✓ half-close"#;
    workshop(&["talk", "--case", "half-close", &address])
        .assert()
        .success()
        .stdout(is_match(beats).expect("it is one"))
        .stderr(is_empty());
    workshop(&["--lang", "zh", "talk", "--case", "half-close", &address])
        .assert()
        .success()
        .stdout(contains("半关闭（FIN）").and(contains("收到：\"nop\\n\"。对")));
}

#[test]
fn what_a_wrong_server_says_is_told_and_reaches_no_terminal_as_it_is() {
    let address = server(|_| b"\x1b[2J".to_vec());
    let told = contains(r#"came: "\x1b[2J". That is not what is owed"#)
        .and(contains("✗ hello"))
        .and(contains('\u{1b}').not());
    workshop(&["talk", "--no-wait", "--case", "hello", &address])
        .assert()
        .code(1)
        .stdout(told);
}

#[test]
fn who_names_no_case_or_a_wrong_one_is_told_those_that_there_are() {
    for (arguments, reason) in [
        (&["talk"][..], "which case?"),
        (&["talk", "--case", "helo"], "there is no case helo"),
    ] {
        let told = contains(reason).and(contains("half-close-at-once"));
        workshop(arguments)
            .assert()
            .code(2)
            .stdout(is_empty())
            .stderr(told.and(contains("port-in-use").not()));
    }
    workshop(&["--lang", "zh", "talk"])
        .assert()
        .code(2)
        .stderr(contains("说哪个用例").and(contains("客户端")));
}

#[test]
fn what_cannot_be_said_to_a_running_server_is_told() {
    let address = server(rot13);
    workshop(&["talk", "--case", "port-in-use", &address])
        .assert()
        .code(2)
        .stderr(contains("starts the program itself"));
    workshop(&["talk", "--case", "sigterm", &address])
        .assert()
        .code(2)
        .stdout(contains("the judge did not start this server"));
    let nobody = TcpListener::bind("127.0.0.1:0")
        .and_then(|it| it.local_addr())
        .expect("a port that was free")
        .to_string();
    workshop(&["talk", "--case", "hello", &nobody])
        .assert()
        .code(2)
        .stderr(contains("start your server first"));
}

/// A server that answers after seven seconds, which is more than the judge's patience.
const SLOW: &str = r#"
import codecs, socket, time
door = socket.create_server(("127.0.0.1", 0))
print("listening on %s:%d" % door.getsockname(), flush=True)
slow = 7
while True:
    client = door.accept()[0]
    while line := client.recv(4096):
        time.sleep(slow)
        slow = 0
        client.sendall(codecs.encode(line.decode(), "rot13").encode())
    client.close()
"#;

/// The judge that has started a server for one case, and waits; what it has said, and the number of
/// the server's process.
fn waiting(file: &Path) -> Option<(Child, String, i32)> {
    let python = std::process::Command::new("python3").arg("-V").output();
    if !python.is_ok_and(|told| told.status.success()) {
        eprintln!("SKIPPED: python3 is not there");
        return None;
    }
    fs::write(file, SLOW).expect("it is written");
    let bin = format!("python3 {}", file.display());
    let mut judge = std::process::Command::new(env!("CARGO_BIN_EXE_workshop"));
    judge
        .args(["--lang", "en", "grade", "thread-server", "--bin", &bin])
        .args(["--debug", "hello"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0);
    // A test that was started in the background has SIGINT ignored, and so would the judge.
    subject::signals::start_clean(&mut judge);
    let mut judge = judge.spawn().expect("it starts");
    let mut said = String::new();
    let mut stderr = BufReader::new(judge.stderr.take().expect("piped"));
    while !said.contains("Enter") {
        let length = stderr.read_line(&mut said).expect("it is text");
        assert_ne!(length, 0, "it ends without waiting: {said}");
    }
    let pid = said.split("gdb -p ").nth(1).expect("gdb's command line");
    let pid = pid.lines().next().expect("a number").parse();
    let pid = pid.expect("a number");
    Some((judge, said, pid))
}

#[test]
fn before_a_debugged_case_speaks_the_server_is_shown_and_its_silence_is_no_failure() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some((mut judge, said, pid)) = waiting(&folder.path().join("slow.py")) else {
        return;
    };
    assert!(said.contains(&format!("strace -f -p {pid}")), "{said}");
    let address = said.split("listens at ").nth(1).expect("an address");
    let address = address.split(';').next().expect("an address");
    assert!(address.parse::<SocketAddr>().is_ok(), "{said}");
    // Nothing has been said: it sleeps in accept.
    kill(Pid::from_raw(pid), None).expect("it lives");
    let mut enter = judge.stdin.take().expect("piped");
    enter.write_all(b"\n").expect("it reads");
    let ended = judge.wait_with_output().expect("it ends");
    let told = String::from_utf8_lossy(&ended.stdout).into_owned();
    assert!(ended.status.success(), "{told}");
    assert!(told.contains("1 of 1 cases"), "{told}");
}

#[test]
fn an_interrupt_ends_a_debugged_case_and_its_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some((judge, _, pid)) = waiting(&folder.path().join("slow.py")) else {
        return;
    };
    let interrupted = Pid::from_raw(judge.id() as i32);
    kill(interrupted, Signal::SIGINT).expect("it lives");
    let ended = judge.wait_with_output().expect("it ends");
    assert_eq!(ended.status.code(), Some(128 + Signal::SIGINT as i32));
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    assert!(
        stat.is_empty() || stat.contains(") Z "),
        "the server lives on: {stat}"
    );
}

#[test]
fn a_client_and_a_server_that_runs_already_have_no_process_to_be_shown() {
    let told = contains("a server that the judge starts");
    let address = server(rot13);
    workshop(&["grade", "2", "--address", &address, "--debug", "hello"])
        .assert()
        .code(2)
        .stdout(is_empty())
        .stderr(told);
}

/// What is the same whenever the same submission is graded with the same seed.
fn marks(bundle: &Value) -> Vec<(String, String, u64)> {
    let cases = bundle["report"]["programs"][0]["cases"].as_array();
    let cases = cases.expect("a list of cases").iter().map(|case| {
        let text = |field: &str| case[field].as_str().expect("it is text").to_owned();
        (
            text("slug"),
            text("status"),
            case["points"].as_u64().expect("a number"),
        )
    });
    cases.collect()
}

#[test]
fn the_same_submission_and_seed_give_the_same_marks_and_the_bundle_says_of_what() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/first_versions");
    let server = folder.path().join("server");
    let mut compiler = Command::new("cc");
    // A mistake that shows whatever the timing: who reads once under edge triggering is lucky at times.
    compiler.arg("-DNO_WAITPID").arg(source.join("fork.c"));
    if compiler.arg("-o").arg(&server).ok().is_err() {
        eprintln!("SKIPPED: no C compiler");
        return;
    }
    let server = server.display().to_string();
    let [first, second] = ["first.json", "second.json"].map(|name| {
        let file = folder.path().join(name);
        let file = file.display().to_string();
        let mut grade = workshop(&["--lang", "en", "grade", "fork", "--bin", &server]);
        grade.args(["--seed", "15", "--bundle", &file]);
        grade.assert().code(1);
        let json = fs::read(&file).expect("it is written");
        serde_json::from_slice::<Value>(&json).expect("it is JSON")
    });
    assert_eq!(marks(&first), marks(&second));
    assert_eq!(first["submission"], second["submission"]);
    assert_eq!(first["seed"], "15");
    assert_eq!(first["report"]["seed"], "15");
    assert_eq!(first["submission"][0]["path"], server.as_str());
    let words = first["command_line"].as_array().expect("a list");
    assert!(words.contains(&Value::from("--bundle")), "{words:?}");
    assert!(first["versions"]["judge"].is_string());
    let output = first["output"].as_str().expect("it is text");
    assert!(output.contains("Mend first: "), "{output}");
}

#[test]
fn of_a_script_both_files_are_known_by_their_hash() {
    let folder = tempfile::tempdir().expect("a folder");
    let [script, bundle] = ["server.sh", "bundle.json"].map(|it| folder.path().join(it));
    fs::write(&script, "exit 3\n").expect("it is written");
    let bin = format!("sh {}", script.display());
    let file = bundle.display().to_string();
    workshop(&["grade", "fork", "--bin", &bin, "--bundle", &file])
        .assert()
        .code(1);
    let json = fs::read(&bundle).expect("it is written");
    let json: Value = serde_json::from_slice(&json).expect("it is JSON");
    let submitted = json["submission"].as_array().expect("a list");
    assert_eq!(submitted.len(), 2, "{submitted:?}");
    assert_eq!(submitted[1]["bytes"], 7);
    // printf 'exit 3\n' | sha256sum
    assert_eq!(
        submitted[1]["sha256"],
        "09f04881ea8a851192518e6a9f37b5c85d4fbb7004452eaddcbb4a557d218425"
    );
}

#[test]
fn a_bundle_that_cannot_be_written_is_told_before_anything_is_graded() {
    workshop(&[
        "grade",
        "fork",
        "--bin",
        "/bin/true",
        "--bundle",
        "/no/such/folder/bundle",
    ])
    .assert()
    .code(2)
    .stdout(is_empty())
    .stderr(contains("cannot write /no/such/folder/bundle"));
}

#[test]
fn each_has_its_help() {
    let told = contains("--debug <CASE>").and(contains("--bundle <FILE>"));
    workshop(&["grade", "--help"])
        .assert()
        .success()
        .stdout(told);
    let told = contains("--case <CASE>")
        .and(contains("--no-wait"))
        .and(contains("HOST:PORT"));
    workshop(&["talk", "--help"])
        .assert()
        .success()
        .stdout(told);
}
