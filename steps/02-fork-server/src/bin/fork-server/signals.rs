#![cfg(unix)]

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use signal_hook::consts::{SIGCHLD, SIGINT, SIGTERM};
use signal_hook::{SigId, flag, low_level};
use std::io::{self, Read};
use std::net::TcpListener;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

// ANCHOR: signals
/// Signals, made readable. A handler can do next to nothing safely (`signal-safety(7)`), so it
/// writes a byte into a pipe that the sleeping process watches: the *self-pipe trick*.
pub(crate) struct Signals {
    pipe: UnixStream,
    stop: Arc<AtomicBool>,
    handlers: Vec<SigId>,
}

impl Signals {
    /// Catches SIGCHLD (a child has ended), SIGTERM and SIGINT (stop).
    pub(crate) fn catch() -> io::Result<Signals> {
        let (pipe, writer) = UnixStream::pair()?;
        pipe.set_nonblocking(true)?;
        let stop = Arc::new(AtomicBool::new(false));
        let mut handlers = Vec::new();
        for signal in [SIGTERM, SIGINT] {
            handlers.push(flag::register(signal, Arc::clone(&stop))?);
        }
        for signal in [SIGTERM, SIGINT, SIGCHLD] {
            handlers.push(low_level::pipe::register(signal, writer.try_clone()?)?);
        }
        Ok(Signals {
            pipe,
            stop,
            handlers,
        })
    }

    pub(crate) fn asked_to_stop(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Sleeps until a signal has come or a client waits at `listener`.
    pub(crate) fn sleep_until_one_or(&self, listener: &TcpListener) -> io::Result<()> {
        let client = PollFd::new(listener.as_fd(), PollFlags::POLLIN);
        sleep(&mut [self.readable(), client], PollTimeout::NONE)?;
        // What the bytes told is known otherwise: by `stop`, and by `waitpid`.
        while (&self.pipe)
            .read(&mut [0; 64])
            .is_ok_and(|length| length > 0)
        {}
        Ok(())
    }

    /// Sleeps until a signal has come or the rest is over.
    ///
    /// Out of descriptors, the client at the listener can be neither accepted nor sent away: asked
    /// about the listener, `poll` would return at once, again and again.
    pub(crate) fn sleep_until_one_or_rested(&self) -> io::Result<()> {
        let rest = PollTimeout::try_from(shared::server::REST).unwrap_or(PollTimeout::MAX);
        sleep(&mut [self.readable()], rest)
    }

    fn readable(&self) -> PollFd<'_> {
        PollFd::new(self.pipe.as_fd(), PollFlags::POLLIN)
    }
}

fn sleep(sources: &mut [PollFd], timeout: PollTimeout) -> io::Result<()> {
    match poll(sources, timeout) {
        Ok(_) | Err(Errno::EINTR) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        for &handler in &self.handlers {
            low_level::unregister(handler);
        }
    }
}
// ANCHOR_END: signals
