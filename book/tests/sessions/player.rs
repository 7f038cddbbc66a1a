//! Types a session into terminals, mark by mark.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use book::edition::Edition;
use book::session::{Action, Mark, Note, PORT, Session};

use crate::compare::{cleaned, same};
use crate::terminal::{Shown, Terminal};
use crate::verdict::{difference, judge};

/// How long an expected output may take. Many times what is needed: the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(20);

/// The same for a command whose output is too long to be shown.
const LONG_PATIENCE: Duration = Duration::from_secs(120);

/// How soon a command is typed again.
const AGAIN: Duration = Duration::from_millis(100);

/// While recording: what stays silent for so long has shown all.
const QUIET: Duration = Duration::from_millis(1500);

/// Where the terminals stand that need no name.
const ANY: u8 = 0;

/// What a server is told, so that it takes a free port.
const LISTEN: &str = " --listen 127.0.0.1:0";

/// A mark that did not go as it should have.
#[derive(Debug)]
pub(crate) struct Failure {
    /// Its line in the file.
    pub(crate) line: usize,
    pub(crate) what: String,
}

pub(crate) struct Player<'a> {
    folder: &'a Path,
    /// Whose language the programs speak, and whose outputs are expected.
    edition: Edition,
    recording: bool,
    terminals: BTreeMap<u8, Window>,
    /// The port of the server that was started last.
    port: Option<u16>,
    /// What was typed instead of what the file says: as typed, and as the file has it.
    typed: Vec<(String, String)>,
}

struct Window {
    terminal: Terminal,
    at_prompt: bool,
}

