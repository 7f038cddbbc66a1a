use crate::What;
use polling::{AsSource, PollMode, Poller};
use std::io::{self, ErrorKind};
use std::rc::Rc;

const WATCHED_ALREADY: &str =
    "another event watches this descriptor: change what that one waits for";

/// A source, and its place in the poller, which are one thing: a source that is closed while the
/// poller still watches it would leave the watch to whatever gets its descriptor next.
pub(crate) struct Registration {
    poller: Rc<Poller>,
    source: Rc<dyn AsSource>,
    is_watched: bool,
}

impl Registration {
    /// Nothing is watched yet.
    pub(crate) fn new(poller: &Rc<Poller>, source: Rc<dyn AsSource>) -> Registration {
        Registration {
            poller: Rc::clone(poller),
            source,
            is_watched: false,
        }
    }

    /// Watches for what is in `what` of reading and writing, until told otherwise, and reports it
    /// under `number`. For neither, it does not watch at all: the kernel would report a broken
    /// connection all the same, again and again, to somebody who has not asked.
    pub(crate) fn watch(&mut self, number: usize, what: What) -> io::Result<()> {
        let (read, write) = (what.contains(What::READ), what.contains(What::WRITE));
        let interest = polling::Event::new(number, read, write);
        match (self.is_watched, read || write) {
            (false, false) => {}
            (false, true) => self.add(interest)?,
            (true, true) => {
                let level = PollMode::Level;
                self.poller
                    .modify_with_mode(self.source.source(), interest, level)?;
            }
            (true, false) => {
                self.is_watched = false;
                self.poller.delete(self.source.source())?;
            }
        }
        Ok(())
    }

    #[expect(
        unsafe_code,
        reason = "the poller asks that a source outlive its registration"
    )]
    fn add(&mut self, interest: polling::Event) -> io::Result<()> {
        let source = self.source.source();
        // SAFETY: `source` stays open as long as this holds it, and nobody can take it out. `drop`
        // deletes it from the poller first.
        unsafe {
            self.poller
                .add_with_mode(&source, interest, PollMode::Level)
        }
        .map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => io::Error::new(error.kind(), WATCHED_ALREADY),
            _ => error,
        })?;
        self.is_watched = true;
        Ok(())
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        if self.is_watched {
            // It fails only when nothing is registered any more.
            let _ = self.poller.delete(self.source.source());
        }
    }
}
