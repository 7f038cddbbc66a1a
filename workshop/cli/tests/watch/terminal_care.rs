//! The terminal is given back whatever happens, and whatever holds it up is told.

use crate::checkout::Checkout;
use crate::player::{Player, SIZE};
use nix::fcntl::{Flock, FlockArg};
use nix::sys::signal::Signal;
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// A server in Python that answers nobody: no compiler is waited for.
const SERVER: &str = "\
import socket, sys
listener = socket.create_server(('127.0.0.1', 0))
print('listening on 127.0.0.1:%d' % listener.getsockname()[1], flush=True)
while True:
    listener.accept()[0].close()
";

fn python() -> Checkout {
    let checkout = Checkout::new();
    fs::create_dir_all(checkout.path("mine")).expect("a folder");
    checkout.write("mine/server.py", SERVER);
    checkout
}

const WATCH: [&str; 8] = [
    "--lang",
    "en",
    "watch",
    "2",
    "--bin",
    "python3 mine/server.py",
    "--folder",
    "mine",
];

#[test]
fn a_program_elsewhere_is_judged_at_every_save() {
    let checkout = python();
    let mut watch = checkout.player(&WATCH, SIZE);
    watch.sees(&["Mend first", "waiting for a save"]);
    // Another fault is another finding.
    checkout.write("mine/server.py", "raise SystemExit('no server today')\n");
    watch.sees(&["no server today", "waiting for a save"]);
    assert!(!watch.is_given_back(), "keys are heard one by one");
    watch.press("q");
    assert!(watch.ends().success());
    assert!(watch.is_given_back());
}

#[test]
fn where_no_events_come_it_looks() {
    let checkout = python();
    let mut watch = checkout.player(&[&WATCH[..], &["--poll"]].concat(), SIZE);
    watch.sees(&["Mend first", "looking for a save"]);
    checkout.write("mine/server.py", "raise SystemExit('no server today')\n");
    watch.sees(&["no server today"]);
    watch.press("q");
    watch.ends();
}

#[test]
fn ctrl_z_gives_the_terminal_back_until_it_goes_on() {
    let checkout = python();
    let mut watch = checkout.player(&WATCH, SIZE);
    watch.sees(&["waiting for a save"]);
    watch.press("\x1a");
    until("it is stopped", || state(watch.pid()) == 'T');
    assert!(watch.is_given_back());
    watch.signal(Signal::SIGCONT);
    until("it hears keys again", || !watch.is_given_back());
    watch.press("a");
    watch.sees(&["Mend first"]);
    watch.press("q");
    watch.ends();
    assert!(watch.is_given_back());
}

#[test]
fn whatever_ends_it_gives_the_terminal_back_and_leaves_nobody() {
    for (keys, signal) in [
        ("\x03", None),
        ("", Some(Signal::SIGTERM)),
        ("", Some(Signal::SIGHUP)),
    ] {
        let checkout = python();
        let mut watch = checkout.player(&WATCH, SIZE);
        // Whatever it does just then.
        watch.sees(&["Mend first"]);
        watch.press(keys);
        if let Some(signal) = signal {
            watch.signal(signal);
        }
        assert!(!watch.ends().success());
        assert!(watch.is_given_back(), "{keys:?} {signal:?}");
        let marker = checkout.path("mine").display().to_string();
        until("nobody is left", || !is_running(&marker));
    }
}

#[test]
fn a_narrow_terminal_and_a_low_one_hold_it() {
    let checkout = python();
    let mut watch = checkout.player(&WATCH, (24, 80));
    watch.sees(&["waiting for a save"]);
    for (rows, columns) in [(12, 50), (40, 160), (5, 20)] {
        watch.resize(rows, columns);
        watch.looks("drawn anew", |screen| {
            screen.contains("Mend") && screen.lines().count() <= usize::from(rows)
        });
    }
    watch.press("q");
    watch.ends();
}

#[test]
fn without_a_terminal_every_verdict_is_printed() {
    let checkout = python();
    let mut watch = Command::new(env!("CARGO_BIN_EXE_workshop"))
        .args(WATCH)
        .current_dir(checkout.path(""))
        .stdin(std::process::Stdio::null())
        .stdout(File::create(checkout.path("said")).expect("a file"))
        .spawn()
        .expect("it starts");
    until("a verdict", || checkout.read("said").contains("judged in"));
    checkout.write("mine/server.py", "raise SystemExit('no server today')\n");
    until("another", || {
        checkout.read("said").contains("no server today")
    });
    nix::sys::signal::kill(
        nix::unistd::Pid::from_raw(watch.id() as i32),
        Signal::SIGTERM,
    )
    .expect("it is there");
    watch.wait().expect("it is ours");
    let said = checkout.read("said");
    assert!(!said.contains('\x1b'), "{said:?}");
}

