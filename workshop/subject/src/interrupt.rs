use crate::group;
use crate::signals;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Held by whoever does what an interrupt must not cut in two.
static UNDISTURBED: Mutex<()> = Mutex::new(());

/// A signal has come that ends this process, and its handler's thread is about to do so.
static INTERRUPTED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// On Ctrl-C, Ctrl-\, SIGTERM or SIGHUP, kills every [`Group`](crate::Group) and ends this process. What was
/// ignored when it started (`nohup`) stays ignored.
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
    thread::Builder::new().spawn(move || {
        if let Some(signal) = signals.forever().next() {
            let _nothing_is_started_any_more = group::kill_all();
            before_exit();
            let _undisturbed = undisturbed();
            std::process::exit(128 + signal);
        }
    })?;
    Ok(())
}

/// Does not return when a signal has come that ends this process: what it has cut short has failed for no
/// other reason (EINTR, `signal(7)`), and its handler's thread is about to exit.
pub fn leave_to_interrupt() {
    while INTERRUPTED.load(Ordering::SeqCst) {
        thread::park();
    }
}

/// While this is held, an interrupt waits.
pub fn undisturbed() -> MutexGuard<'static, ()> {
    UNDISTURBED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Becomes another program, which finds signals as this one has found them. Returns only the error
/// of `execve(2)`.
pub fn become_program(command: &mut Command) -> io::Error {
    signals::stop_catching();
    // One that came before is on its way to a thread that the other program would not have.
    leave_to_interrupt();
    signals::hand_back();
    command.exec()
}
