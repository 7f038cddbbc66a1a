//! What a task of a test waits for, and what it owns.

use crate::support::Log;
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::{Rc, Weak};
use std::task::{Poll, Waker};

/// A future of its own that is done when it is told so, keeps its waker for everybody, and counts
/// how often it was polled.
#[derive(Clone, Default)]
pub(crate) struct Bell(Rc<Inner>);

#[derive(Default)]
struct Inner {
    waker: RefCell<Option<Waker>>,
    polls: Cell<usize>,
    has_rung: Cell<bool>,
}

impl Bell {
    /// Done when it has rung.
    pub(crate) fn wait(&self) -> impl Future<Output = ()> + use<> {
        let Bell(inner) = self.clone();
        poll_fn(move |context| {
            inner.polls.set(inner.polls.get() + 1);
            inner.waker.replace(Some(context.waker().clone()));
            match inner.has_rung.get() {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        })
    }

    /// Ends the wait, and wakes whoever waits.
    pub(crate) fn ring(&self) {
        self.0.has_rung.set(true);
        if let Some(waker) = self.0.waker.take() {
            waker.wake();
        }
    }

    /// That of the last poll.
    pub(crate) fn waker(&self) -> Waker {
        self.0.waker.borrow().clone().expect("it was polled")
    }

    pub(crate) fn polls(&self) -> usize {
        self.0.polls.get()
    }
}

/// Something to be owned, and whether it still is.
pub(crate) fn owned() -> (Rc<()>, Weak<()>) {
    let owned = Rc::new(());
    let watched = Rc::downgrade(&owned);
    (owned, watched)
}

pub(crate) fn is_dropped(watched: &Weak<()>) -> bool {
    watched.strong_count() == 0
}

/// Does this when it is dropped.
pub(crate) struct OnDrop<F: FnMut()>(pub(crate) F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Notes this when it is dropped.
pub(crate) fn noting<T: Clone>(log: &Log<T>, what: T) -> OnDrop<impl FnMut() + use<T>> {
    let log = log.clone();
    OnDrop(move || log.note(what.clone()))
}
