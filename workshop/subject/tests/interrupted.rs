//! Who is interrupted leaves nobody behind.
#![cfg(target_os = "linux")]

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::process::Command;
use std::time::{Duration, Instant};
use subject::{Start, kill_all_on_interrupt, poll_until, processes};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// In a process of its own, which the other test interrupts: a program, and a daemon that it has
/// started. Both numbers are printed.
#[test]
#[ignore = "the other test starts it"]
fn whoever_is_interrupted() {
    kill_all_on_interrupt(|| println!("before the end")).expect("signals can be caught");
    let line = "setsid sh -c 'sleep 1000 & echo $!'; exec sleep 1000";
    let started = Start::default().spawn_and_read(Command::new("sh").args(["-c", line]));
    let started = started.expect("there is a shell");
    let daemon = started.stdout.first_line(PATIENCE).expect("it says it");
    println!("\nboth {} {daemon}", started.group.id());
    std::thread::sleep(PATIENCE);
}

#[test]
fn an_interrupt_kills_the_programs_and_their_daemons() {
    let mut this = Command::new(std::env::current_exe().expect("it runs"));
    this.args([
        "--exact",
        "whoever_is_interrupted",
        "--ignored",
        "--nocapture",
    ]);
    let mut interrupted = Start::default().spawn_and_read(&mut this).expect("it runs");
    let mut both: Vec<u32> = Vec::new();
    poll_until(Instant::now() + PATIENCE, || {
        let said = interrupted.stdout.so_far();
        let mut numbers = said.lines().filter_map(|line| line.strip_prefix("both "));
        both = numbers.next().map_or_else(Vec::new, |line| {
            line.split_whitespace()
                .map_while(|word| word.parse().ok())
                .collect()
        });
        both.len() == 2
    });
    let [program, daemon] = both[..] else {
        panic!("it says {:?}", interrupted.stdout.so_far());
    };
    let pid = Pid::from_raw(interrupted.group.id() as i32);
    kill(pid, Signal::SIGTERM).expect("it lives");
    let status = interrupted.group.wait(PATIENCE).expect("it ends");
    assert_eq!(status.code(), Some(128 + Signal::SIGTERM as i32));
    let soon = Instant::now() + PATIENCE;
    for pid in [program, daemon] {
        // A zombie is dead as well.
        let is_dead = || {
            let tree = processes::tree(pid).expect("Linux tells");
            tree.iter().all(|process| process.state == 'Z')
        };
        assert!(poll_until(soon, is_dead), "{pid} lives");
    }
    assert!(poll_until(soon, || interrupted.stdout.is_complete()));
    assert!(interrupted.stdout.so_far().contains("before the end"));
}
