//! Who speaks in the examples of steps 03 and 04, and what it costs to read them.

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

/// How many there are.
const SPEAKERS: usize = 10;
/// How far apart they speak.
const APART: Duration = Duration::from_millis(50);

/// One socket to each speaker, non-blocking. In the reverse order, each says one byte and hangs up.
pub(crate) fn connect() -> io::Result<Vec<TcpStream>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let (mut sockets, mut speakers) = (Vec::new(), Vec::new());
    for _ in 0..SPEAKERS {
        let socket = TcpStream::connect(listener.local_addr()?)?;
        socket.set_nonblocking(true)?;
        sockets.push(socket);
        speakers.push(listener.accept()?.0);
    }
    thread::spawn(move || {
        while let Some(mut speaker) = speakers.pop() {
            thread::sleep(APART);
            let _ = speaker.write_all(b"!");
        }
    });
    Ok(sockets)
}

/// What it has cost to read them all, counted by the reader.
#[derive(Default)]
pub(crate) struct Cost {
    pub(crate) rounds: usize,
    pub(crate) reads: usize,
    pub(crate) in_vain: usize,
    pub(crate) bytes: usize,
}

/// When it began.
pub(crate) struct Start {
    time: Instant,
    /// The processor time used before: what cargo used counts, too, as it has become this program.
    used: Duration,
}

impl Start {
    pub(crate) fn now() -> io::Result<Start> {
        Ok(Start {
            time: Instant::now(),
            used: processor_time()?,
        })
    }
}

/// What this process has used so far, in user mode and in the kernel (`getrusage(2)`).
fn processor_time() -> io::Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let microseconds: i64 = [usage.user_time(), usage.system_time()]
        .iter()
        .map(TimeValLike::num_microseconds)
        .sum();
    Ok(Duration::from_micros(microseconds.unsigned_abs()))
}

impl Cost {
    /// Prints it, with the time that has passed since `start`.
    pub(crate) fn print(&self, start: &Start) -> io::Result<()> {
        let passed = start.time.elapsed().as_millis();
        let used = processor_time()?.saturating_sub(start.used).as_millis();
        let mut screen = io::stdout().lock();
        writeln!(
            screen,
            "{SPEAKERS} sockets; every {} ms one says a byte and hangs up",
            APART.as_millis()
        )?;
        writeln!(screen)?;
        for (what, count) in [
            ("rounds", self.rounds),
            ("reads", self.reads),
            ("that brought nothing", self.in_vain),
            ("bytes read", self.bytes),
        ] {
            writeln!(screen, "{what:<22}{count:>12}")?;
        }
        for (what, milliseconds) in [("time passed", passed), ("processor time", used)] {
            writeln!(screen, "{what:<22}{milliseconds:>12} ms")?;
        }
        Ok(())
    }
}
