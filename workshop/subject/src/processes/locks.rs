use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// A process that has something that others want.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its number.
    pub pid: u32,
    /// How it was started.
    pub command: String,
}

/// Who holds a lock on this file (`flock(2)`, `proc_locks(5)`), if somebody does, and it is told.
pub fn holder_of_lock(file: &Path) -> Option<Holder> {
    let inode = fs::metadata(file).ok()?.ino();
    let locks = fs::read_to_string("/proc/locks").ok()?;
    let pid = locks.lines().find_map(|line| {
        // `1: FLOCK  ADVISORY  WRITE 708 fe:00:4711 0 EOF`; of one who waits, `->` stands before its kind.
        let words: Vec<&str> = line.split_whitespace().collect();
        let [_, kind, _, _, pid, place, ..] = words[..] else {
            return None;
        };
        let is_this = place.rsplit(':').next()?.parse() == Ok(inode);
        (kind != "->" && is_this).then(|| pid.parse::<u32>().ok())?
    })?;
    Some(Holder {
        pid,
        command: command(pid)?,
    })
}

/// How a process was started.
pub(super) fn command(pid: u32) -> Option<String> {
    let command = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let command = String::from_utf8_lossy(&command).replace('\0', " ");
    Some(command.trim_end().to_owned())
}
