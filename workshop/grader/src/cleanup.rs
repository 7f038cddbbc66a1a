use crate::signals;
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::waitpid;
use nix::unistd::Pid;
use std::collections::BTreeSet;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread;

/// The process groups that have been started and not yet ended.
static GROUPS: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

/// Held by whoever does what an interrupt must not cut in two.
static UNDISTURBED: Mutex<()> = Mutex::new(());

/// A signal has come that ends this process, and its handler's thread is about to do so.
static INTERRUPTED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// A program and its descendants: dropped, all of them are killed.
///
/// It leads a process group of its own, so that its children can be killed with it.
#[derive(Debug)]
pub struct Group(Child);

impl Group {
    /// Starts it, with no signal ignored or blocked.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub fn spawn(command: &mut Command) -> io::Result<Group> {
        signals::put_right();
        signals::start_clean(command);
        adopt_orphans();
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

    /// How the leader ended, if it has. It is looked at, and not reaped: until the group is
    /// dropped, its number belongs to nobody else.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        #[cfg(target_os = "linux")]
        {
            use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
            use std::os::unix::process::ExitStatusExt;
            let look = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
            match waitid(Id::Pid(self.pid()), look) {
                Ok(WaitStatus::Exited(_, code)) => Some(ExitStatus::from_raw(code << 8)),
                Ok(WaitStatus::Signaled(_, signal, _)) => Some(ExitStatus::from_raw(signal as i32)),
                _ => None,
            }
        }
        #[cfg(not(target_os = "linux"))]
        self.0.try_wait().unwrap_or_default()
    }

    /// Ends what is left of it; tells how the leader ended.
    ///
    /// # Errors
    ///
    /// Those of `waitpid(2)`.
    pub fn end(mut self) -> io::Result<ExitStatus> {
        self.kill();
        self.0.wait()
    }

    fn kill(&mut self) {
        // Once: afterwards the number is given back to the system, and may become another's.
        if groups().remove(&self.pid().as_raw()) {
            let _ = killpg(self.pid(), Signal::SIGKILL);
        }
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.0.id() as i32)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
        let _ = self.0.wait();
        reap_orphans(self.pid());
    }
}

/// From now on the orphans of programs that have been killed become this process's children: in a
/// container, the first process may be nobody who would reap them.
fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    {
        static ONCE: std::sync::Once = std::sync::Once::new();
        ONCE.call_once(|| {
            let _ = nix::sys::prctl::set_child_subreaper(true);
        });
    }
}

/// Reaps what was left of the group: all of it has been killed.
fn reap_orphans(group: Pid) {
    while waitpid(Pid::from_raw(-group.as_raw()), None).is_ok() {}
}

/// On Ctrl-C, SIGTERM or SIGHUP, kills every [`Group`] and ends this process. What was ignored when
/// it started (`nohup`) stays ignored.
///
/// The terminal's own Ctrl-C does not reach them: it goes to the group in the foreground. The exit
/// status is the shell's custom for a death by signal, 128 and its number. A handler is needed even
/// where there is nothing to kill: the first process of a container has no default action.
///
/// # Errors
///
/// When the handlers cannot be installed (`sigaction(2)`).
pub fn kill_all_on_interrupt(before_exit: impl Fn() + Send + 'static) -> io::Result<()> {
    let caught: Vec<i32> = signals::that_end().collect();
    for &signal in &caught {
        // Before the thread hears of it: see `become_program`.
        signal_hook::flag::register(signal, Arc::clone(&INTERRUPTED))?;
    }
    let mut signals = signal_hook::iterator::Signals::new(caught)?;
    thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            // The lock is kept: nothing may be started any more.
            let groups = groups();
            for &group in &*groups {
                let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
            }
            before_exit();
            let _undisturbed = undisturbed();
            std::process::exit(128 + signal);
        }
    });
    Ok(())
}

/// While this is held, an interrupt waits.
pub(crate) fn undisturbed() -> MutexGuard<'static, ()> {
    UNDISTURBED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Becomes another program, which finds signals as this one has found them. Returns only the error
/// of `execve(2)`.
pub fn become_program(command: &mut Command) -> io::Error {
    signals::stop_catching();
    // One that came before is on its way to a thread that the other program would not have.
    while INTERRUPTED.load(Ordering::SeqCst) {
        thread::park();
    }
    signals::hand_back();
    command.exec()
}

fn groups() -> MutexGuard<'static, BTreeSet<i32>> {
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner)
}
