//! Where things run: the server on one core, the load on another (`sched_setaffinity(2)`).

/// The two cores of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cores {
    pub(crate) server: usize,
    pub(crate) load: usize,
    /// They are two threads of one core, and slow each other down: there is no other one.
    pub(crate) siblings: bool,
}

#[cfg(target_os = "linux")]
mod linux {
    use super::Cores;
    use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
    use nix::unistd::Pid;
    use std::fs;

    impl Cores {
        /// Two of the cores that this process may use, if there are two; apart, if that can be had.
        pub(crate) fn choose() -> Option<Cores> {
            let allowed = sched_getaffinity(Pid::from_raw(0)).ok()?;
            let mut allowed = (0..CpuSet::count()).filter(|&core| allowed.is_set(core) == Ok(true));
            let server = allowed.next()?;
            let others: Vec<usize> = allowed.collect();
            let siblings = siblings(server);
            let apart = others.iter().find(|other| !siblings.contains(other));
            Some(Cores {
                server,
                load: *apart.or(others.first())?,
                siblings: apart.is_none(),
            })
        }

        /// From now on this thread, and what it starts, runs on `core` only.
        pub(crate) fn move_to(core: usize) -> nix::Result<()> {
            let mut only = CpuSet::new();
            only.set(core)?;
            sched_setaffinity(Pid::from_raw(0), &only)
        }
    }

    /// The other threads of the same core, itself included: `0-1` or `0,4`.
    fn siblings(core: usize) -> Vec<usize> {
        let file = format!("/sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list");
        list(&fs::read_to_string(file).unwrap_or_default())
    }

    fn list(text: &str) -> Vec<usize> {
        let ranges = text.trim().split(',').filter_map(|range| {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            Some(first.parse().ok()?..=last.parse().ok()?)
        });
        ranges.flatten().collect()
    }

    #[cfg(test)]
    mod tests {
        use super::list;

        #[test]
        fn lists_of_cores_are_read_as_the_kernel_writes_them() {
            assert_eq!(list("0\n"), [0]);
            assert_eq!(list("0,4\n"), [0, 4]);
            assert_eq!(list("0-1,8-9\n"), [0, 1, 8, 9]);
            assert!(list("").is_empty());
        }
    }
}

#[cfg(not(target_os = "linux"))]
impl Cores {
    /// Nothing can be pinned here.
    pub(crate) fn choose() -> Option<Cores> {
        None
    }

    pub(crate) fn move_to(_core: usize) -> nix::Result<()> {
        Err(nix::Error::ENOTSUP)
    }
}
