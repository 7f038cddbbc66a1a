//! `strace(1)`, which counts the system calls of a process that runs.

use anyhow::{Context, Result, bail, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::process::{ChildStderr, Command, Stdio};
use subject::Group;

/// How often each system call was made.
pub(crate) type Calls = BTreeMap<String, u64>;

/// Is it there? Nothing is built in vain.
pub(crate) fn find() -> Result<()> {
    let mut version = Command::new("strace");
    version.arg("-V");
    let found = subject::run_to_end(&mut version, Vec::new());
    found.context("there is no strace, which counts; on Debian: apt install strace")?;
    Ok(())
}

/// It counts until it is told to stop.
pub(crate) struct Counting {
    strace: Group,
    told: BufReader<ChildStderr>,
}

impl Counting {
    /// Begins to count, in all of these processes.
    pub(crate) fn begin(processes: &[u32]) -> Result<Counting> {
        let mut command = Command::new("strace");
        command.args(["-c", "-f"]);
        for process in processes {
            command.args(["-p", &process.to_string()]);
        }
        command.stdin(Stdio::null()).stderr(Stdio::piped());
        let mut strace = Group::spawn(&mut command).context("cannot start strace")?;
        let stderr = strace.stderr().context("it is piped")?;
        let mut told = BufReader::new(stderr);
        for _ in processes {
            let mut line = String::new();
            told.read_line(&mut line)?;
            ensure!(line.contains(" attached"), "strace: {}", line.trim());
        }
        Ok(Counting { strace, told })
    }

    /// Stops, and tells how often each call was made.
    pub(crate) fn end(mut self) -> Result<Calls> {
        // It lets go of the processes, and prints its table where it prints everything.
        kill(Pid::from_raw(self.strace.id() as i32), Signal::SIGINT)?;
        let mut told = String::new();
        self.told.read_to_string(&mut told)?;
        self.strace.end()?;
        let calls = calls(&told);
        if calls.is_empty() {
            bail!("strace has counted nothing: {}", told.trim());
        }
        Ok(calls)
    }
}

/// A row is `% time, seconds, usecs/call, calls, errors, syscall`, of which `errors` may be missing.
fn calls(table: &str) -> Calls {
    let rows = table.lines().filter_map(|line| {
        let row: Vec<&str> = line.split_whitespace().collect();
        let (count, name) = (row.get(3)?.parse().ok()?, *row.last()?);
        row[0].parse::<f64>().ok()?;
        (name != "total").then(|| (name.to_owned(), count))
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_with_errors_and_without() {
        let table = "strace: Process 7 detached
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ------------------
 99.83    1.024414          64     15876         1 io_uring_enter
  0.13    0.001314          12       104           close
------ ----------- ----------- --------- --------- ------------------
100.00    1.025728          64     15980         1 total
";
        let calls: Vec<_> = calls(table).into_iter().collect();
        let expected = [("close", 104), ("io_uring_enter", 15_876)];
        assert_eq!(
            calls,
            expected.map(|(name, count)| (name.to_owned(), count))
        );
    }

    #[test]
    fn without_a_table_there_are_no_calls() {
        assert!(
            calls("strace: attach: ptrace(PTRACE_SEIZE, 7): Operation not permitted").is_empty()
        );
    }
}
