use crate::What;
use polling::{AsSource, PollMode, Poller};
use std::io::{self, ErrorKind};
use std::rc::Rc;
use std::sync::Arc;

const WATCHED_ALREADY: &str =
    "another event watches this descriptor: change what that one waits for";

/// A source, and its place in the poller, which are one thing: a source that is closed while the
/// poller still watches it would leave the watch to whatever gets its descriptor next.
pub(crate) struct Registration {
    source: Rc<dyn AsSource>,
    /// The poller, while it watches.
    watched_by: Option<Arc<Poller>>,
}

impl Registration {
    /// Nothing is watched yet.
    pub(crate) fn new(source: Rc<dyn AsSource>) -> Registration {
        Registration {
            source,
            watched_by: None,
        }
    }

    /// Has the poller watch for what is in `what` of reading and writing, until told otherwise, and
    /// report it under `number`. For neither, it does not watch at all: the kernel would report a
    /// broken connection all the same, again and again, to somebody who has not asked.
    pub(crate) fn watch(
        &mut self,
        poller: &Arc<Poller>,
        number: usize,
        what: What,
    ) -> io::Result<()> {
        let (read, write) = (what.contains(What::READ), what.contains(What::WRITE));
        let interest = polling::Event::new(number, read, write);
        match (&self.watched_by, read || write) {
            (None, false) => Ok(()),
            (None, true) => self.add(poller, interest),
            (Some(poller), true) => {
                poller.modify_with_mode(self.source.source(), interest, PollMode::Level)
            }
            (Some(_), false) => self.delete(),
        }
    }

    #[expect(
        unsafe_code,
        reason = "the poller asks that a source outlive its registration"
    )]
    fn add(&mut self, poller: &Arc<Poller>, interest: polling::Event) -> io::Result<()> {
        let source = self.source.source();
        // SAFETY: `source` stays open as long as this holds it, and nobody can take it out. `drop`
        // deletes it from the poller first.
        unsafe { poller.add_with_mode(&source, interest, PollMode::Level) }.map_err(|error| {
            match error.kind() {
                ErrorKind::AlreadyExists => io::Error::new(error.kind(), WATCHED_ALREADY),
                _ => error,
            }
        })?;
        self.watched_by = Some(Arc::clone(poller));
        Ok(())
    }

    fn delete(&mut self) -> io::Result<()> {
        match self.watched_by.take() {
            Some(poller) => poller.delete(self.source.source()),
            None => Ok(()),
        }
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        // It fails only when nothing is registered any more.
        let _ = self.delete();
    }
}
