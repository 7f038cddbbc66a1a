//! The instruments from outside: what they print, and what they find wrong.
#![cfg(unix)]

mod support;

use assert_cmd::Command;
use grader::{Program, Server};
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use predicates::prelude::*;
use predicates::str::{contains, is_empty, is_match};
use serde_json::Value;
use std::process::Stdio;
use std::time::{Duration, Instant};
use support::bench;

/// Rounds that are over soon.
const BRIEF: [&str; 6] = ["--rounds", "1", "--seconds", "0.1", "--warm-up", "0.02"];
/// Where the wrong answers stand in what the clients are owed: behind what they have said first.
const GREETING: usize = "Hello\n".len();

fn brief(arguments: &[&str]) -> Command {
    let mut command = bench(arguments);
    command.args(BRIEF);
    command
}

/// A command for a server that makes this mistake once on each connection.
fn wrong(mistake: &str, offset: usize) -> String {
    let peer = env!("CARGO_BIN_EXE_wrong-peer");
    format!("'{peer}' {mistake} {}", offset + GREETING)
}

#[test]
fn every_server_has_a_row_in_every_table() {
    let servers = ["floor", "busy-poll-server", "tokio", "mio"];
    let loads = ["--load", "4x64x2", "--load", "3x10x1+20", "--idle", "50"];
    let arguments = [&["versus"], &servers[..], &loads].concat();
    let printed = brief(&arguments)
        .assert()
        .success()
        .get_output()
        .stdout
        .clone();
    let printed = String::from_utf8(printed).expect("it is text");
    for server in servers {
        let rows = printed
            .lines()
            .filter(|line| line.trim_start().starts_with(server));
        assert_eq!(rows.count(), 3, "{server}: {printed}");
    }
    let widest = printed.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(100), "{printed}");
    assert!(!printed.contains('\u{1b}'), "{printed}");
    let foot = contains("1 round of 0.1 s after 0.02 s of warm-up").and(contains("seed "));
    assert!(foot.eval(&printed), "{printed}");
}

#[test]
fn a_program_gets_every_round_of_every_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report.json");
    let file = file.to_str().expect("it is text");
    let peer = env!("CARGO_BIN_EXE_epoll-floor");
    let command = format!("'{peer}' ");
    let arguments = [
        "versus",
        &command,
        "poll-server",
        "--load",
        "4x64x2+1",
        "--idle",
        "9",
    ];
    let more = [
        "--rounds",
        "2",
        "--seconds",
        "0.1",
        "--warm-up",
        "0.02",
        "--seed",
        "7",
    ];
    let written = ["--format", "json", "--output", file];
    let mut run = bench(&[&arguments[..], &more, &written].concat());
    run.assert().success().stdout(is_empty());
    let report = std::fs::read_to_string(file).expect("it is written");
    let report: Value = serde_json::from_str(&report).expect("it is JSON");
    assert_eq!(
        (&report["seed"], &report["complete"]),
        (&7.into(), &true.into())
    );
    let load = &report["loads"][0];
    assert_eq!(
        (&load["load"], &load["idle"]),
        (&"4x64x2+1".into(), &1.into())
    );
    for (place, name) in [command.as_str(), "poll-server"].into_iter().enumerate() {
        let program = &load["programs"][place];
        assert_eq!(program["name"], name);
        assert_eq!(
            program["rounds"].as_array().map(Vec::len),
            Some(2),
            "{program}"
        );
        for round in program["rounds"].as_array().into_iter().flatten() {
            assert!(round["lines"].as_u64() > Some(0), "{round}");
            assert!(
                !cfg!(target_os = "linux") || round["cpu_seconds"].is_f64(),
                "{round}"
            );
        }
        let held = &report["memory"]["programs"][place]["bytes_per_connection"];
        assert!(!cfg!(target_os = "linux") || held.is_f64(), "{held}");
    }
    assert!(
        !cfg!(target_os = "linux") || load["programs"][0]["ratio"]["median"] == 1.0,
        "{load}"
    );
}

/// One run, told in both languages: only the words differ.
#[test]
fn a_report_in_each_language_has_the_same_numbers() {
    let folder = tempfile::tempdir().expect("a folder");
    let named = folder.path().join("report.{lang}.txt");
    let named = named.to_str().expect("it is text");
    let peer = format!("'{}' ", env!("CARGO_BIN_EXE_epoll-floor"));
    brief(&["versus", &peer, "--load", "2x64x1", "--idle", "9"])
        .args(["--output", named])
        .assert()
        .success()
        .stdout(is_empty());
    let read = |language: &str| {
        let file = named.replace("{lang}", language);
        std::fs::read_to_string(file).expect("it is written")
    };
    let numbers = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_ascii_digit() && !matches!(c, ',' | '.'));
        let words = words.map(|word| word.trim_matches([',', '.']).to_owned());
        words.filter(|word| !word.is_empty()).collect()
    };
    let (english, chinese) = (read("en"), read("zh-CN"));
    assert_eq!(numbers(&english), numbers(&chinese), "{english}{chinese}");
    assert!(contains("lines/s").eval(&english), "{english}");
    assert!(contains("行/秒").eval(&chinese), "{chinese}");
}

