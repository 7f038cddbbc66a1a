//! Keys one by one, from a terminal that is given back as it was, whatever happens.

use nix::errno::Errno;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, raise};
use nix::sys::termios::{
    LocalFlags, SetArg, SpecialCharacterIndices, Termios, tcgetattr, tcsetattr,
};
use nix::unistd::{self, getpgrp, pipe, tcgetpgrp};
use signal_hook::iterator::{Handle, Signals};
use std::io::{self, IsTerminal};
use std::os::fd::{AsFd, OwnedFd};
use std::panic;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread;
use subject::signals::is_ignored;

/// What somebody does at the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pressed {
    /// A letter, in lower case.
    Key(char),
    /// The terminal has another size, or was somebody else's meanwhile: all is to be drawn again.
    Redraw,
}

/// While it is there, keys are heard as they are pressed, and not shown. Ctrl-C, Ctrl-Z and Ctrl-\
/// send their signals as ever (`termios(3)`, ISIG).
#[derive(Debug)]
pub struct Keys {
    signals: Handle,
    /// Closed, it ends the thread that reads: what is typed then is for others.
    _reading: OwnedFd,
}

/// The terminal's settings as they were found; `None` while they are as they were.
static FOUND: Mutex<Option<Termios>> = Mutex::new(None);

impl Keys {
    /// Tells `heard` of each key; nothing where standard input is no terminal.
    ///
    /// # Errors
    ///
    /// When the terminal's settings or a handler cannot be set.
    pub fn listen(heard: impl Fn(Pressed) + Clone + Send + 'static) -> io::Result<Option<Keys>> {
        if !io::stdin().is_terminal() {
            return Ok(None);
        }
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            let before = panic::take_hook();
            panic::set_hook(Box::new(move |panic| {
                give_terminal_back();
                before(panic);
            }));
        });
        take_terminal()?;
        let mut signals = vec![libc::SIGCONT, libc::SIGWINCH];
        signals.extend([libc::SIGTSTP].into_iter().filter(|&it| !is_ignored(it)));
        let signals = Signals::new(signals)?;
        let (stopped, reading) = pipe()?;
        let keys = Keys {
            signals: signals.handle(),
            _reading: reading,
        };
        let hear_signal = heard.clone();
        thread::spawn(move || follow_signals(signals, &hear_signal));
        thread::spawn(move || read(&stopped, &heard));
        Ok(Some(keys))
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        self.signals.close();
        give_terminal_back();
    }
}

/// Gives the terminal back as it was found, if it was taken: for whoever ends the process without
/// unwinding.
pub fn give_terminal_back() {
    let mut found = found();
    if is_ours()
        && let Some(settings) = found.take()
    {
        let _ = tcsetattr(io::stdin(), SetArg::TCSADRAIN, &settings);
    }
}

fn take_terminal() -> io::Result<()> {
    let mut found = found();
    if found.is_some() || !is_ours() {
        return Ok(());
    }
    let settings = tcgetattr(io::stdin())?;
    let mut one_by_one = settings.clone();
    let no_lines = LocalFlags::ICANON | LocalFlags::ECHO;
    one_by_one.local_flags.remove(no_lines);
    one_by_one.control_chars[SpecialCharacterIndices::VMIN as usize] = 1;
    one_by_one.control_chars[SpecialCharacterIndices::VTIME as usize] = 0;
    tcsetattr(io::stdin(), SetArg::TCSADRAIN, &one_by_one)?;
    *found = Some(settings);
    Ok(())
}

/// Who is in the background and sets something is stopped (SIGTTOU, `termios(3)`).
fn is_ours() -> bool {
    tcgetpgrp(io::stdin()) == Ok(getpgrp())
}

fn found() -> MutexGuard<'static, Option<Termios>> {
    FOUND.lock().unwrap_or_else(PoisonError::into_inner)
}

fn follow_signals(mut signals: Signals, heard: &impl Fn(Pressed)) {
    for signal in signals.forever() {
        if signal == libc::SIGTSTP {
            // The shell's own settings, while it is the shell's.
            give_terminal_back();
            // Sent to this thread: it goes no further before all are stopped.
            let _ = raise(Signal::SIGSTOP);
        }
        let _ = take_terminal(); // it may be gone
        heard(Pressed::Redraw);
    }
}

fn read(stopped: &OwnedFd, heard: &impl Fn(Pressed)) {
    while let Some(byte) = next(stopped) {
        match byte {
            // An arrow, or another key that sends several (ECMA-48): none of them is a letter.
            ESCAPE => skip_sequence(stopped),
            _ => heard(Pressed::Key(char::from(byte).to_ascii_lowercase())),
        }
    }
}

fn skip_sequence(stopped: &OwnedFd) {
    match next(stopped) {
        Some(b'[') => while next(stopped).is_some_and(|byte| !(0x40..=0x7e).contains(&byte)) {},
        Some(b'O') => drop(next(stopped)),
        _ => {}
    }
}

/// The next byte, of which no more is taken; none when the terminal is gone, or nobody wants to hear.
fn next(stopped: &OwnedFd) -> Option<u8> {
    let stdin = io::stdin();
    loop {
        let mut both = [
            PollFd::new(stdin.as_fd(), PollFlags::POLLIN),
            PollFd::new(stopped.as_fd(), PollFlags::POLLIN),
        ];
        match poll(&mut both, PollTimeout::NONE) {
            Err(Errno::EINTR) => continue,
            Err(_) => return None,
            Ok(_) if both[1].any() == Some(true) => return None,
            Ok(_) => {}
        }
        let mut byte = [0];
        return match unistd::read(&stdin, &mut byte) {
            Err(Errno::EINTR) => continue,
            Ok(1) => Some(byte[0]),
            _ => None,
        };
    }
}

const ESCAPE: u8 = 0x1b;
