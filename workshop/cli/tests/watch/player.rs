//! Somebody at a terminal: what they press, and what they see.

use crate::checkout::Checkout;
use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{Termios, tcgetattr};
use nix::unistd::Pid;
use pty_process::Size;
use pty_process::blocking::{Command, Pty, open};
use std::ffi::OsStr;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::process::{Child, ExitStatus};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// For what has to come, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often one looks.
const LOOK: Duration = Duration::from_millis(10);

/// A program in a terminal.
pub(crate) struct Player {
    pty: Arc<Pty>,
    screen: Arc<Mutex<vt100::Parser>>,
    program: Child,
    /// The terminal's settings before the program began.
    settings: Termios,
}

impl Checkout {
    /// The tool in a terminal of this size.
    pub(crate) fn player(&self, arguments: &[&str], size: (u16, u16)) -> Player {
        let environment = [("CARGO_TARGET_DIR", self.target().as_os_str())];
        let tool = env!("CARGO_BIN_EXE_workshop");
        Player::start(tool, arguments, &self.path(""), &environment, size)
    }
}

/// A terminal of the size of old: rows and columns.
pub(crate) const SIZE: (u16, u16) = (24, 80);

impl Player {
    pub(crate) fn start(
        program: &str,
        arguments: &[&str],
        folder: &Path,
        environment: &[(&str, &OsStr)],
        (rows, columns): (u16, u16),
    ) -> Player {
        let (pty, pts) = open().expect("a terminal");
        pty.resize(Size::new(rows, columns)).expect("its size");
        let settings = tcgetattr(&pty).expect("its settings");
        let mut command = Command::new(program)
            .args(arguments)
            .current_dir(folder)
            .env("TERM", "xterm-256color")
            .env("LC_ALL", "C.UTF-8")
            .env_remove("NO_COLOR");
        for (name, value) in environment {
            command = command.env(name, value);
        }
        let program = command.spawn(pts).expect("it starts");
        let pty = Arc::new(pty);
        let screen = Arc::new(Mutex::new(vt100::Parser::new(some(rows), some(columns), 0)));
        let (shown, drawn) = (Arc::clone(&pty), Arc::clone(&screen));
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            // An error is how Linux says that nobody has the terminal any more.
            while let Ok(length @ 1..) = (&*shown).read(&mut bytes) {
                let mut screen = drawn.lock().unwrap_or_else(PoisonError::into_inner);
                screen.process(&bytes[..length]);
            }
        });
        Player {
            pty,
            screen,
            program,
            settings,
        }
    }

    /// What stands on the screen.
    pub(crate) fn screen(&self) -> String {
        let screen = self.screen.lock().unwrap_or_else(PoisonError::into_inner);
        screen.screen().contents()
    }

    /// The same line by line, with colours as a terminal is told them (SGR, ECMA-48); no empty ones at
    /// its end.
    pub(crate) fn coloured(&self) -> Vec<String> {
        let screen = self.screen.lock().unwrap_or_else(PoisonError::into_inner);
        let (rows, columns) = screen.screen().size();
        let lines = (0..rows.get()).map(|row| {
            let cells = (0..columns.get()).filter_map(|column| screen.screen().cell(row, column));
            let (mut line, mut before) = (String::new(), String::new());
            for cell in cells.filter(|cell| !cell.is_wide_continuation()) {
                let mut style = String::from("0");
                if cell.bold() {
                    style += ";1";
                }
                if cell.dim() {
                    style += ";2";
                }
                if let vt100::Color::Idx(colour) = cell.fgcolor() {
                    style += &format!(";3{colour}");
                }
                if style != before {
                    line += &format!("\x1b[{style}m");
                    before = style;
                }
                line += if cell.has_contents() {
                    cell.contents()
                } else {
                    " "
                };
            }
            line.trim_end().to_owned()
        });
        let mut lines: Vec<String> = lines.collect();
        while lines.last().is_some_and(|line| is_empty(line)) {
            lines.pop();
        }
        lines
    }

    /// Waits until all of this stands on the screen at once.
    pub(crate) fn sees(&self, all: &[&str]) -> String {
        self.looks(&format!("{all:?}"), |screen| {
            all.iter().all(|text| screen.contains(text))
        })
    }

    /// Waits until the screen is as it must be.
    pub(crate) fn looks(&self, what: &str, is_so: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let screen = self.screen();
            if is_so(&screen) {
                return screen;
            }
            assert!(Instant::now() < deadline, "not seen: {what}, but\n{screen}");
            thread::sleep(LOOK);
        }
    }

    pub(crate) fn press(&self, keys: &str) {
        (&*self.pty)
            .write_all(keys.as_bytes())
            .expect("it is pressed");
    }

    pub(crate) fn resize(&self, rows: u16, columns: u16) {
        let mut screen = self.screen.lock().unwrap_or_else(PoisonError::into_inner);
        screen.screen_mut().set_size(some(rows), some(columns));
        self.pty.resize(Size::new(rows, columns)).expect("its size");
    }

    pub(crate) fn pid(&self) -> u32 {
        self.program.id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.pid() as i32), signal).expect("it is there");
    }

    /// Are the terminal's settings as they were before?
    pub(crate) fn is_given_back(&self) -> bool {
        let now = tcgetattr(&*self.pty).expect("its settings");
        now.local_flags == self.settings.local_flags
    }

    /// Waits for its end.
    pub(crate) fn ends(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.program.try_wait().expect("it is ours") {
                return status;
            }
            assert!(
                Instant::now() < deadline,
                "it does not end:\n{}",
                self.screen()
            );
            thread::sleep(LOOK);
        }
    }
}

/// Is nothing to be seen in it?
fn is_empty(line: &str) -> bool {
    console::strip_ansi_codes(line).trim().is_empty()
}

fn some(size: u16) -> NonZeroU16 {
    NonZeroU16::new(size).expect("a terminal has a size")
}

impl Drop for Player {
    fn drop(&mut self) {
        // It has ended, or the test has failed.
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}
