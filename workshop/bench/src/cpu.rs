//! Processor time of a server, to the nanosecond.
//!
//! It is each process's own clock (`clock_getcpuclockid(3)`), which counts all threads, in user
//! mode and in the kernel. On loopback, what the kernel does to deliver an answer counts for
//! whoever sends it.

use std::time::Duration;

/// The clocks of a server's processes, as many as there are when they are asked for.
pub(crate) struct Clocks {
    #[cfg(target_os = "linux")]
    clocks: Vec<nix::time::ClockId>,
}

#[cfg(target_os = "linux")]
impl Clocks {
    /// Of `pid` and its descendants; `None` where they cannot be read.
    pub(crate) fn of(pid: u32) -> Option<Clocks> {
        use nix::time::ClockId;
        use nix::unistd::Pid;
        let tree = subject::processes::tree(pid).ok()?;
        let clocks = tree
            .iter()
            .filter(|process| process.state != 'Z')
            .map(|process| ClockId::pid_cpu_clock_id(Pid::from_raw(process.pid as i32)).ok());
        let clocks = clocks.collect::<Option<_>>()?;
        Some(Clocks { clocks })
    }

    /// What they show together; `None` when one of the processes has gone.
    pub(crate) fn read(&self) -> Option<Duration> {
        let times = self.clocks.iter().map(|clock| clock.now().ok());
        times.map(|time| time.map(Duration::from)).sum()
    }
}

/// How long this thread has been ready to run while something else ran on its core: the second
/// number of its `schedstat` (`proc(5)`).
pub(crate) fn waited() -> Option<Duration> {
    let numbers = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let waited = numbers.split_whitespace().nth(1)?.parse().ok()?;
    Some(Duration::from_nanos(waited))
}

#[cfg(not(target_os = "linux"))]
impl Clocks {
    /// They cannot be read here.
    pub(crate) fn of(_pid: u32) -> Option<Clocks> {
        None
    }

    pub(crate) fn read(&self) -> Option<Duration> {
        None
    }
}
