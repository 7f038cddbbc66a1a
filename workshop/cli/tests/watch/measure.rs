//! How long it takes from a save to the first verdict. `just watch-waits` runs it: no test, as it asserts
//! no time.

use crate::checkout::Checkout;
use crate::player::{Player, SIZE};
use std::time::{Duration, Instant};

/// How many saves are measured.
const EDITS: usize = 20;

/// An error in the last task of a copy whose others are done: the step, the file, the right text, the
/// wrong one.
const PLANTED: [(&str, &str, &str, &str); 3] = [
    (
        "02-fork-server",
        "src/bin/fork-server/children.rs",
        "Some(WaitPidFlag::WNOHANG)",
        "None",
    ),
    (
        "04-select-server",
        "src/bin/select-server.rs",
        "largest + 1);",
        "largest);",
    ),
    (
        "08-async-server",
        "src/runtime.rs",
        "*slot = Some(task);",
        "drop((slot, task));",
    ),
];

#[test]
#[ignore = "it measures: just watch-waits"]
fn from_a_save_to_the_first_verdict() {
    for (step, file, right, wrong) in PLANTED {
        let checkout = Checkout::new();
        let (number, slug) = step.split_once('-').expect("a number");
        checkout.tool(&["start", number]).success();
        for copied in sources(&checkout, step) {
            let text = checkout.read(&format!("steps/{step}/{copied}"));
            let text = if copied == file {
                text.replacen(right, wrong, 1)
            } else {
                text
            };
            checkout.write(&format!("work/{slug}/{copied}"), &text);
        }
        let file = format!("work/{slug}/{file}");
        let text = checkout.read(&file);
        assert!(text.contains(wrong), "{step} has changed");
        let mut watch = checkout.player(&["--lang", "en", "watch", number], SIZE);
        watch.sees(&["Mend first", "waiting for a save"]);
        let mut first = Vec::new();
        for edit in 0..EDITS {
            checkout.write(&file, &format!("{text}// edit {edit}\n"));
            let saved = Instant::now();
            watch.sees(&["building"]);
            watch.sees(&["Mend first", "judging"]);
            first.push(saved.elapsed());
            // Every other one is saved while the rest is still judged: a newer save ends that.
            if edit % 2 == 0 {
                watch.sees(&["waiting for a save"]);
            }
        }
        println!(
            "{step}: first verdict, median {:.1?} (longest {:.1?})",
            median(&mut first),
            first[EDITS - 1]
        );
        watch.sees(&["waiting for a save"]);
        idle(&watch);
        watch.press("q");
        watch.ends();
    }
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// What it takes of a processor while nothing is saved.
fn idle(watch: &Player) {
    let cpu = || subject::processes::cpu(watch.pid()).expect("there is a /proc");
    let (before, seconds) = (cpu(), 5);
    std::thread::sleep(Duration::from_secs(seconds));
    let used = cpu() - before;
    println!("  while nothing changes: {used:?} of processor time in {seconds} s");
}

fn sources(checkout: &Checkout, step: &str) -> Vec<String> {
    let root = checkout.path(&format!("steps/{step}"));
    let mut folders = vec![root.join("src")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            match path.is_dir() {
                true => folders.push(path),
                false => files.push(path),
            }
        }
    }
    let names = files
        .iter()
        .map(|file| file.strip_prefix(&root).expect("below it"));
    names
        .map(|name| name.to_string_lossy().into_owned())
        .collect()
}