#[test]
fn a_wrong_byte_ends_the_run_and_is_named() {
    let cases = [
        (
            "wrong",
            1_000,
            r"connection \d+, offset 1000: expected .*, found ",
        ),
        (
            "lose",
            1_000,
            r"connection \d+, offset 100\d: expected .*, found ",
        ),
        (
            "add",
            1_000,
            r"connection \d+, offset 1001: expected .*, found \x22\\x80",
        ),
        (
            "close",
            1_000,
            r"has closed connection \d+ at offset 1000, bytes still owed: ",
        ),
        (
            "stall",
            1_000,
            r"no byte has come for 0.5 s: connection \d+ stands at offset 1000",
        ),
    ];
    for (mistake, offset, told) in cases {
        let peer = wrong(mistake, offset);
        let told = is_match(told)
            .expect("it is one")
            .and(contains(&peer))
            .and(contains("4x64x2"));
        let run = brief(&[
            "versus",
            "mio",
            &peer,
            "--load",
            "4x64x2",
            "--idle",
            "0",
            "--patience",
            "0.5",
        ])
        .assert();
        // What was measured before is there.
        run.code(1).stderr(told).stdout(
            is_match(r"mio +\d.*")
                .expect("it is one")
                .and(contains("cut short")),
        );
    }
}

#[test]
fn a_server_that_runs_already_is_put_under_load() {
    let server = Server::start(&Program::new(env!("CARGO_BIN_EXE_mio-peer")));
    let server = server.unwrap_or_else(|trouble| panic!("{trouble:?}"));
    let address = server.address().to_string();
    // A name will do; the server is at one of its addresses.
    let address = address.replace("127.0.0.1", "localhost");
    let row = is_match(format!(r"{address} +[\d,]+ +[\d,]+ +[\d,]+\n")).expect("it is one");
    brief(&["load", &address, "--load", "4x64x2+10"])
        .assert()
        .success()
        .stdout(row);
}

#[test]
fn a_wrong_server_that_runs_already_is_found_out() {
    let mut program = Program::new(env!("CARGO_BIN_EXE_wrong-peer"));
    program.arguments = vec!["wrong".into(), (77 + GREETING).to_string().into()];
    let server = Server::start(&program).unwrap_or_else(|trouble| panic!("{trouble:?}"));
    let address = server.address().to_string();
    let told = contains("offset 77").and(contains("seed 5"));
    let run = brief(&["load", &address, "--load", "2x64x1", "--seed", "5"]).assert();
    run.code(1).stderr(told);
}

#[test]
fn too_many_clients_for_a_server_leave_a_dash_and_the_reason() {
    // Four of five are served, and the fifth is closed.
    let peer = format!("'{}' refuse 4", env!("CARGO_BIN_EXE_wrong-peer"));
    let told = contains("client 5 of 6 is closed before its first answer").and(contains("–"));
    brief(&[
        "versus", "mio", &peer, "--load", "6x64x1", "--load", "2x64x1", "--idle", "0",
    ])
    .assert()
    .success()
    .stdout(told);
}

#[test]
fn a_server_that_ends_at_once_is_told_with_what_it_said() {
    let told = contains("exit status: 7").or(contains("exit status 7"));
    let said = contains("the moon is in the wrong house");
    let peer = format!("'{}' exit 0", env!("CARGO_BIN_EXE_wrong-peer"));
    brief(&["versus", &peer, "--load", "1x64x1"])
        .assert()
        .code(1)
        .stderr(told.and(said));
}

#[test]
fn a_client_that_gets_no_answer_leaves_a_dash_and_the_reason() {
    let peer = format!("'{}' stall 0", env!("CARGO_BIN_EXE_wrong-peer"));
    let told = contains("client 1 of 2 has had no answer for 0.5 s");
    let arguments = ["versus", &peer, "--load", "2x64x1", "--idle", "0"];
    let mut run = brief(&arguments);
    run.args(["--patience", "0.5"]);
    run.assert().success().stdout(told);
}

