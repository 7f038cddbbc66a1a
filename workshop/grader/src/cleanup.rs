use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::collections::BTreeSet;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::sync::Mutex;
use std::thread;

/// The process groups that have been started and not yet ended.
static GROUPS: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

/// A program and its descendants: dropped, all of them are killed.
///
/// It leads a process group of its own, so that its children can be killed with it.
#[derive(Debug)]
pub struct Group(Child);

impl Group {
    /// Starts it.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub fn spawn(command: &mut Command) -> io::Result<Group> {
        // Locked across both: an interrupt between them would forget this one.
        let mut groups = groups();
        let child = command.process_group(0).spawn()?;
        groups.insert(child.id() as i32);
        Ok(Group(child))
    }

    /// The program that leads it.
    pub fn leader(&mut self) -> &mut Child {
        &mut self.0
    }

    /// The leader's number, which is the group's, too.
    pub fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let group = self.0.id() as i32;
        let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
        // Forgotten only now, and before the number is given back to the system.
        groups().remove(&group);
        let _ = self.0.wait();
    }
}

/// On Ctrl-C, SIGTERM or SIGHUP, kills every [`Group`] and ends this process.
///
/// The terminal's own Ctrl-C does not reach them: it goes to the group in the foreground. The exit
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
