//! How many processes and threads there is room for.

use crate::processes;
use nix::sys::resource::RLIM_INFINITY;
use nix::unistd::{geteuid, getuid};
use std::fs;
use std::path::{Path, PathBuf};

/// How many processes and threads more this process and its children may start: as many as its user's
/// limit leaves (RLIMIT_NPROC, `getrlimit(2)`), which root has not, and those of the groups that it is in
/// (`pids.max`, a cgroup of Linux). `None` where no limit is known. Others may take some of it meanwhile.
pub fn room_for_processes() -> Option<u64> {
    let of_groups = groups().into_iter().filter_map(|group| left_in(&group));
    of_groups.chain(left_to_user()).min()
}

#[cfg(target_os = "linux")]
fn left_to_user() -> Option<u64> {
    use nix::sys::resource::{Resource, getrlimit};
    let (limit, _) = getrlimit(Resource::RLIMIT_NPROC).ok()?;
    if geteuid().is_root() || limit == RLIM_INFINITY {
        return None;
    }
    Some(limit.saturating_sub(processes::tasks_of(getuid().as_raw())))
}

#[cfg(not(target_os = "linux"))]
fn left_to_user() -> Option<u64> {
    None
}

/// What is left in a group; `None` where it has no limit.
fn left_in(group: &Path) -> Option<u64> {
    let number = |file: &str| -> Option<u64> {
        let text = fs::read_to_string(group.join(file)).ok()?;
        text.trim().parse().ok() // or "max"
    };
    Some(number("pids.max")?.saturating_sub(number("pids.current")?))
}

/// The folders of the groups that limit this process's number of processes, and of those that they are in.
fn groups() -> Vec<PathBuf> {
    let told = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let mut groups = Vec::new();
    for line in told.lines() {
        // NUMBER:CONTROLLERS:PATH; version 2 has one line, with no controllers (`cgroups(7)`).
        let mut fields = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (fields.next(), fields.next()) else {
            continue;
        };
        let root = match controllers {
            "" => Path::new("/sys/fs/cgroup"),
            _ if controllers.split(',').any(|it| it == "pids") => Path::new("/sys/fs/cgroup/pids"),
            _ => continue,
        };
        // In a container, the path may be that of the system outside, and its root is what there is.
        let inside = root.join(path.trim_start_matches('/'));
        let up = inside.ancestors().take_while(|it| it.starts_with(root));
        groups.extend(up.map(Path::to_path_buf));
    }
    groups
}
