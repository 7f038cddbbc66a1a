//! What it costs to ask the kernel who is ready, by how many are asked about, and how high their
//! descriptors are. One of them has something to say, so the kernel never sleeps over the question.
//!
//! `cargo run -p select-server --example cost_of_asking`

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::select::{FdSet, select};
use std::io::{self, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

/// How often each question is asked before the clock is read: a call is too short to be timed.
const CALLS: u32 = 500;
/// How often that is repeated; the shortest time counts, as whatever disturbs only adds to it.
const ROUNDS: usize = 15;

fn main() -> io::Result<()> {
    shared::server::raise_descriptor_limit();
    let mut screen = io::stdout().lock();
    let awakened = Watched::new(1, 20)?;
    // The first to be timed would pay for a processor that has just been idle.
    time_of(|| awakened.ask_select())?;
    time_of(|| awakened.ask_poll())?;
    writeln!(
        screen,
        "watched   largest descriptor       select         poll"
    )?;
    for (count, largest) in [(1, 20), (1, 1_000), (10, 1_000), (100, 1_000), (900, 1_000)] {
        let watched = Watched::new(count, largest).map_err(|error| {
            let hint = "it opens up to 1,001 descriptors: raise the limit with ulimit -n";
            io::Error::new(error.kind(), format!("{error} ({hint})"))
        })?;
        let largest = watched.all.last().map_or(0, AsRawFd::as_raw_fd);
        let select = time_of(|| watched.ask_select())?.as_nanos() as f64 / 1e3;
        let poll = time_of(|| watched.ask_poll())?.as_nanos() as f64 / 1e3;
        writeln!(
            screen,
            "{count:>7}   {largest:>18}   {select:>7.1} µs   {poll:>7.1} µs"
        )?;
    }
    Ok(())
}

/// Sockets on which nothing has come, and a last one that can be read.
struct Watched {
    all: Vec<OwnedFd>,
    /// The other ends, and what keeps lower descriptors from being given out.
    _kept: (Vec<OwnedFd>, [UnixStream; 2]),
}

impl Watched {
    fn new(count: usize, largest: i32) -> io::Result<Watched> {
        let (silent, end) = UnixStream::pair()?;
        let (readable, mut speaker) = UnixStream::pair()?;
        speaker.write_all(b"!")?;
        // The system gives out the lowest free number: those before are used up first.
        let mut taken = Vec::new();
        let first = largest - i32::try_from(count).unwrap_or(i32::MAX) + 1;
        while taken.last().map_or(0, AsRawFd::as_raw_fd) < first - 1 {
            taken.push(silent.as_fd().try_clone_to_owned()?);
        }
        let mut all = Vec::new();
        for _ in 1..count {
            all.push(silent.as_fd().try_clone_to_owned()?);
        }
        all.push(readable.as_fd().try_clone_to_owned()?);
        taken.extend([OwnedFd::from(silent), OwnedFd::from(readable)]);
        Ok(Watched {
            all,
            _kept: (taken, [end, speaker]),
        })
    }

    // ANCHOR: ask
    /// Makes the set, asks, and looks who it is.
    fn ask_select(&self) -> nix::Result<usize> {
        let mut readable = FdSet::new();
        for socket in &self.all {
            readable.insert(socket.as_fd());
        }
        let highest = self.all.last().map(|last| last.as_raw_fd() + 1);
        select(highest, &mut readable, None, None, None)?;
        let is_ready = |socket: &&OwnedFd| readable.contains(socket.as_fd());
        Ok(self.all.iter().filter(is_ready).count())
    }

    /// Makes the list, asks, and looks who it is.
    fn ask_poll(&self) -> nix::Result<usize> {
        let entry = |socket| PollFd::new(AsFd::as_fd(socket), PollFlags::POLLIN);
        let mut watched: Vec<PollFd> = self.all.iter().map(entry).collect();
        poll(&mut watched, PollTimeout::NONE)?;
        Ok(watched.iter().filter(|it| it.any() == Some(true)).count())
    }
    // ANCHOR_END: ask
}

/// What one call of `ask` takes; it must find one socket ready.
fn time_of(ask: impl Fn() -> nix::Result<usize>) -> io::Result<Duration> {
    let mut shortest = Duration::MAX;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for _ in 0..CALLS {
            if ask()? != 1 {
                return Err(io::Error::other(
                    "one socket is ready, and it was not found",
                ));
            }
        }
        shortest = shortest.min(start.elapsed() / CALLS);
    }
    Ok(shortest)
}
