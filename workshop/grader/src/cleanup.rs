use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::collections::BTreeSet;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::sync::Mutex;
use std::thread;

/// The process groups that the judge has started and not yet ended.
static GROUPS: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

/// Starts a program as the leader of a process group of its own, so that its children can be
/// killed with it.
pub(crate) fn spawn(command: &mut Command) -> io::Result<Child> {
    // Locked across both: an interrupt between them would forget this one.
    let mut groups = groups();
    let child = command.process_group(0).spawn()?;
    groups.insert(child.id() as i32);
    Ok(child)
}

/// Kills every process of the group.
pub(crate) fn kill(group: u32) {
    let group = group as i32;
    // The number is given back to the system soon after: from then on it must not be killed again.
    if groups().remove(&group) {
        let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
    }
}

/// On Ctrl-C, SIGTERM or SIGHUP, kills every program under test and ends this process.
///
/// They lead groups of their own, so that the terminal's Ctrl-C does not reach them. The exit
/// status is the shell's custom for a death by signal, 128 and its number.
///
/// # Errors
///
/// When the handlers cannot be installed (`sigaction(2)`).
pub fn kill_all_on_interrupt(before_exit: impl Fn() + Send + 'static) -> io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            // The lock is kept: nothing may be started any more.
            let groups = groups();
            for &group in &*groups {
                let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
            }
            before_exit();
            std::process::exit(128 + signal);
        }
    });
    Ok(())
}

fn groups() -> std::sync::MutexGuard<'static, BTreeSet<i32>> {
    GROUPS
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
