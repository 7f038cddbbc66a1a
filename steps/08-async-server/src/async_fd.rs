// ANCHOR: async_fd
use crate::Runtime;
use event_loop_server::{AsSource, Event, What};
use std::cell::Cell;
use std::future::poll_fn;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::rc::Rc;
use std::task::{Poll, Waker};

/// A socket that one task at a time waits for, by an event of step 05's loop.
pub(crate) struct AsyncFd<S: AsSource + 'static>(Rc<Inner<S>>);

/// What the task and the callback share.
struct Inner<S> {
    source: S,
    runtime: Runtime,
    event: Cell<Event>,
    /// Left by a task that waits. The callback takes it: that it is gone is the news.
    waker: Cell<Option<Waker>>,
}
// ANCHOR_END: async_fd

// ANCHOR: ready
impl<S: AsSource + 'static> AsyncFd<S> {
    /// Waits until the socket is ready for `what`.
    ///
    /// What it was watched for stays watched when the wait is over: whoever waits for the same
    /// again pays for no system call.
    pub(crate) fn ready(&mut self, what: What) -> impl Future<Output = io::Result<()>> {
        let AsyncFd(inner) = self;
        let mut is_waiting = false; // no poll of this wait has left a waker yet
        poll_fn(move |context| {
            if inner.waker.take().is_none() && is_waiting {
                return Poll::Ready(Ok(()));
            }
            if inner.runtime.is_over() {
                return Poll::Ready(Err(is_over()));
            }
            is_waiting = true;
            inner.waker.set(Some(context.waker().clone()));
            let mut base = inner.runtime.base();
            match base.event_change(inner.event.get(), what | What::PERSIST) {
                Ok(()) => Poll::Pending,
                Err(error) => Poll::Ready(Err(error)),
            }
        })
    }
}
// ANCHOR_END: ready

// ANCHOR: new
impl<S: AsSource + 'static> AsyncFd<S> {
    /// Nobody waits yet, and the kernel watches nothing.
    pub(crate) fn new(runtime: &Runtime, source: S) -> io::Result<AsyncFd<S>> {
        if runtime.is_over() {
            return Err(is_over());
        }
        let inner = Rc::new(Inner {
            source,
            runtime: runtime.clone(),
            event: Cell::default(),
            waker: Cell::default(),
        });
        let (source, woken) = (Rc::clone(&inner), Rc::clone(&inner));
        let mut base = runtime.base();
        let event = base.event_new(source, What::PERSIST, move |base, event, _| {
            match woken.waker.take() {
                Some(waker) => woken.runtime.wake_later(waker),
                // Nobody waits: watch for nothing, or the loop would call back again and again.
                None => {
                    let _ = base.event_change(event, What::PERSIST);
                }
            }
        });
        inner.event.set(event);
        let fd = AsyncFd(inner);
        let added = base.event_add(event, None);
        drop(base); // when `fd` is dropped on an error, it borrows the base
        added?;
        Ok(fd)
    }
}
// ANCHOR_END: new

// ANCHOR: rest
impl<S: AsSource + 'static> AsyncFd<S> {
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

impl<S: AsSource + 'static> Drop for AsyncFd<S> {
    fn drop(&mut self) {
        self.0.runtime.base().event_free(self.0.event.get());
    }
}

impl<S: AsFd> AsFd for Inner<S> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.source.as_fd()
    }
}
// ANCHOR_END: rest
