//! The judge where hardly a process and hardly a thread is to be had: what it lacks skips a case, with the
//! reason, and never ends the judge.
#![cfg(target_os = "linux")]

use grader::step::{Assignment, Expected};
use grader::{Outcome, Program, cases};
use std::process::Command;
use std::time::Duration;
use subject::Start;

/// How long all of it may take.
const PATIENCE: Duration = Duration::from_secs(100);
/// How many processes and threads the judge and its programs may be together. With one it can start no
/// program, with two it cannot read what that prints.
const LIMITS: [u64; 4] = [1, 2, 4, 9];
const LIMIT: &str = "SCARCE_LIMIT";

#[test]
fn the_judge_goes_on_where_it_gets_nothing() {
    let judge = std::env::current_exe().expect("Linux tells");
    for limit in LIMITS {
        // For root there is no such limit: then somebody else judges, whom nobody is.
        let is_root = nix::unistd::geteuid().is_root();
        let under = Start {
            processes: Some(limit),
            user: is_root.then(|| fastrand::u32(10_000..60_000)),
            ..Start::default()
        };
        let mut command = Command::new(&judge);
        command
            .args(["judges", "--exact", "--ignored", "--nocapture"])
            .arg("--test-threads=1")
            .env(LIMIT, limit.to_string())
            .env("RUST_BACKTRACE", "0")
            .current_dir("/");
        let mut judging = match under.spawn_and_read(&mut command) {
            Ok(judging) => judging,
            Err(error) => {
                println!("skipped: {} as another user: {error}", judge.display());
                return;
            }
        };
        let status = judging.group.wait(PATIENCE);
        let said = judging.stdout.so_far() + &judging.stderr.so_far();
        assert!(status.is_some_and(|it| it.success()), "{limit}: {said}");
        println!("{limit}: {said}");
    }
}

#[test]
#[ignore = "the other one starts it where hardly anything is to be had"]
fn judges() {
    let limit = std::env::var(LIMIT).expect("the other one says it");
    let program = |line: &str| Program {
        arguments: ["-c", line].map(Into::into).to_vec(),
        ..Program::new("/bin/sh")
    };
    let serves = program("echo listening on 127.0.0.1:1; exec sleep 10");
    let prints = program("echo much; exec sleep 1");
    let some = [
        (serves, cases::server()),
        (prints.clone(), cases::http_client()),
        (prints, cases::client()),
    ];
    for (program, cases) in some {
        let assignments: Vec<_> = cases
            .into_iter()
            .take(9)
            .map(|case| Assignment {
                case,
                expected: Expected::Pass,
            })
            .collect();
        let graded = grader::grade(&program, &assignments, |_| {});
        assert_eq!(graded.len(), assignments.len());
        let skipped = graded
            .iter()
            .filter_map(|graded| match &graded.outcome {
                Outcome::Skipped(reason) => Some(reason),
                _ => None,
            })
            .collect::<Vec<_>>();
        println!(
            "{} of {} skipped: {:?}",
            skipped.len(),
            graded.len(),
            skipped.first()
        );
        if ["1", "2"].contains(&&*limit) {
            assert_eq!(skipped.len(), graded.len(), "{graded:?}");
            // Before that, some ask for what this machine may not have.
            assert!(skipped.iter().any(|it| it.en.starts_with("the judge ")));
        }
    }
}