impl<'a> Player<'a> {
    /// A player whose shells start in `folder`.
    pub(crate) fn new(folder: &'a Path, edition: Edition, recording: bool) -> Player<'a> {
        Player {
            folder,
            edition,
            recording,
            terminals: BTreeMap::new(),
            port: None,
            typed: Vec::new(),
        }
    }

    /// Plays all of it and returns what each mark showed, in the words of the file.
    pub(crate) fn play(&mut self, session: &Session) -> Result<Vec<Vec<String>>, Failure> {
        let marks = &session.marks;
        let shown = self.play_to(marks.len(), marks)?;
        for (&number, window) in &mut self.terminals {
            let line = marks
                .iter()
                .rfind(|it| it.terminal.unwrap_or(ANY) == number);
            let line = line.map_or(1, |it| it.line);
            must_be_silent(&mut window.terminal).map_err(|what| Failure { line, what })?;
        }
        Ok(shown)
    }

    /// Plays as much of it as shows something of its own in Chinese: what comes after that is the same in
    /// English.
    pub(crate) fn play_what_differs(&mut self, session: &Session) -> Result<(), Failure> {
        let marks = &session.marks;
        let last = marks.iter().rposition(|mark| mark.chinese.is_some());
        let end = last.map_or(0, |last| last + 1);
        self.play_to(end, marks).map(drop)
    }

    fn play_to(&mut self, end: usize, marks: &[Mark]) -> Result<Vec<Vec<String>>, Failure> {
        let mut shown = Vec::new();
        for (at, mark) in marks.iter().enumerate().take(end) {
            if mark.has(Note::NotRun) {
                shown.push(Vec::new());
                continue;
            }
            let later = marks[at + 1..].iter().filter(|it| !it.has(Note::NotRun));
            let next = later.into_iter().find(|it| it.terminal == mark.terminal);
            let ends = next.is_none_or(|it| matches!(it.action, Action::Command(_)));
            let played = self.perform(mark, ends);
            shown.push(played.map_err(|what| Failure {
                line: mark.line,
                what,
            })?);
        }
        Ok(shown)
    }

    /// Does what a mark says and waits for what it shows; if it `ends`, also for the prompt.
    fn perform(&mut self, mark: &Mark, ends: bool) -> Result<Vec<String>, String> {
        let patience = match mark.has(Note::OutputNotShown) {
            true => LONG_PATIENCE,
            false => PATIENCE,
        };
        let deadline = Instant::now() + patience;
        let failed = |error: io::Error| format!("cannot use the terminal: {error}");
        let expected = mark.shown(self.edition);
        let mut last: Option<Vec<String>> = None;
        loop {
            // A command that was typed just before the deadline may still end in peace.
            let patience = deadline.max(Instant::now() + PATIENCE / 4);
            let expects_prompt = self.act(mark, ends, patience)?;
            let (shown, received) = self
                .settled(mark, expects_prompt, patience)
                .map_err(failed)?;
            let verdict = judge(mark, expected, expects_prompt, &shown, &received);
            if verdict.is_ok() && same(expected, &received, mark) {
                return Ok(expected.to_vec());
            }
            if mark.has(Note::OutputNotShown) {
                return verdict.map(|()| Vec::new());
            }
            let stable =
                !mark.has(Note::Again) || last.is_some_and(|last| same(&last, &received, mark));
            if self.recording && stable {
                return verdict.map(|()| received);
            }
            if !mark.has(Note::Again) || Instant::now() > deadline {
                return Err(verdict
                    .err()
                    .unwrap_or_else(|| difference(expected, &received)));
            }
            // Looking again, not waiting to be on the safe side: nobody tells when it has changed.
            std::thread::sleep(if self.recording { QUIET } else { AGAIN });
            last = Some(received);
        }
    }

    /// Types or presses what the mark says; returns whether a prompt will follow.
    fn act(&mut self, mark: &Mark, ends: bool, deadline: Instant) -> Result<bool, String> {
        let number = mark.terminal.unwrap_or(ANY);
        let line = match &mark.action {
            Action::Command(command) => self.real(command, mark)?,
            Action::Input(line) => self.real(line, mark)?,
            Action::Control(_) | Action::More => String::new(),
        };
        let window = self.window(number, deadline)?;
        let (terminal, was) = (&mut window.terminal, window.at_prompt);
        let done = match mark.action {
            Action::Command(_) if !was => {
                return Err(format!("terminal {number} is not at its prompt"));
            }
            Action::Input(_) if was => return Err(format!("nothing runs in terminal {number}")),
            Action::Command(_) | Action::Input(_) => terminal.type_line(&line),
            Action::Control(key) => terminal.press(key, deadline),
            Action::More => Ok(()),
        };
        done.map_err(|error| format!("cannot type into terminal {number}: {error}"))?;
        let is_back = was && mark.action == Action::More;
        window.at_prompt = ends || is_back;
        Ok(ends && !is_back)
    }

    /// Waits until what is expected has come, or nothing more can come; returns it as it came and
    /// in the words of the file, and forgets it.
    fn settled(
        &mut self,
        mark: &Mark,
        expects_prompt: bool,
        deadline: Instant,
    ) -> io::Result<(Shown, Vec<String>)> {
        let number = mark.terminal.unwrap_or(ANY);
        loop {
            let window = self.terminals.get(&number).ok_or(io::ErrorKind::NotFound)?;
            let shown = window.terminal.shown();
            if mark.has(Note::Server) {
                self.port = listening(&shown.text).or(self.port);
            }
            let received = cleaned(&shown.text, self.port, &self.typed);
            let is_all = match (expects_prompt, self.recording) {
                _ if shown.status.is_some() => true,
                (true, _) | (false, true) => false,
                (false, false) => same(mark.shown(self.edition), &received, mark),
            };
            let starts = mark.has(Note::Server) && self.port.is_none();
            let until = match self.recording && !expects_prompt && !starts {
                true => deadline.min(Instant::now() + QUIET),
                false => deadline,
            };
            let window = self
                .terminals
                .get_mut(&number)
                .ok_or(io::ErrorKind::NotFound)?;
            if is_all || !window.terminal.wait(until)? {
                window.terminal.take();
                return Ok((shown, received));
            }
        }
    }

    /// A line as it is typed: with what the notes add, and with the server's real port.
    fn real(&mut self, line: &str, mark: &Mark) -> Result<String, String> {
        let mut real = line.to_owned();
        if real.contains(PORT) || mark.has(Note::Client) {
            let port = self.port.ok_or_else(|| {
                format!("{PORT} is a server's port, and no server was started (`# server` before its command)")
            })?;
            real = real.replace(PORT, &port.to_string());
            if mark.has(Note::Client) {
                let address = format!(" 127.0.0.1:{port}");
                // `just` tells which command it runs; without an address it would end in `--`.
                self.typed.push((format!(" --{address}"), " --".to_owned()));
                real.push_str(&address);
            }
        }
        if mark.has(Note::Server) {
            self.port = None;
            real.push_str(LISTEN);
            // The tool says this only to those who give an address.
            self.typed.push((" -- HOST:PORT".to_owned(), String::new()));
        }
        if real != line {
            self.typed.push((real.clone(), line.to_owned()));
        }
        Ok(real)
    }

    fn window(&mut self, number: u8, deadline: Instant) -> Result<&mut Window, String> {
        if !self.terminals.contains_key(&number) {
            let terminal = Terminal::open(self.folder, self.edition, deadline)
                .map_err(|error| format!("cannot open terminal {number}: {error}"))?;
            let at_prompt = true;
            self.terminals.insert(
                number,
                Window {
                    terminal,
                    at_prompt,
                },
            );
        }
        Ok(self.terminals.get_mut(&number).expect("it was just opened"))
    }
}

/// Whoever does nothing at the prompt is shown nothing: all that came has been looked at.
fn must_be_silent(terminal: &mut Terminal) -> Result<(), String> {
    let deadline = Instant::now() + PATIENCE;
    let failed = |error: io::Error| format!("cannot use the terminal: {error}");
    terminal.type_line(":").map_err(failed)?;
    while terminal.shown().status.is_none() {
        if !terminal.wait(deadline).map_err(failed)? {
            break;
        }
    }
    let Shown { text, status } = terminal.take();
    match (text.trim(), status) {
        ("", Some(_)) => Ok(()),
        (more, _) => Err(format!(
            "after this, its terminal has shown more, which no mark awaits:\n    {more}"
        )),
    }
}

/// The port in `listening on HOST:PORT`, once the line is complete.
fn listening(text: &str) -> Option<u16> {
    let (_, rest) = text.split_once("listening on ")?;
    let (address, _) = rest.split_once('\n')?;
    address.trim().rsplit_once(':')?.1.parse().ok()
}
