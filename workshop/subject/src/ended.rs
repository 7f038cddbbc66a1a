//! How a child of this process has ended.

use nix::unistd::Pid;
#[cfg(target_os = "linux")]
use rustix::io::Errno;
#[cfg(target_os = "linux")]
use rustix::process::{WaitId, WaitIdOptions, WaitIdStatus, waitid};
use std::io;
#[cfg(target_os = "linux")]
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus};

/// How the leader ended, if it is a child of this process and has ended; it is looked at, and not reaped.
#[cfg(target_os = "linux")]
pub(crate) fn ended_so(_: &mut Child, leader: Pid) -> Option<ExitStatus> {
    look_at(leader, WaitIdOptions::NOHANG).ok().flatten()
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn ended_so(leader: &mut Child, _: Pid) -> Option<ExitStatus> {
    leader.try_wait().unwrap_or_default()
}

/// The same of a child, waited for.
#[cfg(target_os = "linux")]
pub(crate) fn wait_for(_: &mut Child, leader: Pid) -> io::Result<ExitStatus> {
    loop {
        match look_at(leader, WaitIdOptions::empty()) {
            Ok(Some(status)) => return Ok(status),
            Ok(None) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn wait_for(leader: &mut Child, _: Pid) -> io::Result<ExitStatus> {
    leader.wait()
}

#[cfg(target_os = "linux")]
fn look_at(child: Pid, options: WaitIdOptions) -> rustix::io::Result<Option<ExitStatus>> {
    let ended = ask(child, options | WaitIdOptions::NOWAIT)?;
    Ok(ended.map(|ended| ExitStatus::from_raw(raw_status(&ended))))
}

/// Asks the kernel how this child has ended (`waitid(2)`).
#[cfg(target_os = "linux")]
pub(crate) fn ask(child: Pid, options: WaitIdOptions) -> rustix::io::Result<Option<WaitIdStatus>> {
    let child = rustix::process::Pid::from_raw(child.as_raw()).ok_or(Errno::CHILD)?;
    waitid(WaitId::Pid(child), options | WaitIdOptions::EXITED)
}

/// As `wait(2)` has it, of a process that has ended.
#[cfg(target_os = "linux")]
pub(crate) fn raw_status(ended: &WaitIdStatus) -> i32 {
    let exited = ended.exit_status().map(|code| code << 8);
    exited.or(ended.terminating_signal()).unwrap_or_default()
}
