//! Who is interrupted leaves nobody behind, however it ends.
#![cfg(target_os = "linux")]

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::time::{Duration, Instant};
use subject::{Start, Started, kill_all_on_interrupt, poll_until, processes};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// In a process of its own, which the other test interrupts: a program, and a daemon that it has
/// started. Both numbers are printed.
#[test]
#[ignore = "the other test starts it"]
fn whoever_is_interrupted() {
    kill_all_on_interrupt(|| println!("before the end")).expect("signals can be caught");
    let line = "setsid env -i sh -c 'sleep 1000 & echo $!'; exec sleep 1000";
    let started = Start::default().spawn_and_read(Command::new("sh").args(["-c", line]));
    let started = started.expect("there is a shell");
    let daemon = started.stdout.first_line(PATIENCE).expect("it says it");
    println!("\nboth {} {daemon}", started.group.id());
    std::thread::sleep(PATIENCE);
}

#[test]
fn an_interrupt_kills_the_programs_and_their_daemons() {
    let mut interrupted = Interrupted::by(Signal::SIGTERM);
    let status = interrupted.started.group.wait(PATIENCE).expect("it ends");
    assert_eq!(status.code(), Some(128 + Signal::SIGTERM as i32));
    interrupted.must_leave_nobody();
    let stdout = &interrupted.started.stdout;
    let soon = Instant::now() + PATIENCE;
    assert!(poll_until(soon, || stdout.is_complete()));
    assert!(stdout.so_far().contains("before the end"));
}

/// It can do nothing more: its guardian does.
#[test]
fn whoever_is_killed_leaves_nobody_either() {
    let mut killed = Interrupted::by(Signal::SIGKILL);
    let status = killed.started.group.wait(PATIENCE).expect("it ends");
    assert_eq!(status.signal(), Some(Signal::SIGKILL as i32));
    killed.must_leave_nobody();
}

struct Interrupted {
    started: Started,
    /// What it has started itself.
    programs: Vec<u32>,
}

impl Interrupted {
    fn by(signal: Signal) -> Interrupted {
        let mut this = Command::new(std::env::current_exe().expect("it runs"));
        this.args([
            "--exact",
            "whoever_is_interrupted",
            "--ignored",
            "--nocapture",
        ]);
        let started = Start::default().spawn_and_read(&mut this).expect("it runs");
        let mut programs: Vec<u32> = Vec::new();
        poll_until(Instant::now() + PATIENCE, || {
            let said = started.stdout.so_far();
            let mut numbers = said.lines().filter_map(|line| line.strip_prefix("both "));
            programs = numbers.next().map_or_else(Vec::new, |line| {
                line.split_whitespace()
                    .map_while(|word| word.parse().ok())
                    .collect()
            });
            programs.len() == 2
        });
        assert_eq!(programs.len(), 2, "it says {:?}", started.stdout.so_far());
        let pid = Pid::from_raw(started.group.id() as i32);
        kill(pid, signal).expect("it lives");
        Interrupted { started, programs }
    }

    fn must_leave_nobody(&self) {
        let soon = Instant::now() + PATIENCE;
        for &pid in &self.programs {
            // A zombie is dead as well.
            let is_dead = || {
                let tree = processes::tree(pid).expect("Linux tells");
                tree.iter().all(|process| process.state == 'Z')
            };
            assert!(poll_until(soon, is_dead), "{pid} lives");
        }
    }
}
