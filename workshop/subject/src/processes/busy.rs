//! Whether a program does nothing but ask the kernel again and again.

use super::stillness::{Connection, Running, Stillness, threads};
use super::table::{Process, TICK, has_ended, read};
use crate::unseen::NotSeen;
use std::time::Duration;

/// How many pages that it had not touched before it may touch from one look to the other: who computes
/// in new memory is in the kernel for that, too.
const FEW_FAULTS: u64 = 200;

/// Processes some threads of which run, as they were at one moment; all others sleep in a call without
/// a time-out, and no timer is armed.
///
/// One who computes in user mode has this look as well: how much of the time between two of them was
/// the kernel's tells one from the other.
#[derive(Clone, Debug)]
pub struct Busy {
    processes: Vec<u32>,
    at_rest: Stillness,
    running: Vec<Running>,
    moved: Moved,
    faults: u64,
    had: Processor,
}

/// How many bytes were read and written, by read(2) and write(2) and from and to disks, and the like.
/// What goes over TCP is seen by the tables of the sockets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Moved([u64; 4]);

/// Processor time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Processor {
    /// In user mode.
    pub user: Duration,
    /// In the kernel.
    pub system: Duration,
}

impl Processor {
    /// All of it.
    pub fn total(&self) -> Duration {
        self.user + self.system
    }

    fn less(self, before: Processor) -> Processor {
        Processor {
            user: self.user.saturating_sub(before.user),
            system: self.system.saturating_sub(before.system),
        }
    }
}

impl Busy {
    /// Looks at all processes of a program, as [`Stillness::of`] does. `None` if none of them runs, if
    /// one sleeps that may wake by itself, or if that cannot be told.
    ///
    /// # Errors
    ///
    /// Where there is no /proc, or it may not be read.
    pub fn of(
        processes: &[Process],
        connection: Option<Connection>,
    ) -> Result<Option<Busy>, NotSeen> {
        let living: Vec<&Process> = processes.iter().filter(|it| !has_ended(it)).collect();
        if living.iter().any(|it| !['S', 'R'].contains(&it.state)) {
            return Ok(None);
        }
        let (mut sleepers, mut running) = (Vec::new(), Vec::new());
        let mut moved = Moved::default();
        let mut had = Processor::default();
        let mut faults = 0;
        for process in &living {
            let Some(all) = threads(process.pid)? else {
                return Ok(None);
            };
            sleepers.extend(all.asleep);
            running.extend(all.running);
            let used = used(process.pid)?;
            faults += used.faults;
            had.user += used.user;
            had.system += used.system;
            moved.add(&read(format!("/proc/{}/io", process.pid))?);
        }
        if running.is_empty() {
            return Ok(None);
        }
        let at_rest = Stillness::around(&living, sleepers, connection)?;
        Ok(at_rest.map(|at_rest| Busy {
            processes: living.iter().map(|process| process.pid).collect(),
            at_rest,
            running,
            moved,
            faults,
            had,
        }))
    }

    /// The processor time that the program has had since it was looked at before, if meanwhile no
    /// thread has gone to sleep or has woken, and not one byte has moved.
    pub fn since(&self, before: &Busy) -> Option<Processor> {
        let is_same = (&self.at_rest, &self.running, &self.moved)
            == (&before.at_rest, &before.running, &before.moved);
        let touched = self.faults.saturating_sub(before.faults);
        (is_same && touched <= FEW_FAULTS).then(|| self.had.less(before.had))
    }

    /// The processor time that its processes have had since this look, whatever they did with it;
    /// `None` if one of them has gone.
    pub fn had_since(&self) -> Option<Processor> {
        let mut had = Processor::default();
        for &process in &self.processes {
            let used = used(process).ok()?;
            had.user += used.user;
            had.system += used.system;
        }
        Some(had.less(self.had))
    }

    /// How many threads run.
    pub fn running(&self) -> usize {
        self.running.len()
    }

    /// What it has open, and those of its threads that sleep.
    pub fn at_rest(&self) -> &Stillness {
        &self.at_rest
    }
}

impl Moved {
    /// What /proc/PID/io says (`proc(5)`).
    fn add(&mut self, told: &str) {
        let names = ["rchar: ", "wchar: ", "read_bytes: ", "write_bytes: "];
        for (name, sum) in names.iter().zip(&mut self.0) {
            let mut lines = told.lines();
            let count = lines.find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
            *sum += count.unwrap_or(0);
        }
    }
}

/// What a process has used since it began.
struct Used {
    user: Duration,
    system: Duration,
    /// Pages that were not there when they were touched.
    faults: u64,
}

fn used(pid: u32) -> Result<Used, NotSeen> {
    let file = format!("/proc/{pid}/stat");
    let stat = read(&file)?;
    used_by(&stat).ok_or_else(|| NotSeen::silent(file))
}

/// What its line in /proc/PID/stat says.
fn used_by(stat: &str) -> Option<Used> {
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let count = |index: usize| fields.get(index)?.parse::<u64>().ok();
    let ticks = |index: usize| Some(TICK * u32::try_from(count(index)?).ok()?);
    Some(Used {
        user: ticks(11)?,
        system: ticks(12)?,
        faults: count(7)? + count(9)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_both_kinds_of_processor_time_and_the_faults() {
        let stat = "7 (a ) b) R 1 7 7 0 -1 4194560 2993 11 3 5 23 18 0 0 20 0 1 0 4711";
        let used = used_by(stat).expect("it is one");
        assert_eq!(used.faults, 2993 + 3);
        assert_eq!((used.user, used.system), (TICK * 23, TICK * 18));
        assert!(used_by("7 (a").is_none());
    }

    #[test]
    fn what_has_moved_is_a_sum_over_all_processes() {
        let mut moved = Moved::default();
        moved.add("rchar: 10\nwchar: 1\nsyscr: 99\nsyscw: 99\nread_bytes: 5\nwrite_bytes: 0\n");
        moved.add("rchar: 5\nwchar: 0\nread_bytes: 0\nwrite_bytes: 7\n");
        assert_eq!(moved, Moved([15, 1, 5, 7]));
    }
}
