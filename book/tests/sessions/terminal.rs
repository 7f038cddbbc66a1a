//! A terminal with a shell in it, as a reader has one, except that nothing typed is shown back.

use std::fs;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

use book::edition::Edition;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{LocalFlags, SetArg, tcgetattr, tcsetattr};
use nix::unistd::{Pid, tcgetpgrp};
use pty_process::blocking::{Command, Pty, open};

/// How wide and how high it is, in characters.
const SIZE: (u16, u16) = (100, 40);

/// Stands on both sides of the last command's exit status, and in no output.
const MARK: char = '\u{1e}';

/// How often something is asked that cannot be waited for.
const POLL: Duration = Duration::from_millis(10);

/// How long everybody may take to leave when the terminal is closed.
const PATIENCE: Duration = Duration::from_secs(5);

/// What has come since it was last taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    /// The text before the prompt, or all of it while there is none.
    pub(crate) text: String,
    /// The exit status that the prompt tells; `None` while there is no prompt.
    pub(crate) status: Option<i32>,
}

pub(crate) struct Terminal {
    /// `None` only while it is being closed.
    pty: Option<Pty>,
    shell: Child,
    received: Vec<u8>,
}

impl Terminal {
    /// Opens a terminal in a folder, in an edition's language, and waits for the shell's first prompt.
    pub(crate) fn open(folder: &Path, edition: Edition, deadline: Instant) -> io::Result<Terminal> {
        let (pty, pts) = open().map_err(io::Error::other)?;
        let (columns, rows) = SIZE;
        pty.resize(pty_process::Size::new(rows, columns))
            .map_err(io::Error::other)?;
        let mut modes = tcgetattr(&pts)?;
        modes.local_flags.remove(LocalFlags::ECHO);
        // Ctrl-C would throw away what is on its way: a quick shell's next prompt may be among it.
        modes.local_flags.insert(LocalFlags::NOFLSH);
        tcsetattr(&pts, SetArg::TCSANOW, &modes)?;
        let shell = Command::from(crate::environment::command("bash", edition))
            .args(["--noprofile", "--norc", "--noediting", "-i"])
            .current_dir(folder)
            .env("PS1", format!("{MARK}$?{MARK}"))
            .env("PS2", "")
            .env("TERM", "dumb")
            .env("NO_COLOR", "1")
            .env("JUST_COLOR", "never")
            // None is kept or read: a learner of this checkout may have chosen a language.
            .env("WORKSHOP_PROGRESS", "")
            .spawn(pts)
            .map_err(|error| io::Error::other(format!("cannot start bash: {error}")))?;
        let mut terminal = Terminal {
            pty: Some(pty),
            shell,
            received: Vec::new(),
        };
        while terminal.shown().status.is_none() {
            if !terminal.wait(deadline)? {
                return Err(io::Error::other("the shell shows no prompt"));
            }
        }
        terminal.take();
        Ok(terminal)
    }

    /// Types a line.
    pub(crate) fn type_line(&mut self, line: &str) -> io::Result<()> {
        self.write(format!("{line}\n").as_bytes())
    }

    /// Presses Ctrl and a key. A signal is for the program that runs, so its turn is awaited: right
    /// after the command was typed the shell may still hold the terminal.
    pub(crate) fn press(&mut self, key: char, deadline: Instant) -> io::Result<()> {
        if matches!(key, 'C' | 'Z' | '\\') {
            let shell = i32::try_from(self.shell.id()).map_err(io::Error::other)?;
            while tcgetpgrp(self.pty()?)? == Pid::from_raw(shell) {
                if Instant::now() > deadline {
                    let what = format!("nothing runs here that Ctrl-{key} could reach");
                    return Err(io::Error::other(what));
                }
                std::thread::sleep(POLL);
            }
        }
        self.write(&[key as u8 & 0x1f])
    }

    /// What has come by now.
    pub(crate) fn shown(&self) -> Shown {
        let text = String::from_utf8_lossy(&self.received);
        // What a program in the background says may come after the prompt.
        let parts: Vec<&str> = text.splitn(3, MARK).collect();
        match parts[..] {
            [before, status, after] => Shown {
                text: format!("{before}{after}"),
                status: status.parse().ok(),
            },
            _ => Shown {
                text: text.into_owned(),
                status: None,
            },
        }
    }

    /// The same, and forgets it.
    pub(crate) fn take(&mut self) -> Shown {
        let shown = self.shown();
        self.received.clear();
        shown
    }

    /// Waits until more comes; `false` when the deadline passes.
    pub(crate) fn wait(&mut self, deadline: Instant) -> io::Result<bool> {
        let pty = self.pty.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        let left = deadline.saturating_duration_since(Instant::now());
        // Rounded up, or the last millisecond would be spent asking again and again.
        let left = left + Duration::from_millis(1);
        let timeout = PollTimeout::try_from(left).map_err(io::Error::other)?;
        let mut fds = [PollFd::new(pty.as_fd(), PollFlags::POLLIN)];
        match poll(&mut fds, timeout) {
            Ok(0) | Err(Errno::EINTR) => return Ok(Instant::now() < deadline),
            result => result?,
        };
        let mut buffer = [0; 4096];
        let length = match pty.read(&mut buffer) {
            Ok(length) => length,
            // The shell has gone, and with it all who had the terminal.
            Err(error) if error.raw_os_error() == Some(Errno::EIO as i32) => 0,
            Err(error) => return Err(error),
        };
        if length == 0 {
            return Err(io::Error::other("the shell has ended"));
        }
        self.received.extend_from_slice(&buffer[..length]);
        Ok(true)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.pty()?.write_all(bytes)
    }

    fn pty(&self) -> io::Result<&Pty> {
        Ok(self.pty.as_ref().ok_or(io::ErrorKind::NotConnected)?)
    }
}

/// Closing the window ends what runs in it; whoever does not listen to that is killed.
impl Drop for Terminal {
    fn drop(&mut self) {
        drop(self.pty.take());
        let session = self.shell.id();
        let deadline = Instant::now() + PATIENCE;
        let mut patient = Instant::now() + PATIENCE / 5;
        loop {
            let gone = !matches!(self.shell.try_wait(), Ok(None));
            let left = members(session);
            if (gone && left.is_empty()) || Instant::now() > deadline {
                return;
            }
            if Instant::now() > patient {
                patient = deadline;
                for pid in left {
                    // It may have gone by itself meanwhile.
                    let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
                }
            }
            std::thread::sleep(POLL);
        }
    }
}

/// The living processes of a session, as Linux tells them; elsewhere the hang-up has to do.
fn members(session: u32) -> Vec<i32> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let names = entries.flatten().map(|entry| entry.file_name());
    let pids = names.filter_map(|name| name.to_str()?.parse().ok());
    pids.filter(|pid: &i32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // After the name, which may hold anything: state, parent, group, session.
        let (_, rest) = stat.rsplit_once(')').unwrap_or_default();
        let mut fields = rest.split_whitespace();
        let state = fields.next();
        state.is_some_and(|state| state != "Z") && fields.nth(2) == Some(&session.to_string())
    })
    .collect()
}