#[test]
fn an_interrupt_reports_what_was_measured_and_leaves_nothing_running() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("pid");
    let peer = env!("CARGO_BIN_EXE_mio-peer");
    let script = format!("echo $$ >>{}; exec {peer} \"$@\"", file.display());
    let server = format!("sh -c '{script}' sh");
    let mut run = std::process::Command::new(env!("CARGO_BIN_EXE_bench"));
    run.args(["versus", &server, "--load", "2x64x1", "--rounds", "9999"])
        .args(["--seconds", "0.05", "--warm-up", "0.01"])
        .env("LC_ALL", "C.UTF-8")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    // A test that was started in the background has SIGINT ignored, and so would the bench.
    subject::signals::start_clean(&mut run);
    let mut run = run.spawn().expect("it starts");
    let started = || std::fs::read_to_string(&file).unwrap_or_default();
    // Two rounds are over when the third server starts.
    let deadline = Instant::now() + Duration::from_secs(60);
    while started().lines().count() < 3 {
        assert!(Instant::now() < deadline, "{}", started());
        std::thread::sleep(Duration::from_millis(5));
    }
    kill(Pid::from_raw(run.id() as i32), Signal::SIGINT).expect("it runs");
    let status = run.wait().expect("it ends");
    let output = run.wait_with_output().expect("it has ended");
    let printed = String::from_utf8_lossy(&output.stdout);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(status.code(), Some(130), "{told}");
    assert!(printed.contains("cut short"), "{printed}");
    assert!(
        is_match(r"….* sh +\d").expect("it is one").eval(&printed),
        "{printed}"
    );
    assert!(told.contains("nothing is left running"), "{told}");
    assert!(!told.contains("closed"), "{told}");
    for pid in started().lines() {
        let pid = pid.parse().expect("a number");
        while !is_gone(pid) {
            assert!(Instant::now() < deadline, "process {pid} is still there");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// A zombie has gone as well: whose child it has become may not care.
fn is_gone(pid: u32) -> bool {
    let family = subject::processes::tree(pid).unwrap_or_default();
    kill(Pid::from_raw(pid as i32), None) == Err(Errno::ESRCH)
        || family
            .iter()
            .any(|process| process.pid == pid && process.state == 'Z')
}

#[test]
fn an_unknown_server_is_told_with_those_that_there_are() {
    let told = contains("no server \"nonesuch\"")
        .and(contains("select-server"))
        .and(contains("libevent"));
    bench(&["versus", "nonesuch"])
        .assert()
        .code(1)
        .stderr(told)
        .stdout(is_empty());
}

#[test]
fn more_connections_than_descriptors_are_told_with_the_way_out() {
    let told = contains("ulimit -n").and(contains("prlimit"));
    bench(&["versus", "floor", "--load", "1x64x1+999999"])
        .assert()
        .code(1)
        .stderr(told);
}

#[test]
fn what_is_no_load_is_told_with_the_way_to_write_one() {
    let told = contains("50x64x1+5000");
    bench(&["versus", "floor", "--load", "many"])
        .assert()
        .code(2)
        .stderr(told);
}

#[test]
fn what_is_no_address_and_no_time_is_a_wrong_command_line() {
    for (wrong, told) in [
        (&["load", "127.0.0.1"][..], "write HOST:PORT"),
        (&["load", "::1"], "in brackets"),
        (&["load", "localhost:+1"], "from 1 to 65535"),
        (
            &["load", "localhost:1", "--patience", "inf"],
            "a number of seconds above 0",
        ),
        (
            &["load", "localhost:1", "--seconds", "1e1"],
            "a number of seconds above 0",
        ),
        (
            &["load", "localhost:1", "--warm-up", "3601"],
            "from 0.001 to 3600",
        ),
    ] {
        let run = bench(wrong).assert();
        run.code(2).stdout(is_empty()).stderr(contains(told));
    }
}

#[test]
fn it_speaks_chinese() {
    let peer = format!("'{}' ", env!("CARGO_BIN_EXE_epoll-floor"));
    let words = contains("行/秒").and(contains("轮")).and(contains("在途"));
    brief(&[
        "--lang", "zh", "versus", &peer, "--load", "2x64x1", "--idle", "0",
    ])
    .assert()
    .success()
    .stdout(words);
}

/// The peer in C. Where Libevent is not there, the table has to say so; `BENCH_LIBEVENT=required`
/// demands it.
#[test]
fn the_peer_in_c_takes_part_or_says_why_not() {
    let run = brief(&[
        "versus",
        "libevent",
        "--load",
        "4x64x2",
        "--load",
        "2x16385x3",
        "--idle",
        "0",
    ])
    .assert();
    let printed = String::from_utf8_lossy(&run.success().get_output().stdout).into_owned();
    let left_out = printed.contains("libevent: left out:");
    if left_out && std::env::var("BENCH_LIBEVENT").is_ok_and(|it| it == "required") {
        panic!("{printed}");
    }
    let row = is_match(r"libevent +\d").expect("it is one");
    assert!(left_out || row.eval(&printed), "{printed}");
}

#[test]
fn without_libevent_the_table_says_what_to_install() {
    let told = contains("libevent: left out").and(contains("apt install libevent-dev"));
    // A compiler that cannot find anything.
    let mut run = brief(&["versus", "libevent", "--load", "2x64x1", "--idle", "0"]);
    run.env("CC", "false").assert().success().stdout(told);
}
