// ANCHOR: head
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::Signal::{self, SIGCHLD, SIGHUP, SIGINT, SIGTERM};
use nix::sys::signal::{SigHandler, signal};
use shared::server::REST;
use shared::signals::is_ignored;
use signal_hook::{SigId, flag, low_level};
use std::io::{self, Read};
use std::net::TcpListener;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

// ANCHOR_END: head

// ANCHOR: catch
/// Signals, made readable. A handler can do next to nothing safely (`signal-safety(7)`), so it
/// writes a byte into a pipe that the sleeping process watches: the *self-pipe trick*.
pub(crate) struct Signals {
    pipe: UnixStream,
    stop: Arc<AtomicBool>,
    handlers: Vec<SigId>,
    /// What is caught, and what was done at this signal before.
    before: Vec<(Signal, SigHandler)>,
}

impl Signals {
    /// Catches SIGCHLD (a child has ended), and SIGTERM, SIGINT and SIGHUP (stop), unless they are
    /// ignored: whoever started this program wants it to go on.
    pub(crate) fn catch() -> io::Result<Signals> {
        let (pipe, writer) = UnixStream::pair()?;
        pipe.set_nonblocking(true)?;
        let mut signals = Signals {
            pipe,
            stop: Arc::default(),
            handlers: Vec::new(),
            before: Vec::new(),
        };
        for signal in [SIGTERM, SIGINT, SIGHUP, SIGCHLD] {
            let before = match is_ignored(signal) {
                true if signal != SIGCHLD => continue,
                true => SigHandler::SigIgn,
                false => SigHandler::SigDfl,
            };
            signals.before.push((signal, before));
            if signal != SIGCHLD {
                let stop = Arc::clone(&signals.stop);
                signals.handlers.push(flag::register(signal as i32, stop)?);
            }
            let handler = low_level::pipe::register(signal as i32, writer.try_clone()?)?;
            signals.handlers.push(handler);
        }
        Ok(signals)
    }
    // ANCHOR_END: catch

    // ANCHOR: sleep
    pub(crate) fn asked_to_stop(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Sleeps until a signal has come or a client waits at `listener`.
    pub(crate) fn wait_for_signal_or_client(&self, listener: &TcpListener) {
        let client = PollFd::new(listener.as_fd(), PollFlags::POLLIN);
        Signals::sleep(&mut [self.readable(), client], PollTimeout::NONE);
        // What the bytes told is known otherwise: by `stop`, and by `waitpid`.
        while (&self.pipe)
            .read(&mut [0; 64])
            .is_ok_and(|length| length > 0)
        {}
    }

    /// Sleeps until a signal has come or the rest is over.
    ///
    /// When this process is out of descriptors, the client that waits can be neither accepted nor sent
    /// away, and a `poll` that watches the listener would return at once, again and again.
    pub(crate) fn wait_for_signal_or_rest(&self) {
        let rest = PollTimeout::try_from(REST).unwrap_or(PollTimeout::MAX);
        Signals::sleep(&mut [self.readable()], rest);
    }

    fn readable(&self) -> PollFd<'_> {
        PollFd::new(self.pipe.as_fd(), PollFlags::POLLIN)
    }

    fn sleep(sources: &mut [PollFd], timeout: PollTimeout) {
        match poll(sources, timeout) {
            Ok(_) | Err(Errno::EINTR) => {}
            // Out of memory: not to be able to sleep is no reason to spin.
            Err(_) => std::thread::sleep(REST),
        }
    }
    // ANCHOR_END: sleep

    // ANCHOR: give_back
    /// Has every signal do again what it did before it was caught, in a child that has inherited the
    /// handlers. Its copy of the pipe is closed when this is dropped.
    #[allow(unsafe_code)]
    pub(crate) fn give_back(&self) {
        for &(caught, before) in &self.before {
            // SAFETY: to ignore a signal, or to do with it what the kernel does, runs no code of ours.
            let _ = unsafe { signal(caught, before) };
        }
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        for &handler in &self.handlers {
            low_level::unregister(handler);
        }
    }
}
// ANCHOR_END: give_back
