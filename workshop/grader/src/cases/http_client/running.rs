use crate::case::Trouble;
use crate::command::{not_started, typed};
use crate::complaints;
use crate::evidence::{End, Evidence, Exchange};
use crate::limits::no_thread;
use crate::patience::PATIENCE;
use crate::program::Program;
use crate::ran::Ran;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::{self, ErrorKind, Read};
use std::net::SocketAddr;
use std::process::{ChildStdout, ExitStatus, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};
use subject::{Family, Group, Output as Printed, Start, poll_until, processes};
use terminal::Text;

/// How much of what the client prints is handed over at a time, in bytes.
pub(super) const PIECE: usize = 64 << 10;
/// How much of what it prints is kept, in bytes: far more than it is given to print where all is kept.
const MOST_PRINTED: usize = 1 << 20;
/// How long its last words may take to come through the pipe. Somebody else may hold its other end.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// A client that runs while the judge talks to it. Dropped, it is killed.
pub(super) struct Running<'a> {
    group: Group,
    status: Option<ExitStatus>,
    /// What it prints, piece by piece. The next piece is read when this one has been taken, so
    /// that a client whose output is not read is held back.
    pieces: Option<Receiver<Vec<u8>>>,
    printed: Vec<u8>,
    complaints: Printed,
    command: String,
    meaning: &'a Text,
}

