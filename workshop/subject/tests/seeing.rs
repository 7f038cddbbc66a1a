//! What the system tells of a program that runs.
#![cfg(target_os = "linux")]

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use subject::processes::{self, Call, Listener, Owner, TimeOut};
use subject::{Output, Scarce, Start, Started, poll_until};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(10);

fn start(command: &mut Command) -> Started {
    Start::default()
        .spawn_and_read(command)
        .expect("it is there")
}

fn sh(line: &str) -> Started {
    start(Command::new("sh").args(["-c", line]))
}

/// `None`, and a word about it, where there is no Python.
fn python(program: &str) -> Option<Started> {
    let started = Start::default().spawn_and_read(Command::new("python3").args(["-c", program]));
    if started.is_err() {
        println!("skipped: there is no python3");
    }
    started.ok()
}

fn line(started: &Started) -> String {
    started
        .stdout
        .first_line(PATIENCE)
        .expect("it says something")
}

/// The call in which the first thread sleeps, as soon as it is this one.
fn asleep_in(pid: u32, names: &[&str]) -> Call {
    let mut found = None;
    poll_until(Instant::now() + PATIENCE, || {
        let mut threads = processes::sleeping(pid).unwrap_or_default();
        found = (!threads.is_empty())
            .then(|| threads.remove(0).call)
            .flatten();
        found
            .as_ref()
            .is_some_and(|call| names.contains(&call.name))
    });
    let call = found.expect("it sleeps");
    assert!(names.contains(&call.name), "{call:?}, not {names:?}");
    call
}

#[test]
fn a_tree_has_children_and_zombies() {
    // Who becomes another program does not wait for the child that it had.
    let started = sh("sleep 0 & sleep 1000 & exec sleep 1000");
    let pid = started.group.id();
    let counted = || {
        processes::children(pid).is_ok_and(|children| children == 2)
            && processes::living_children(pid).is_ok_and(|living| living == 1)
    };
    assert!(poll_until(Instant::now() + PATIENCE, counted));
    let tree = processes::tree(pid).expect("Linux tells");
    assert_eq!(tree[0].pid, pid);
    assert!(
        tree[1..]
            .iter()
            .all(|process| process.parent == pid && process.group == pid)
    );
}

#[test]
fn descriptors_and_their_limit_are_counted() {
    // The seventh apart, both have whatever this process leaves open to its children.
    let [closed, open] = [">&-", "</dev/null"].map(|seventh| {
        let started = sh(&format!("ulimit -S -n 100; exec 7{seventh} sleep 1000"));
        asleep_in(started.group.id(), &["clock_nanosleep", "nanosleep"]);
        started
    });
    let count = |started: &Started| processes::descriptors(started.group.id());
    let fewer = count(&closed).expect("Linux tells");
    assert_eq!(count(&open).expect("Linux tells"), fewer + 1);
    let limit = processes::descriptor_limit(open.group.id());
    assert_eq!(limit.expect("Linux tells"), 100);
}

#[test]
fn memory_and_processor_time_grow_with_their_use() {
    let idle = sh("exec sleep 1000");
    let busy = sh("while :; do :; done");
    let limit = Duration::from_millis(50);
    let has_worked = || processes::cpu(busy.group.id()).is_ok_and(|used| used >= limit);
    assert!(poll_until(Instant::now() + PATIENCE, has_worked));
    assert!(processes::cpu(idle.group.id()).expect("Linux tells") < limit);
    let Some(large) = python(
        "import time; a = bytearray(b'x') * (32 << 20); print('up', flush=True); time.sleep(1000)",
    ) else {
        return;
    };
    line(&large);
    let held = processes::memory(large.group.id()).expect("Linux tells");
    assert!(held > 32 << 20, "{held}");
}

#[test]
fn who_listens_where_is_known_of_children_as_well() {
    let program = "
import os, socket, time
one = socket.create_server(('127.0.0.1', 0))
print(one.getsockname()[1], flush=True)
client = socket.create_connection(one.getsockname())
if os.fork() == 0: time.sleep(1000)
os.wait()
";
    let Some(started) = python(program) else {
        return;
    };
    let port: u16 = line(&started).parse().expect("a port");
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let pid = started.group.id();
    let mut listeners = Vec::new();
    let both = poll_until(Instant::now() + PATIENCE, || {
        let all = started.group.processes().expect("Linux tells");
        listeners = processes::listeners(&all).expect("Linux tells");
        listeners.len() == 2
    });
    assert!(both, "{listeners:?}");
    assert_eq!(listeners[0], Listener { pid, address });
    assert_eq!(
        listeners[1].address, address,
        "its child has the same socket"
    );
}

