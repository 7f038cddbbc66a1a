#![cfg(unix)]

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use shared::server::REST;
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM};
use signal_hook::{SigId, flag, low_level};
use std::io::{self, Read};
use std::net::TcpListener;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Signals, made readable. A handler can do next to nothing safely (`signal-safety(7)`), so it
/// writes a byte into a pipe that the sleeping process watches: the *self-pipe trick*.
pub(crate) struct Signals {
    pipe: UnixStream,
    stop: Arc<AtomicBool>,
    handlers: Vec<SigId>,
}

impl Signals {
    /// Catches SIGCHLD (a child has ended), and SIGTERM, SIGINT and SIGHUP (stop).
    pub(crate) fn catch() -> io::Result<Signals> {
        let (pipe, writer) = UnixStream::pair()?;
        pipe.set_nonblocking(true)?;
        let stop = Arc::new(AtomicBool::new(false));
        let mut handlers = Vec::new();
        for signal in [SIGTERM, SIGINT, SIGHUP] {
            handlers.push(flag::register(signal, Arc::clone(&stop))?);
        }
        for signal in [SIGTERM, SIGINT, SIGHUP, SIGCHLD] {
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
    pub(crate) fn wait_for_signal_or_client(&self, listener: &TcpListener) {
        let client = PollFd::new(listener.as_fd(), PollFlags::POLLIN);
        sleep(&mut [self.readable(), client], PollTimeout::NONE);
        // What the bytes told is known otherwise: by `stop`, and by `waitpid`.
        while (&self.pipe)
            .read(&mut [0; 64])
            .is_ok_and(|length| length > 0)
        {}
    }

    /// Sleeps until a signal has come or the rest is over.
    ///
    /// Out of descriptors, the client at the listener can be neither accepted nor sent away: asked
    /// about the listener, `poll` would return at once, again and again.
    pub(crate) fn wait_for_signal_or_rest(&self) {
        let rest = PollTimeout::try_from(REST).unwrap_or(PollTimeout::MAX);
        sleep(&mut [self.readable()], rest);
    }

    fn readable(&self) -> PollFd<'_> {
        PollFd::new(self.pipe.as_fd(), PollFlags::POLLIN)
    }
}

fn sleep(sources: &mut [PollFd], timeout: PollTimeout) {
    match poll(sources, timeout) {
        Ok(_) | Err(Errno::EINTR) => {}
        // Out of memory: not to be able to sleep is no reason to spin.
        Err(_) => std::thread::sleep(REST),
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        for &handler in &self.handlers {
            low_level::unregister(handler);
        }
    }
}
