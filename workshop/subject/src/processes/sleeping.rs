use super::calls::{self, Call};
use super::table::{read, read_dir};
use crate::unseen::NotSeen;

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
    let folder = format!("/proc/{pid}/task");
    let mut numbers: Vec<u32> = read_dir(&folder)?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    numbers.sort_unstable();
    let mut threads = Vec::new();
    for number in numbers {
        let line = match read(format!("{folder}/{number}/syscall")) {
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
    use super::parse;

    #[test]
    fn a_line_is_a_number_six_arguments_and_two_that_matter_to_nobody() {
        let line = "7 0x5581 0x1 0xffffffff 0x0 0x8 0x7f 0x7ffd 0x7f21\n";
        let registers = vec![0x5581, 1, 0xFFFF_FFFF, 0, 8, 0x7F];
        assert_eq!(parse(line), Some((7, registers)));
        assert_eq!(parse("-1 0x7ffd 0x7f21\n"), Some((-1, vec![])));
        assert_eq!(parse("running\n"), None);
    }
}