#[test]
fn who_listens_by_ipv6_is_known() {
    let program = "
import socket, time
one = socket.create_server(('::1', 0), family=socket.AF_INET6)
print(one.getsockname()[1], flush=True)
time.sleep(1000)
";
    let Some(started) = python(program) else {
        return;
    };
    let Some(port) = started.stdout.first_line(PATIENCE) else {
        println!("skipped: there is no IPv6");
        return;
    };
    let all = started.group.processes().expect("Linux tells");
    let listeners = processes::listeners(&all).expect("Linux tells");
    let address = format!("[::1]:{port}").parse().expect("an address");
    assert_eq!(
        listeners,
        [Listener {
            pid: started.group.id(),
            address
        }]
    );
}

#[test]
fn a_sleep_has_a_time_out_that_is_not_known() {
    let started = sh("exec sleep 1000");
    let call = asleep_in(started.group.id(), &["clock_nanosleep", "nanosleep"]);
    assert_eq!(call.time_out, TimeOut::Unknown);
    // For whoever asks after servers, that is none of their calls.
    let told = processes::system_call(started.group.id()).expect("Linux tells");
    assert_eq!(told, Some("another system call"));
}

#[test]
fn a_shell_waits_for_its_child_for_ever() {
    let started = sh("sleep 1000; :");
    let call = asleep_in(started.group.id(), &["wait4"]);
    assert_eq!(call.time_out, TimeOut::Never);
    assert_eq!(call.arguments.len(), 4);
}

#[test]
fn a_poll_tells_its_milliseconds() {
    let program = |time_out| {
        format!(
            "import os, select; p = select.poll(); p.register(os.pipe()[0]); p.poll({time_out})"
        )
    };
    let Some(started) = python(&program("90_000")) else {
        return;
    };
    let call = asleep_in(started.group.id(), &["poll", "ppoll"]);
    // Where there is no poll(2), its newer form has a pointer.
    match call.name {
        "poll" => assert_eq!(call.time_out, TimeOut::After(Duration::from_secs(90))),
        _ => assert_eq!(call.time_out, TimeOut::Unknown),
    }
    let Some(started) = python(&program("")) else {
        return;
    };
    let call = asleep_in(started.group.id(), &["poll", "ppoll"]);
    assert_eq!(call.time_out, TimeOut::Never);
}

#[test]
fn each_thread_is_told() {
    let program = "
import os, threading
end = os.pipe()[0]
threading.Thread(target=lambda: os.read(end, 77)).start()
print('up', flush=True)
";
    let Some(started) = python(program) else {
        return;
    };
    line(&started);
    let pid = started.group.id();
    let mut threads = Vec::new();
    let seen = poll_until(Instant::now() + PATIENCE, || {
        threads = processes::sleeping(pid).expect("Linux tells");
        // The first one may read, too: what it imports.
        let mut others = threads.iter().skip(1);
        others.any(|it| it.call.as_ref().is_some_and(|call| call.name == "read"))
    });
    assert!(seen, "{threads:?}");
    assert_eq!((threads.len(), threads[0].number), (2, pid));
    assert_eq!(processes::threads(pid).expect("Linux tells"), 2);
    let call = threads[1].call.as_ref().expect("it sleeps");
    assert_eq!((call.arguments[2], call.time_out), (77, TimeOut::Never));
}

#[test]
fn who_runs_is_in_no_call() {
    let started = sh("while :; do :; done");
    let runs = || {
        let threads = processes::sleeping(started.group.id()).unwrap_or_default();
        threads.first().is_some_and(|thread| thread.call.is_none())
    };
    assert!(poll_until(Instant::now() + PATIENCE, runs));
}