impl<'a> Running<'a> {
    /// Starts the client. What is asked of it later and does not hold usually means `meaning`.
    ///
    /// # Errors
    ///
    /// A failed case: it cannot be started.
    pub(super) fn start(
        program: &Program,
        arguments: &[&str],
        meaning: &'a Text,
    ) -> Result<Running<'a>, Trouble> {
        let mut command = program.command();
        command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let group = Start::default().spawn(&mut command);
        let mut group =
            group.map_err(|error| not_started(&program.path, &command, &error, meaning))?;
        let pieces = in_pieces(group.stdout().expect("piped"));
        let pieces = pieces.map_err(|error| no_thread(&error))?;
        let complaints = Printed::drain(group.stderr().expect("piped"));
        let complaints = complaints.map_err(|error| no_thread(&error))?;
        Ok(Running {
            group,
            status: None,
            pieces: Some(pieces),
            printed: Vec::new(),
            complaints,
            command: typed(&command),
            meaning,
        })
    }

    pub(super) fn pid(&self) -> u32 {
        self.group.id()
    }

    /// By what its processes are known.
    pub(super) fn family(&self) -> Family {
        self.group.family()
    }

    /// The next piece that it prints, if it comes in time.
    pub(super) fn next_piece(&mut self, limit: Duration) -> Option<Vec<u8>> {
        self.pieces.as_ref()?.recv_timeout(limit).ok()
    }

    /// Waits until it has printed `length` bytes, or more than is kept, for as long as `limit`.
    pub(super) fn wait_for(&mut self, length: usize, limit: Duration) {
        let deadline = Instant::now() + limit;
        while self.printed.len() < length.min(MOST_PRINTED) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.next_piece(left) {
                Some(piece) => self.printed.extend(piece),
                None => return,
            }
        }
    }

    /// All that it has printed, as far as it was waited for.
    pub(super) fn printed(&self) -> &[u8] {
        &self.printed
    }

    /// Closes the pipe that it prints into, once another piece has come.
    pub(super) fn stop_reading(&mut self) {
        self.pieces = None;
    }

    /// Stops it where it sleeps, and lets it go on: what Ctrl-Z and `fg` do.
    ///
    /// # Errors
    ///
    /// Skipped where there is no /proc: it could not be known that it sleeps.
    pub(super) fn stop_and_continue(&self) -> Result<(), Trouble> {
        let is = |state| {
            processes::tree(self.pid())
                .is_ok_and(|tree| tree.first().is_some_and(|p| p.state == state))
        };
        let signal = |signal| kill(Pid::from_raw(self.pid() as i32), signal);
        processes::tree(self.pid())?;
        poll_until(Instant::now() + PATIENCE, || is('S'));
        let _ = signal(Signal::SIGSTOP);
        poll_until(Instant::now() + PATIENCE, || is('T'));
        let _ = signal(Signal::SIGCONT);
        poll_until(Instant::now() + PATIENCE, || !is('T'));
        Ok(())
    }

    /// It has come to its end.
    pub(super) fn has_ended(&mut self) -> bool {
        if self.status.is_none() {
            self.status = self.group.ended();
        }
        self.status.is_some()
    }

    /// Waits for its end. All has been said to it by now: it cannot take long.
    ///
    /// # Errors
    ///
    /// A failed case: it goes on.
    pub(super) fn end(mut self) -> Result<Ran<'a>, Trouble> {
        self.wait_for(usize::MAX, PATIENCE);
        if self.printed.len() >= MOST_PRINTED {
            let evidence = Evidence::Finding {
                expected: Text::new("the client ends", "客户端结束"),
                found: Text::new(
                    format!("it went on printing: more than {} MiB", MOST_PRINTED >> 20),
                    format!("它打印个不停，超过了 {} MiB", MOST_PRINTED >> 20),
                ),
            };
            return Err(self.failed(evidence));
        }
        poll_until(Instant::now() + PATIENCE, || self.has_ended());
        let Some(status) = self.status else {
            let evidence = Evidence::Finding {
                expected: Text::new("the client ends", "客户端结束"),
                found: Text::new(
                    format!("it still runs after {PATIENCE:?}: {}", self.command),
                    format!("{} 秒之后它还在运行：{}", PATIENCE.as_secs(), self.command),
                ),
            };
            return Err(self.failed(evidence));
        };
        // Whoever else may hold the other end of the pipe ends now, if it is found.
        drop(self.group);
        let output = Output {
            status,
            stdout: self.printed,
            stderr: all_of(&self.complaints).into_bytes(),
        };
        Ok(Ran::of(output, self.command, self.meaning))
    }

    /// Waits for its end, and compares what it has printed with the `answer` that it was given.
    ///
    /// # Errors
    ///
    /// A failed case: it goes on, or has printed something else.
    pub(super) fn end_having_printed(self, answer: &[u8]) -> Result<Ran<'a>, Trouble> {
        let meaning = self.meaning;
        let ran = self.end()?;
        if ran.stdout() == answer {
            Ok(ran)
        } else {
            let exchange = Exchange::new(answer, true, answer, ran.stdout(), End::Closed);
            Err(Trouble::failed(exchange, meaning))
        }
    }

    /// It did not connect to `address`: the evidence, and its last words.
    pub(super) fn stayed_away(mut self, address: SocketAddr) -> Trouble {
        let evidence = Evidence::Finding {
            expected: Text::new(
                format!("a connection to {address}"),
                format!("连上 {address}"),
            ),
            found: match self.has_ended() {
                true => Text::new("the client ended without one", "客户端还没连就结束了"),
                false => Text::new(
                    format!("no connection for {PATIENCE:?}"),
                    format!("等了 {} 秒，没有连上来", PATIENCE.as_secs()),
                ),
            },
        };
        self.failed(evidence)
    }

    /// The failure, and its last words.
    fn failed(self, evidence: Evidence) -> Trouble {
        let trouble = Trouble::failed(evidence, self.meaning);
        drop(self.group);
        match complaints::note(&all_of(&self.complaints)) {
            None => trouble,
            Some(note) => trouble.noted(note),
        }
    }
}

/// What has come, and still comes, of a client that has ended.
fn all_of(complaints: &Printed) -> String {
    poll_until(Instant::now() + LAST_WORDS, || complaints.is_complete());
    complaints.so_far()
}

/// Reads the pipe in a thread of its own, so that it can be waited for with a deadline.
fn in_pieces(mut pipe: ChildStdout) -> io::Result<Receiver<Vec<u8>>> {
    let (sender, pieces) = mpsc::sync_channel(1);
    thread::Builder::new().spawn(move || {
        loop {
            let mut piece = vec![0; PIECE];
            match pipe.read(&mut piece) {
                Ok(length @ 1..) => piece.truncate(length),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Ok(_) | Err(_) => return,
            }
            if sender.send(piece).is_err() {
                return; // nobody takes it any more: the pipe is closed
            }
        }
    })?;
    Ok(pieces)
}
