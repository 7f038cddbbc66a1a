//! Right servers on machines that have little of something: none fails a case, and what is skipped has its
//! reason. `ROUNDS=10 cargo test -p workshop --test little_room -- --nocapture` does it ten times.
#![cfg(target_os = "linux")]

#[path = "../../grader/tests/support/forbid.rs"]
mod forbid;

use nix::libc;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, geteuid};
use seccompiler::SeccompAction;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use terminal::{Executables, Language, Terminal};

/// How long a grade may take where a fifth of a processor is to be had, in a room full of others.
const PATIENCE: Duration = Duration::from_secs(400);
/// Users who are nobody else on this machine, one for each test: a limit of processes counts all of a user's.
const SOMEBODIES: [&str; 3] = ["64077", "64078", "64079"];

/// The tool and the servers, where everybody may read them.
struct Programs {
    folder: TempDir,
}

static PROGRAMS: LazyLock<Programs> = LazyLock::new(|| {
    let terminal = Terminal::new("little_room", Language::English);
    let select = [
        "--bins",
        "--package=fork-server",
        "--package=event-loop-server",
        "--package=completion-server",
    ];
    let built = Executables::build(&terminal, "building the servers", &select);
    let built = built.expect("they can be built");
    let folder = tempfile::tempdir().expect("a folder");
    let everybody = fs::Permissions::from_mode(0o755);
    fs::set_permissions(folder.path(), everybody).expect("it is ours");
    let copy = |name: &str, from: &Path| {
        fs::copy(from, folder.path().join(name)).expect("there is room");
    };
    copy("workshop", Path::new(env!("CARGO_BIN_EXE_workshop")));
    for name in ["fork-server", "event-loop-server", "completion-server"] {
        copy(name, built.get(name).expect("it was built"));
    }
    Programs { folder }
});

impl Programs {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// The tool grades a server, started by `launcher`.
fn start(launcher: &[&str], server: &str) -> Child {
    let path = PROGRAMS.path(server);
    let words = launcher.iter().map(PathBuf::from);
    let words: Vec<PathBuf> = words.chain([PROGRAMS.path("workshop")]).collect();
    let mut command = Command::new(&words[0]);
    command
        .args(&words[1..])
        .args(["--lang", "en", "grade", server, "--format", "json", "--bin"])
        .arg(path)
        .env("WORKSHOP_PROGRESS", "")
        .env("HOME", "/nonexistent")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().expect("it is there")
}

fn end(mut grading: Child) -> Output {
    let pid = Pid::from_raw(grading.id() as i32);
    let stdout = grading.stdout.take().expect("piped");
    let stderr = grading.stderr.take().expect("piped");
    let read = |mut pipe: Box<dyn std::io::Read + Send>| {
        thread::spawn(move || {
            let mut all = Vec::new();
            let _ = pipe.read_to_end(&mut all);
            all
        })
    };
    let (stdout, stderr) = (read(Box::new(stdout)), read(Box::new(stderr)));
    let deadline = Instant::now() + PATIENCE;
    let ended = subject::poll_until(deadline, || {
        matches!(grading.try_wait(), Ok(Some(_)) | Err(_))
    });
    if !ended {
        let _ = kill(pid, Signal::SIGKILL);
    }
    Output {
        status: grading.wait().expect("it was started here"),
        stdout: stdout.join().expect("it does not panic"),
        stderr: stderr.join().expect("it does not panic"),
    }
}

/// No case has failed; what is skipped has a reason. Tells what is skipped.
fn must_be_just(what: &str, server: &str, output: &Output) {
    let complaints = String::from_utf8_lossy(&output.stderr);
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{what}, {server}: no report: {error}: {complaints}"));
    let cases = report["programs"][0]["cases"].as_array();
    let cases = cases.expect("a list of cases");
    let with = |status: &str| -> Vec<(&str, &str)> {
        let some = cases.iter().filter(|case| case["status"] == status);
        let told = some.map(|case| {
            let (slug, message) = (case["slug"].as_str(), case["message"].as_str());
            let message = message.or(case["message"]["en"].as_str());
            (slug.unwrap_or_default(), message.unwrap_or_default())
        });
        told.collect()
    };
    let (failed, skipped) = (with("failed"), with("skipped"));
    println!(
        "{what:<28} {server:<20} {} passed, skipped: {skipped:?}",
        with("passed").len()
    );
    assert!(failed.is_empty(), "{what}, {server}: {failed:#?}");
    assert!(skipped.iter().all(|(_, reason)| !reason.is_empty()));
}

fn rounds() -> usize {
    let rounds = std::env::var("ROUNDS").ok();
    rounds.map_or(1, |rounds| rounds.parse().expect("a number"))
}

/// A step that needs a process for each client, and one that needs none.
const SERVERS: [&str; 2] = ["fork-server", "event-loop-server"];

fn under(what: &str, launcher: &[&str]) {
    let trial = Command::new(launcher[0])
        .args(&launcher[1..])
        .arg("true")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if !trial.is_ok_and(|status| status.success()) {
        println!("SKIPPED: {what}: {} is not possible here", launcher[0]);
        return;
    }
    for _ in 0..rounds() {
        for server in SERVERS {
            must_be_just(what, server, &end(start(launcher, server)));
        }
    }
}

/// A limit of processes is none for root; and of whoever has others running, they count as well.
fn as_somebody(what: &str, id: &str, launcher: &[&str]) {
    if !geteuid().is_root() {
        println!("SKIPPED: {what}: only root can become a user who has nothing else running");
        return;
    }
    let become_them = ["setpriv", "--reuid", id, "--regid", id, "--clear-groups"];
    under(what, &[launcher, &become_them].concat());
}

#[test]
fn an_ordinary_user() {
    as_somebody("an ordinary user", SOMEBODIES[0], &[]);
}

#[test]
fn three_hundred_processes() {
    let launcher = ["prlimit", "--nproc=300:300"];
    as_somebody("300 processes", SOMEBODIES[1], &launcher);
}

#[test]
fn eighty_processes() {
    let launcher = ["prlimit", "--nproc=80:80"];
    as_somebody("80 processes", SOMEBODIES[2], &launcher);
}

#[test]
fn few_descriptors() {
    under("256 descriptors", &["prlimit", "--nofile=256:256"]);
}

/// On a network of its own, whose settings are its own.
fn on_a_network_where(what: &str, setting: &str) {
    let line = format!("ip link set lo up && {setting} && exec \"$0\" \"$@\"");
    let mut launcher = vec!["unshare", "--net"];
    if !geteuid().is_root() {
        launcher.push("--map-root-user");
    }
    launcher.extend(["sh", "-c", &line]);
    under(what, &launcher);
}

#[test]
fn a_short_backlog() {
    for length in [128, 64] {
        let what = format!("net.core.somaxconn={length}");
        let setting = format!("echo {length} >/proc/sys/net/core/somaxconn");
        on_a_network_where(&what, &setting);
    }
}

#[test]
fn no_ipv6() {
    let setting = "echo 1 >/proc/sys/net/ipv6/conf/lo/disable_ipv6";
    on_a_network_where("no IPv6", setting);
}

#[test]
fn signals_that_somebody_ignores_or_blocks() {
    under("SIGCHLD is ignored", &["env", "--ignore-signal=CHLD"]);
    under("SIGTERM is blocked", &["env", "--block-signal=TERM"]);
}

/// A group of processes, of the kernel's: removed when this is dropped.
struct ControlGroup(PathBuf);

impl ControlGroup {
    /// With this limit, in version 1 or 2 (`cgroups(7)`); `None` where no group can be made.
    fn with(controller: &str, limits: &[(&str, &str)]) -> Option<ControlGroup> {
        let name = format!("workshop-{}-{controller}", std::process::id());
        let roots = [
            Path::new("/sys/fs/cgroup").join(controller),
            PathBuf::from("/sys/fs/cgroup"),
        ];
        let root = roots
            .iter()
            .find(|root| root.join("cgroup.procs").exists())?;
        let group = ControlGroup(root.join(name));
        fs::create_dir(&group.0).ok()?;
        let set = |(file, limit): &(&str, &str)| fs::write(group.0.join(file), limit).is_ok();
        limits.iter().any(set).then_some(group)
    }

