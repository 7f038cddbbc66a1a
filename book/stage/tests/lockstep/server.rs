//! A server under strace, which writes a file for each of its threads.

use crate::calls::{Names, TRACED};
use crate::model::{self, Reading, VAIN};
use crate::{Lines, PATIENCE};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::{self, File};
use std::io::Read;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use subject::{Start, Started, poll_until};
use tempfile::TempDir;

/// Who has been still for so long, and has not called as expected, will not any more.
const STILL: Duration = Duration::from_secs(5);
/// Nothing is on its way any more after so long: an acknowledgement may come 40 ms late.
const REST: Duration = Duration::from_millis(300);

pub(crate) struct Server {
    started: Started,
    folder: TempDir,
    address: SocketAddr,
    names: Names,
    logs: Vec<Log>,
    reading: Reading,
    /// Calls in vain since the last one that was not.
    vain: Vec<String>,
}

/// What strace has written of one thread.
struct Log {
    thread: u32,
    number: usize,
    table: usize,
    /// None: strace has not begun it.
    file: Option<File>,
    /// What it was read of, up to the call that is being made.
    line: String,
    has_ended: bool,
}

impl Server {
    /// Starts it. Where strace may not look at it: why.
    pub(crate) fn start(
        program: &Path,
        arguments: &[&str],
        reading: Reading,
    ) -> Result<Server, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = Command::new("strace");
        command
            .args(["-ff", "-qq", "-s", "32", "-e", "signal=none"])
            .args(["-e", TRACED, "-o"])
            .arg(folder.path().join("log"))
            .arg(program)
            .args(arguments)
            .args(["--listen", "127.0.0.1:0"]);
        let started = Start::default().spawn_and_read(&mut command);
        let started = started.map_err(|error| format!("cannot start strace: {error}"))?;
        let line = started.stdout.first_line(PATIENCE).unwrap_or_default();
        let Some(address) = line.strip_prefix("listening on ") else {
            let said = started.stderr.so_far();
            return Err(format!("under strace it does not start: {line}{said}"));
        };
        let address = address.parse().expect("an address");
        let (first, listener) = who_listens(folder.path()).expect("one of its threads");
        let mut server = Server {
            started,
            address,
            names: Names::new(listener, first),
            logs: Vec::new(),
            folder,
            reading,
            vain: Vec::new(),
        };
        server.open_log(first, 1, 0);
        Ok(server)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn expect_client(&mut self, client: usize, port: u16) {
        self.names.expect_client(client, port);
    }

    /// Waits until it has called as expected and rests; or until it rests for good, whatever it has
    /// called. Tells its calls since the last time.
    pub(crate) fn settle(
        &mut self,
        expected: &Lines,
        mut clients_have_heard: impl FnMut() -> bool,
    ) -> Lines {
        let (mut lines, mut seen) = (Lines::new(), Lines::new());
        let mut still_since = Instant::now();
        // What it has asked in vain before the action that it is to settle after says nothing.
        self.read(&mut lines);
        self.vain.clear();
        poll_until(Instant::now() + PATIENCE, || {
            let have_heard = clients_have_heard();
            // Asked before: whoever sleeps has nothing left to write.
            let sleeps = self.sleeps();
            if self.read(&mut lines) || !sleeps {
                still_since = Instant::now();
                return false;
            }
            seen = lines.clone();
            model::add_round(&mut seen, &self.vain);
            seen == *expected && have_heard || still_since.elapsed() > STILL
        });
        seen
    }

    /// Waits until it has slept for a while, and the clients have had nothing more to do. Tells its calls
    /// since the last time.
    pub(crate) fn rest(&mut self, mut clients_go_on: impl FnMut() -> bool) -> Lines {
        let mut lines = Lines::new();
        let mut still_since = Instant::now();
        let rests = poll_until(Instant::now() + PATIENCE, || {
            let (go_on, sleeps) = (clients_go_on(), self.sleeps());
            if self.read(&mut lines) || !sleeps || go_on {
                still_since = Instant::now();
            }
            still_since.elapsed() > REST
        });
        assert!(rests, "it does not rest");
        lines
    }

    /// From now on it gets no further than to the end of a call.
    pub(crate) fn hold(&self) {
        self.signal(Signal::SIGSTOP);
        let is_held = poll_until(Instant::now() + PATIENCE, || {
            let threads = self.logs.iter().filter(|it| !it.has_ended);
            let is_at_rest = |log: &Log| matches!(state(log.thread), None | Some('S' | 't' | 'Z'));
            state(self.started.group.id()) == Some('T') && threads.into_iter().all(is_at_rest)
        });
        assert!(is_held, "strace does not stop");
    }

    /// It goes on.
    pub(crate) fn let_go(&self) {
        self.signal(Signal::SIGCONT);
    }

    fn signal(&self, signal: Signal) {
        let strace = Pid::from_raw(self.started.group.id() as i32);
        kill(strace, signal).expect("strace runs");
    }

    /// Does every thread of it sleep? Of who never does: has it found nobody ready for a while?
    fn sleeps(&self) -> bool {
        if self.reading.without_vain {
            return self.vain.len() >= VAIN;
        }
        let threads = self.logs.iter().filter(|it| !it.has_ended);
        threads
            .into_iter()
            .all(|it| matches!(state(it.thread), None | Some('S' | 'Z')))
    }

    fn open_log(&mut self, thread: u32, number: usize, table: usize) {
        self.logs.push(Log {
            thread,
            number,
            table,
            file: None,
            line: String::new(),
            has_ended: false,
        });
    }

    /// Reads on in all logs. Has anything come that is compared?
    fn read(&mut self, lines: &mut Lines) -> bool {
        let mut has_come = false;
        let mut at = 0;
        // Who is started in one is read of after it.
        while at < self.logs.len() {
            let log = &mut self.logs[at];
            if log.file.is_none() {
                let path = self.folder.path().join(format!("log.{}", log.thread));
                log.file = File::open(path).ok();
            }
            if let Some(file) = &mut log.file {
                let read = file.read_to_string(&mut log.line);
                read.expect("strace writes text");
            }
            let (number, table) = (log.number, log.table);
            let mut text = std::mem::take(&mut log.line);
            let end = text.rfind('\n').map_or(0, |at| at + 1);
            log.line = text.split_off(end);
            // Before it listens, what is no business of the model's has its numbers.
            let start = match at {
                0 => text.rfind("listen(").unwrap_or(0),
                _ => 0,
            };
            for line in text[start..].lines() {
                let Some(told) = self.names.told(table, line) else {
                    continue;
                };
                if let Some((thread, number, table)) = told.started {
                    self.open_log(thread, number, table);
                }
                self.logs[at].has_ended |= told.is_end;
                if self.reading.leaves_out(&told.line) {
                    self.vain.push(told.line);
                    continue;
                }
                self.vain.clear();
                has_come = true;
                let whose = self.reading.whose(number, told.client);
                lines.entry(whose).or_default().push(told.line);
            }
            at += 1;
        }
        has_come
    }
}

/// The thread that listens, and its listener.
fn who_listens(folder: &Path) -> Option<(u32, i32)> {
    fs::read_dir(folder).ok()?.find_map(|entry| {
        let path = entry.ok()?.path();
        let thread = path.extension()?.to_str()?.parse().ok()?;
        let text = fs::read_to_string(&path).ok()?;
        let (_, call) = text.rsplit_once("listen(")?;
        Some((thread, call.split(',').next()?.parse().ok()?))
    })
}

/// As `ps` writes it; none of a thread that has gone.
fn state(thread: u32) -> Option<char> {
    let stat = fs::read_to_string(format!("/proc/{thread}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}