#[test]
fn who_never_sleeps_is_found_by_its_count_of_sleeps() {
    let started = sh("while :; do :; done");
    let pid = started.group.id();
    let awake = || processes::awake(pid).ok()?.get(&pid).copied();
    assert!(poll_until(Instant::now() + PATIENCE, || awake().is_some()));
    let before = awake().expect("it was seen");
    let goes_on = || awake().is_some_and(|now| now.ran > before.ran && now.sleeps == before.sleeps);
    assert!(poll_until(Instant::now() + PATIENCE, goes_on));
    let sleeper = sh("echo; exec sleep 60");
    line(&sleeper);
    asleep_in(sleeper.group.id(), &["nanosleep", "clock_nanosleep"]);
    let awake = processes::awake(sleeper.group.id()).expect("Linux tells");
    assert!(awake.is_empty(), "{awake:?}");
}

#[test]
fn who_listens_on_a_port_is_found_by_it() {
    let here = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = here.local_addr().expect("it is bound").port();
    let who = || processes::who_listens(port).expect("Linux tells");
    assert_eq!(who(), Some(std::process::id()));
    drop(here);
    assert_eq!(who(), None);
}

#[test]
fn what_has_gone_cannot_be_seen_and_the_error_says_where() {
    // The largest number that a process can have, and one more.
    let unseen = processes::descriptors(1 << 22).expect_err("nobody has it");
    assert!(unseen.to_string().contains("/proc/4194304/fd"), "{unseen}");
    assert!(processes::tree(1 << 22).expect("Linux tells").is_empty());
}

#[test]
fn whose_a_listening_socket_is_can_be_told() {
    let program = "
import os, socket, time
one = socket.create_server(('127.0.0.1', 0))
os.set_inheritable(one.fileno(), True)
print(one.getsockname()[1], flush=True)
if os.fork() == 0: time.sleep(1000)
os.wait()
";
    let (Some(started), Some(other)) = (python(program), python(program)) else {
        return;
    };
    let all_of = |started: &Started| started.group.processes().expect("Linux tells");
    let address = |started: &Started| {
        let port: u16 = line(started).parse().expect("a port");
        SocketAddr::from(([127, 0, 0, 1], port))
    };
    let at = address(&started);
    let mut found = Owner::Nobody;
    let both = poll_until(Instant::now() + PATIENCE, || {
        found = processes::owner(&all_of(&started), at).expect("Linux tells");
        matches!(&found, Owner::Theirs(pids) if pids.len() == 2)
    });
    assert!(both, "{found:?}");
    let pid = started.group.id();
    assert!(matches!(&found, Owner::Theirs(pids) if pids[0] == pid));
    let found = processes::owner(&all_of(&other), at).expect("Linux tells");
    assert!(matches!(&found, Owner::Others(Some(holder)) if holder.pid == pid));
    drop(started);
    let found = processes::owner(&all_of(&other), at).expect("Linux tells");
    assert_eq!(found, Owner::Nobody);
}

#[test]
fn who_is_scarce_of_descriptors_opens_none_until_it_is_over() {
    let program = "
import os, sys, time
def tries():
    try: os.close(os.open('/dev/null', os.O_RDONLY)); return 'opens'
    except OSError as error: return error.strerror
for _ in range(3): sys.stdin.readline(); print(tries(), file=sys.stderr, flush=True)
";
    let mut command = Command::new("python3");
    command.args(["-u", "-c", program]).stdin(Stdio::piped());
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let Ok(mut group) = Start::default().spawn(&mut command) else {
        println!("skipped: there is no python3");
        return;
    };
    let said = Output::drain(group.stderr().expect("piped")).expect("a thread");
    let mut stdin = group.stdin().expect("piped");
    let mut lines = 0;
    let mut ask = || {
        stdin.write_all(b"\n").expect("it reads");
        lines += 1;
        poll_until(Instant::now() + PATIENCE, || {
            said.so_far().lines().count() == lines
        });
    };
    ask();
    let scarce = Scarce::of(&[group.id()]).expect("it is ours");
    ask();
    drop(scarce);
    ask();
    assert_eq!(said.so_far(), "opens\nToo many open files\nopens\n");
}

/// Of whoever has ended, there is nothing to be measured: that is not 0.
#[test]
fn memory_that_cannot_be_read_is_none() {
    let mut started = sh(":");
    assert!(started.group.wait(PATIENCE).is_some());
    assert!(processes::memory(started.group.id()).is_err());
}