#[test]
fn a_killed_compiler_is_told_and_the_next_save_builds() {
    let checkout = Checkout::new();
    checkout.tool(&["start", "3"]).success();
    let mut watch = checkout.player(&["--lang", "en", "watch", "3"], SIZE);
    watch.sees(&["waiting for a save"]);
    let file = "work/busy-poll-server/src/lib.rs";
    let text = checkout.read(file);
    let me = watch.pid();
    let mut edits = 0..;
    // It may be done before it is killed: then it is saved again.
    until("the compiler is killed", || {
        let edit = edits.next().unwrap_or_default();
        checkout.write(file, &format!("{text}// edit {edit}\n"));
        let deadline = Instant::now() + Duration::from_secs(5);
        while Instant::now() < deadline {
            if let Some(compiler) = compiler_of(me) {
                let _ = nix::sys::signal::kill(compiler, Signal::SIGKILL);
                return watch_says(&watch, "SIGKILL");
            }
            thread::sleep(Duration::from_millis(1));
        }
        false
    });
    checkout.write(file, &text);
    watch.sees(&["waiting for a save"]);
    watch.press("q");
    watch.ends();
}

/// Does it stand on the screen soon?
fn watch_says(watch: &Player, words: &str) -> bool {
    let deadline = Instant::now() + Duration::from_secs(10);
    while Instant::now() < deadline {
        if watch.screen().contains(words) {
            return true;
        }
        thread::sleep(Duration::from_millis(10));
    }
    false
}

/// The compiler that this process has started through cargo, if it runs.
fn compiler_of(pid: u32) -> Option<nix::unistd::Pid> {
    let tree = subject::processes::tree(pid).ok()?;
    let is_one = |pid: &u32| {
        let name = fs::read_to_string(format!("/proc/{pid}/comm"));
        name.is_ok_and(|name| name.trim() == "rustc")
    };
    let found = tree.iter().map(|process| process.pid).find(is_one)?;
    Some(nix::unistd::Pid::from_raw(found as i32))
}

#[test]
fn a_copy_in_another_language_is_watched_with_its_tasks() {
    let checkout = Checkout::new();
    checkout.tool(&["start", "2", "--lang", "python"]).success();
    let mut watch = checkout.player(&["--lang", "en", "watch", "2"], SIZE);
    watch.sees(&[
        "work/fork-server-python",
        "Task 1, A conversation",
        "waiting for a save",
    ]);
    checkout.write("work/fork-server-python/server.py", SERVER);
    watch.sees(&["Mend first", "waiting for a save"]);
    watch.press("q");
    assert!(watch.ends().success());
    assert!(
        checkout
            .read("work/progress.toml")
            .contains("[fork-server-python]")
    );
}

#[test]
fn who_holds_cargos_lock_is_named() {
    let checkout = Checkout::new();
    checkout.tool(&["start", "3"]).success();
    let target = tempfile::tempdir().expect("a folder");
    let lock = target.path().join("work/build/release/.cargo-lock");
    fs::create_dir_all(lock.parent().expect("in a folder")).expect("a folder");
    let file = File::create(&lock).expect("a file");
    let held = Flock::lock(file, FlockArg::LockExclusive).expect("nobody has it");
    let environment = [("CARGO_TARGET_DIR", target.path().as_os_str())];
    let mut watch = Player::start(
        env!("CARGO_BIN_EXE_workshop"),
        &["--lang", "en", "watch", "3"],
        Path::new(&checkout.path("")),
        &environment,
        SIZE,
    );
    let me = format!("cargo waits for process {}", std::process::id());
    watch.sees(&[&me]);
    // It is not frozen: keys are heard meanwhile.
    watch.press("h");
    watch.sees(&["Hint 1 of"]);
    watch.press("q");
    assert!(watch.ends().success());
    drop(held);
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// As `proc_pid_stat(5)` has it.
fn state(pid: u32) -> char {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after = stat.rsplit(") ").next().unwrap_or_default();
    after.chars().next().unwrap_or('?')
}

/// Does a server of this folder's run?
fn is_running(folder: &str) -> bool {
    let processes = fs::read_dir("/proc").expect("there is one").flatten();
    processes.map(|process| process.path()).any(|process| {
        let says = |name: &str, what: &str| {
            fs::read(process.join(name)).is_ok_and(|it| String::from_utf8_lossy(&it).contains(what))
        };
        let stands = fs::read_link(process.join("cwd"));
        says("cmdline", "mine/server.py")
            && stands.is_ok_and(|stands| folder.starts_with(&*stands.to_string_lossy()))
    })
}
