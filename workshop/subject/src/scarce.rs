use std::io;

/// Processes that may open no descriptor more than they have, until this is dropped.
#[derive(Debug)]
pub struct Scarce(Vec<Limited>);

/// A process, and its limit before: the soft one and the hard one.
#[derive(Debug)]
struct Limited {
    pid: u32,
    soft: u64,
    hard: u64,
}

impl Scarce {
    /// Lowers the soft limits of running processes (`prlimit(2)`) to the first number that is free. What
    /// is closed meanwhile can be opened again.
    ///
    /// # Errors
    ///
    /// Where that cannot be done: elsewhere than on Linux, or to another user's process.
    pub fn of(pids: &[u32]) -> io::Result<Scarce> {
        let mut scarce = Scarce(Vec::new());
        for &pid in pids {
            let open = crate::processes::open_descriptors(pid).map_err(io::Error::other)?;
            let free = (0..).find(|number| !open.contains(number));
            scarce.limit(pid, free.unwrap_or(u64::MAX))?;
        }
        Ok(scarce)
    }

    /// Lowers them to this many descriptors.
    ///
    /// # Errors
    ///
    /// As those of [`Scarce::of`].
    pub fn at(pids: &[u32], descriptors: u64) -> io::Result<Scarce> {
        let mut scarce = Scarce(Vec::new());
        for &pid in pids {
            scarce.limit(pid, descriptors)?;
        }
        Ok(scarce)
    }

    fn limit(&mut self, pid: u32, descriptors: u64) -> io::Result<()> {
        let (soft, hard) = crate::processes::descriptor_limits(pid).map_err(io::Error::other)?;
        let limited = Limited { pid, soft, hard };
        limited.set(descriptors.min(soft))?;
        self.0.push(limited);
        Ok(())
    }
}

impl Drop for Scarce {
    fn drop(&mut self) {
        for limited in &self.0 {
            let _ = limited.set(limited.soft); // it may have ended
        }
    }
}

impl Limited {
    #[cfg(target_os = "linux")]
    fn set(&self, soft: u64) -> io::Result<()> {
        use rustix::process::{Pid, Resource, Rlimit, prlimit};
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        let pid = pid.ok_or(io::ErrorKind::InvalidInput)?;
        // Nothing stands for "unlimited".
        let number = |limit: u64| (limit != u64::MAX).then_some(limit);
        let limits = Rlimit {
            current: number(soft),
            maximum: number(self.hard),
        };
        prlimit(Some(pid), Resource::Nofile, limits)?;
        Ok(())
    }

    #[cfg(not(target_os = "linux"))]
    fn set(&self, _: u64) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
