use polling::Poller;
use std::io;
use std::sync::Arc;

/// Ends the sleep of a base's loop, from any thread: what Libevent does inside `event_active` when
/// another thread calls it.
#[derive(Clone, Debug)]
pub struct Notifier(Arc<Poller>);

impl Notifier {
    pub(crate) fn new(poller: Arc<Poller>) -> Notifier {
        Notifier(poller)
    }

    /// The loop sleeps no longer; if it is awake, its next sleep ends at once. Nobody is called back
    /// for it.
    ///
    /// # Errors
    ///
    /// When the system cannot tell it (on Linux, `write(2)` to an `eventfd(2)`).
    pub fn notify(&self) -> io::Result<()> {
        self.0.notify()
    }
}
