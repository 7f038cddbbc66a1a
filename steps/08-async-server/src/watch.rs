// ANCHOR: watch
use crate::Runtime;
use event_loop_server::{AsSource, Event, What};
use std::cell::Cell;
use std::future::poll_fn;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::rc::Rc;
use std::task::{Poll, Waker};

/// A socket that one task at a time waits for, by an event of step 05's loop.
pub(crate) struct Watch<S: AsSource + 'static>(Rc<Watched<S>>);

/// What the task and the callback share.
struct Watched<S> {
    source: S,
    runtime: Runtime,
    event: Cell<Event>,
    /// Whom to wake. The callback takes it: that it is gone is the news.
    waker: Cell<Option<Waker>>,
}
// ANCHOR_END: watch

// ANCHOR: until
impl<S: AsSource + 'static> Watch<S> {
    /// Waits until the socket is ready for `what`.
    ///
    /// What it was watched for stays watched when the wait is over: who waits for the same again
    /// pays for no system call.
    pub(crate) fn until(&mut self, what: What) -> impl Future<Output = io::Result<()>> {
        let Watch(watched) = self;
        let mut is_waiting = false;
        poll_fn(move |context| {
            if watched.waker.take().is_none() && is_waiting {
                return Poll::Ready(Ok(()));
            }
            if watched.runtime.is_over() {
                return Poll::Ready(Err(is_over()));
            }
            is_waiting = true;
            watched.waker.set(Some(context.waker().clone()));
            let mut base = watched.runtime.base();
            match base.event_change(watched.event.get(), what | What::PERSIST) {
                Ok(()) => Poll::Pending,
                Err(error) => Poll::Ready(Err(error)),
            }
        })
    }
}
// ANCHOR_END: until

// ANCHOR: new
impl<S: AsSource + 'static> Watch<S> {
    /// Nobody waits yet, and the kernel watches nothing.
    pub(crate) fn new(runtime: &Runtime, source: S) -> io::Result<Watch<S>> {
        if runtime.is_over() {
            return Err(is_over());
        }
        let watched = Rc::new(Watched {
            source,
            runtime: runtime.clone(),
            event: Cell::default(),
            waker: Cell::default(),
        });
        let (source, woken) = (Rc::clone(&watched), Rc::clone(&watched));
        let mut base = runtime.base();
        let event = base.event_new(source, What::PERSIST, move |base, event, _| {
            match woken.waker.take() {
                Some(waker) => woken.runtime.wake_later(waker),
                // Its task does something else: the loop would call back again and again.
                None => {
                    let _ = base.event_change(event, What::PERSIST);
                }
            }
        });
        watched.event.set(event);
        let watch = Watch(watched);
        let added = base.event_add(event, None);
        drop(base);
        added.map(|()| watch)
    }
}
// ANCHOR_END: new

// ANCHOR: rest
impl<S: AsSource + 'static> Watch<S> {
    pub(crate) fn source(&self) -> &S {
        &self.0.source
    }

    pub(crate) fn runtime(&self) -> &Runtime {
        &self.0.runtime
    }
}

fn is_over() -> io::Error {
    io::Error::other("the runtime has ended")
}

impl<S: AsSource + 'static> Drop for Watch<S> {
    fn drop(&mut self) {
        self.0.runtime.base().event_free(self.0.event.get());
    }
}

impl<S: AsFd> AsFd for Watched<S> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.source.as_fd()
    }
}
// ANCHOR_END: rest
