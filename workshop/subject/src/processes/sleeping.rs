use super::calls::{self, Call};
use super::table::{read, read_dir, tree};
use crate::unseen::NotSeen;
use std::collections::HashMap;
use std::fs::DirEntry;
use std::io;
use std::time::Duration;

/// A thread, and where it sleeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// Its number.
    pub number: u32,
    /// The system call that it is in; `None` while it runs.
    pub call: Option<Call>,
}

/// Each thread of `pid`, by number: the first is where `main` runs.
///
/// # Errors
///
/// Where there is no /proc, it does not say (`CONFIG_HAVE_ARCH_TRACEHOOK`), or the process may not be
/// looked at (`ptrace(2)`).
pub fn sleeping(pid: u32) -> Result<Vec<Thread>, NotSeen> {
    let mut numbers = threads_of(pid)?;
    numbers.sort_unstable();
    let mut threads = Vec::new();
    for number in numbers {
        let line = match read(format!("/proc/{pid}/task/{number}/syscall")) {
            Ok(line) => line,
            Err(_) if number != pid => continue, // it has gone in the meantime
            Err(unseen) => return Err(unseen),
        };
        threads.push(Thread {
            number,
            call: parse(&line).map(|(number, registers)| calls::decode(number, &registers)),
        });
    }
    Ok(threads)
}

/// The system call that the first thread of `pid` is in, as in `poll`, if it is one in which a server
/// may wait; `None` while it runs.
///
/// # Errors
///
/// As those of [`sleeping`].
pub fn system_call(pid: u32) -> Result<Option<&'static str>, NotSeen> {
    let line = read(format!("/proc/{pid}/syscall"))?;
    Ok(parse(&line).map(|(number, _)| calls::waiting(number)))
}

/// Threads of `pid` and its descendants that are ready to run, or run, and how often each has gone to
/// sleep so far. One that is in two of these lists with the same count has not slept between them,
/// however little of a processor it got.
///
/// # Errors
///
/// Where there is no /proc.
pub fn awake(pid: u32) -> Result<HashMap<u32, Awake>, NotSeen> {
    let mut awake = HashMap::new();
    for process in tree(pid)? {
        // Who has gone in the meantime runs no more.
        let Ok(numbers) = threads_of(process.pid) else {
            continue;
        };
        let folder = format!("/proc/{}/task", process.pid);
        for number in numbers {
            let seen = || {
                let status = read(format!("{folder}/{number}/status")).ok()?;
                let ran = read(format!("{folder}/{number}/schedstat")).ok()?;
                runnable(&status, &ran)
            };
            awake.extend(seen().map(|seen| (number, seen)));
        }
    }
    Ok(awake)
}

/// A thread that runs, or would if it had a processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Awake {
    /// How often it has gone to sleep since it began.
    pub sleeps: u64,
    /// For how long it has had a processor since it began.
    pub ran: Duration,
}

/// What `status` and `schedstat` of a thread say (`proc(5)`); `None` if it sleeps.
fn runnable(status: &str, schedstat: &str) -> Option<Awake> {
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line?.split_whitespace().next()
    };
    if field("State:")? != "R" {
        return None;
    }
    Some(Awake {
        sleeps: field("voluntary_ctxt_switches:")?.parse().ok()?,
        ran: Duration::from_nanos(schedstat.split_whitespace().next()?.parse().ok()?),
    })
}

/// The numbers of `pid`'s own threads.
fn threads_of(pid: u32) -> Result<Vec<u32>, NotSeen> {
    let entries = read_dir(format!("/proc/{pid}/task"))?;
    let number = |entry: io::Result<DirEntry>| entry.ok()?.file_name().to_str()?.parse().ok();
    Ok(entries.filter_map(number).collect())
}

/// The number and the six arguments of `NUMBER ARGUMENT… SP PC`; `None` of `running`. Of one that is
/// blocked outside of a call, as by a fault of a page, the number is -1, and there are no arguments.
fn parse(line: &str) -> Option<(i64, Vec<u64>)> {
    let mut words = line.split_whitespace();
    let number = words.next()?.parse().ok()?;
    let words: Vec<&str> = words.collect();
    let registers = words
        .split_last_chunk::<2>()
        .map_or(&[][..], |(registers, _)| registers);
    let register = |word: &&str| u64::from_str_radix(word.trim_start_matches("0x"), 16).ok();
    Some((number, registers.iter().filter_map(register).collect()))
}

#[cfg(test)]
mod tests {
    use super::{Awake, parse, runnable};
    use std::time::Duration;

    #[test]
    fn a_line_is_a_number_six_arguments_and_two_that_matter_to_nobody() {
        let line = "7 0x5581 0x1 0xffffffff 0x0 0x8 0x7f 0x7ffd 0x7f21\n";
        let registers = vec![0x5581, 1, 0xFFFF_FFFF, 0, 8, 0x7F];
        assert_eq!(parse(line), Some((7, registers)));
        assert_eq!(parse("-1 0x7ffd 0x7f21\n"), Some((-1, vec![])));
        assert_eq!(parse("running\n"), None);
    }
    #[test]
    fn who_is_ready_to_run_has_a_count_of_sleeps() {
        let status = "Name:\ta\nState:\tR (running)\nvoluntary_ctxt_switches:\t12\nnonvoluntary_ctxt_switches:\t3\n";
        let seen = Awake {
            sleeps: 12,
            ran: Duration::from_nanos(1_500),
        };
        assert_eq!(runnable(status, "1500 77 15\n"), Some(seen));
        let asleep = status.replace("R (running)", "S (sleeping)");
        assert_eq!(runnable(&asleep, "1500 77 15\n"), None);
    }
}
