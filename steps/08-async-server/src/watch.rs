use crate::Runtime;
use event_loop_server::{AsSource, Event, What};
use std::cell::Cell;
use std::future::poll_fn;
use std::io;
use std::rc::Rc;
use std::task::{Poll, Waker};

/// A socket that one task at a time waits for, by an event of step 05's loop. Here callbacks end
/// and futures begin: all that the callback does is to say whom to wake.
pub(crate) struct Watch<S: AsSource + 'static>(Rc<Watched<S>>);

/// What the task and the callback share.
struct Watched<S> {
    source: S,
    runtime: Runtime,
    event: Cell<Event>,
    /// Whom to wake. The callback takes it: that it is gone is the news.
    waker: Cell<Option<Waker>>,
}

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

    /// Waits until the socket is ready for `what`.
    ///
    /// What it was watched for stays watched when the wait is over: who waits for the same again
    /// pays for no system call.
    pub(crate) fn until(&mut self, what: What) -> impl Future<Output = io::Result<()>> {
        let mut is_waiting = false;
        poll_fn(move |context| {
            if self.0.waker.take().is_none() && is_waiting {
                return Poll::Ready(Ok(()));
            }
            if self.0.runtime.is_over() {
                return Poll::Ready(Err(is_over()));
            }
            is_waiting = true;
            self.0.waker.set(Some(context.waker().clone()));
            let wait = what | What::PERSIST;
            match self.0.runtime.base().event_change(self.0.event.get(), wait) {
                Ok(()) => Poll::Pending,
                Err(error) => Poll::Ready(Err(error)),
            }
        })
    }

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

#[cfg(unix)]
impl<S: std::os::fd::AsFd> std::os::fd::AsFd for Watched<S> {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.source.as_fd()
    }
}

#[cfg(windows)]
impl<S: std::os::windows::io::AsSocket> std::os::windows::io::AsSocket for Watched<S> {
    fn as_socket(&self) -> std::os::windows::io::BorrowedSocket<'_> {
        self.source.as_socket()
    }
}
