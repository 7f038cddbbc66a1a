use crate::What;
use polling::{AsSource, PollMode, Poller};
use std::io::{self, ErrorKind};
use std::os::fd::BorrowedFd;
use std::rc::Rc;
use std::sync::Arc;

const WATCHED_ALREADY: &str =
    "another event watches this descriptor: change what that one waits for";

/// A source, and its registration in the poller. They are one value, as closing a descriptor does not
/// always end the watch (`epoll(7)`): the source stays open until it is watched no more.
pub(crate) struct Registration {
    source: Rc<dyn AsSource>,
    /// While it is watched: by whom, and which descriptor. A source may give another one the next
    /// time that it is asked.
    watched: Option<(Arc<Poller>, BorrowedFd<'static>)>,
}

impl Registration {
    /// Nothing is watched yet.
    pub(crate) fn new(source: Rc<dyn AsSource>) -> Registration {
        Registration {
            source,
            watched: None,
        }
    }

    /// Has the poller watch for what is in `what` of reading and writing, until told otherwise, and
    /// report it under `number`. For neither, it does not watch at all: a broken connection would be
    /// reported all the same.
    pub(crate) fn watch(
        &mut self,
        poller: &Arc<Poller>,
        number: usize,
        what: What,
    ) -> io::Result<()> {
        let (read, write) = (what.contains(What::READ), what.contains(What::WRITE));
        let interest = polling::Event::new(number, read, write);
        match (&self.watched, read || write) {
            (None, false) => Ok(()),
            (None, true) => self.add(poller, interest),
            (Some((theirs, lent)), true) => {
                theirs.modify_with_mode(lent, interest, PollMode::Level)
            }
            (Some(_), false) => self.delete(),
        }
    }

    #[expect(
        unsafe_code,
        reason = "the poller asks that a source outlive its registration"
    )]
    fn add(&mut self, poller: &Arc<Poller>, interest: polling::Event) -> io::Result<()> {
        // SAFETY: the borrow lasts no longer than `self.source` is held: the source cannot be taken out,
        // and whoever else holds the `Rc` can neither move it nor borrow it mutably meanwhile. And
        // what was lent is neither handed on nor used after `self.source` is dropped.
        let source: &'static dyn AsSource = unsafe { &*Rc::as_ptr(&self.source) };
        let lent: BorrowedFd<'static> = source.source();
        // SAFETY: what is lent stays open for as long as its source is borrowed, whatever else the
        // source lends later. `drop` deletes it from the poller before that borrow ends.
        unsafe { poller.add_with_mode(&lent, interest, PollMode::Level) }.map_err(|error| {
            match error.kind() {
                ErrorKind::AlreadyExists => io::Error::new(error.kind(), WATCHED_ALREADY),
                _ => error,
            }
        })?;
        self.watched = Some((Arc::clone(poller), lent));
        Ok(())
    }

    fn delete(&mut self) -> io::Result<()> {
        match self.watched.take() {
            Some((poller, lent)) => poller.delete(lent),
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
