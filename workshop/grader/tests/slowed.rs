//! Right servers that take their time, each in another way (`slowed/server.c`): of none of them may be
//! said that nothing more will come, nor that it spins. Skipped where there is no C compiler.
//!
//! A few cases by default. `SLOWED_CASES=2000 cargo test -p grader --test slowed -- --nocapture` for
//! more; `SLOWED_SEED` repeats one run, `SLOWED_SIDE_BY_SIDE` says how many at once, and with
//! `SLOWED_STOPS=1` the servers' processes are stopped now and then, and go on.
#![cfg(target_os = "linux")]

use grader::report::Painter;
use grader::{Case, Outcome, Program, cases};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{LazyLock, Mutex};
use std::thread;
use std::time::{Duration, Instant};
use subject::processes;
use terminal::Language;

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// How many cases by default, and how many side by side: nearly all of the time they wait.
const CASES: usize = 24;
const SIDE_BY_SIDE: usize = 24;

/// How it serves several clients, and how it waits. An interval timer is a whole process's.
const KINDS: &[(&str, &str)] = &[
    ("fork", "sleep"),
    ("thread", "sleep"),
    ("fork", "poll"),
    ("thread", "poll"),
    ("fork", "timerfd"),
    ("thread", "timerfd"),
    ("fork", "timerfd-in-epoll"),
    ("thread", "timerfd-in-epoll"),
    ("fork", "setitimer"),
    ("fork", "sigwait"),
    ("fork", "io-uring"),
    ("thread", "io-uring"),
    ("fork", "child"),
    ("thread", "child"),
    ("fork", "helper"),
    ("thread", "helper"),
    ("fork", "bare-helper"),
    ("thread", "bare-helper"),
    ("fork", "asking"),
    ("thread", "asking"),
    ("fork", "computing"),
    ("thread", "computing"),
];

/// Those that give a server as much time as it wants, up to the judge's patience each time.
const SLUGS: &[&str] = &[
    "hello",
    "every-byte",
    "empty-lines",
    "pipelined",
    "incomplete-waits",
    "silent-neighbour",
    "last-comes-first",
    "max-line",
    "max-line-plus-one",
    "half-close",
    "half-close-tail",
    "half-close-at-once",
    "half-close-answers-owed",
    "reset-client",
];

/// The same, but of so many answers, one after the other, that it takes them long: on demand alone.
const LONG: &[&str] = &["byte-at-a-time", "one-piece"];

/// What came of the cases.
#[derive(Default)]
struct Seen {
    passed: usize,
    skipped: usize,
    /// "Nothing more will come" was said, or "given up": that it spins.
    wrong: Vec<String>,
    /// Failed otherwise: it took longer than the judge's patience. By kind.
    late: BTreeMap<String, usize>,
}

#[test]
fn nobody_who_takes_time_is_given_up() {
    subject::signals::put_right();
    let Some(server) = compiled() else {
        println!("skipped: there is no cc");
        return;
    };
    let seed = number("SLOWED_SEED").unwrap_or_else(|| fastrand::u64(..));
    let count = number("SLOWED_CASES").map_or(CASES, |count| count as usize);
    let side_by_side = number("SLOWED_SIDE_BY_SIDE").map_or(SIDE_BY_SIDE, |it| it as usize);
    println!("seed {seed}, {count} cases, {side_by_side} side by side");
    let slugs = match count <= CASES {
        true => SLUGS.to_vec(),
        false => [SLUGS, LONG].concat(),
    };
    let all = cases::server();
    let cases: Vec<_> = all
        .into_iter()
        .filter(|case| slugs.contains(&case.slug))
        .collect();
    assert_eq!(cases.len(), slugs.len(), "a slug is none");
    let (next, is_over, seen) = (
        AtomicUsize::new(0),
        AtomicBool::new(false),
        Mutex::default(),
    );
    LazyLock::force(&START);
    thread::scope(|scope| {
        let graders: Vec<_> = (0..side_by_side)
            .map(|_| {
                scope.spawn(|| {
                    loop {
                        let index = next.fetch_add(1, SeqCst);
                        if index >= count {
                            return;
                        }
                        run(&server, &cases, seed.wrapping_add(index as u64), &seen);
                    }
                })
            })
            .collect();
        if number("SLOWED_STOPS").is_some() {
            scope.spawn(|| stop_now_and_then(seed, &is_over));
        }
        for grader in graders {
            grader.join().expect("it does not panic");
        }
        is_over.store(true, SeqCst);
    });
    let seen = seen.into_inner().expect("nobody panicked with it");
    let Seen {
        passed,
        skipped,
        wrong,
        late,
    } = seen;
    let (given_up, late_ones) = (wrong.len(), late.values().sum::<usize>());
    println!("{passed} passed, {given_up} given up, {late_ones} late {late:?}, {skipped} skipped");
    println!("in {:?}", START.elapsed());
    assert!(wrong.is_empty(), "seed {seed}:\n{}", wrong.join("\n"));
}

fn run(server: &Path, cases: &[&'static Case], seed: u64, seen: &Mutex<Seen>) {
    let mut random = fastrand::Rng::with_seed(seed);
    let (serves, waits) = *random.choice(KINDS).expect("there are some");
    let case = *random.choice(cases).expect("there are some");
    let program = Program {
        arguments: [serves, waits, &random.u32(..).to_string()]
            .map(Into::into)
            .to_vec(),
        ..Program::new(server)
    };
    let graded = case.grade(&program);
    let at = START.elapsed();
    let mut seen = seen.lock().expect("nobody panics with it");
    match &graded.outcome {
        Outcome::Passed => seen.passed += 1,
        Outcome::Failed(failure) => {
            let is_given_up = |note: &terminal::Text| {
                let words = ["nothing more will come", "given up"];
                words.iter().any(|words| note.en.contains(words))
            };
            let told = Painter::plain(Language::English).failure(&graded);
            if failure.notes.iter().any(is_given_up) {
                seen.wrong.push(format!("{serves} {waits}: {told}"));
            } else {
                println!("late, at {at:?}: {serves} {waits}: {told}");
                *seen
                    .late
                    .entry(format!("{} {serves} {waits}", case.slug))
                    .or_default() += 1;
            }
        }
        Outcome::Skipped(_) | Outcome::Excepted(_) | Outcome::FailedOnPurpose(..) => {
            seen.skipped += 1
        }
    }
}

/// Stops one of this process's descendants, and lets it go on, again and again.
fn stop_now_and_then(seed: u64, is_over: &AtomicBool) {
    let mut random = fastrand::Rng::with_seed(seed);
    while !is_over.load(SeqCst) {
        let all = processes::tree(std::process::id()).unwrap_or_default();
        if let Some(process) = random.choice(all.get(1..).unwrap_or_default()) {
            let pid = Pid::from_raw(process.pid as i32);
            let _ = kill(pid, Signal::SIGSTOP);
            thread::sleep(Duration::from_millis(random.u64(0..200)));
            let _ = kill(pid, Signal::SIGCONT);
        }
        thread::sleep(Duration::from_millis(random.u64(0..20)));
    }
}

fn compiled() -> Option<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/slowed/server.c");
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("slowed-server");
    let compiled = Command::new("cc")
        .args(["-O1", "-pthread", "-o"])
        .args([&program, &source])
        .status();
    let status = compiled.ok()?;
    assert!(status.success(), "{} does not compile", source.display());
    Some(program)
}

fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok()?.parse().ok()
}
