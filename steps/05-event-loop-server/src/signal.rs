use crate::{Event, EventBase, What};
use nix::sys::signal::Signal;
use shared::signals::is_ignored;
use signal_hook::SigId;
use signal_hook::low_level::{pipe, unregister};
use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::rc::Rc;

impl EventBase {
    /// An event that waits for a signal, again and again: `evsignal_new`.
    ///
    /// Its handler writes a byte into a socket, and the event waits for that like for any other. The
    /// signal no longer does what it does by default from now on, even after the event has been freed.
    ///
    /// # Errors
    ///
    /// When there are no descriptors left, or the system has no such signal (`sigaction(2)`).
    ///
    /// # Panics
    ///
    /// When the signal is one that cannot be handled, SIGKILL for one.
    pub fn evsignal_new(
        &mut self,
        signal: i32,
        mut callback: impl FnMut(&mut EventBase, Event, What) + 'static,
    ) -> io::Result<Event> {
        let (reader, writer) = UnixStream::pair()?;
        reader.set_nonblocking(true)?;
        let reader = Rc::new(reader);
        let handler = Handler(pipe::register(signal, writer)?);
        let source = Rc::clone(&reader);
        let wait = What::READ | What::PERSIST;
        Ok(self.event_new(source, wait, move |base, event, what| {
            let _captured = &handler; // so that it is dropped with the callback
            if what == What::TIMEOUT {
                return callback(base, event, what);
            }
            // However often it has come: what matters is that it has.
            while matches!(reader.as_ref().read(&mut [0; 64]), Ok(64)) {}
            callback(base, event, what.difference(What::READ) | What::SIGNAL);
        }))
    }
}

/// Unregistered when it is dropped.
struct Handler(SigId);

impl Drop for Handler {
    fn drop(&mut self) {
        unregister(self.0);
    }
}

/// SIGINT and SIGTERM end the loop, and with it the server; unless they are ignored, as a shell has
/// those ignore SIGINT that it starts in the background.
///
/// # Errors
///
/// When there are no descriptors left.
pub fn end_by_signal(base: &mut EventBase) -> io::Result<()> {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        if is_ignored(signal) {
            continue;
        }
        let event = base.evsignal_new(signal as i32, |base, _, _| base.loopbreak())?;
        base.event_add(event, None)?;
    }
    Ok(())
}