    fn launcher(&self) -> String {
        let procs = self.0.join("cgroup.procs");
        format!("echo $$ >'{}' && exec \"$0\" \"$@\"", procs.display())
    }
}

impl Drop for ControlGroup {
    fn drop(&mut self) {
        // Whoever was in it last may just be leaving.
        let deadline = Instant::now() + Duration::from_secs(10);
        subject::poll_until(deadline, || fs::remove_dir(&self.0).is_ok());
    }
}

fn in_a_group(what: &str, controller: &str, limits: &[(&str, &str)]) {
    let Some(group) = ControlGroup::with(controller, limits) else {
        println!("SKIPPED: {what}: no control group can be made here");
        return;
    };
    under(what, &["sh", "-c", &group.launcher()]);
}

#[test]
fn a_container_with_few_processes() {
    in_a_group("pids.max=80", "pids", &[("pids.max", "80")]);
}

#[test]
fn a_fifth_of_a_processor() {
    let of_either_version = [("cpu.max", "20000 100000"), ("cpu.cfs_quota_us", "20000")];
    in_a_group("20% of a processor", "cpu", &of_either_version);
}

#[test]
fn a_filter_that_kills_whoever_makes_a_ring() {
    let filtered = thread::spawn(|| {
        forbid::filter(&[libc::SYS_io_uring_setup], SeccompAction::KillProcess);
        for server in ["completion-server", "event-loop-server"] {
            must_be_just("a filter that kills", server, &end(start(&["env"], server)));
        }
    });
    filtered.join().expect("both are judged");
}

#[test]
fn a_judge_that_is_stopped_and_goes_on() {
    for _ in 0..rounds() {
        for server in SERVERS {
            let grading = start(&["env"], server);
            let pid = Pid::from_raw(grading.id() as i32);
            let stopping = thread::spawn(move || {
                let stop = || kill(pid, Signal::SIGSTOP).is_ok();
                while stop() {
                    thread::sleep(Duration::from_millis(120));
                    let _ = kill(pid, Signal::SIGCONT);
                    thread::sleep(Duration::from_millis(250));
                }
            });
            must_be_just("SIGSTOP and SIGCONT", server, &end(grading));
            let _ = stopping.join(); // nobody is there any more
        }
    }
}
