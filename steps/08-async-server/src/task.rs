use crate::Runtime;
use crate::ready::TaskId;
use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// A task that runs by itself. To await it is to join it; to drop it is to cancel it.
#[must_use = "a task that is dropped is cancelled"]
pub struct Task<T> {
    runtime: Runtime,
    id: TaskId,
    outcome: Rc<Outcome<T>>,
}

/// What becomes of a task, and who waits for that.
pub(crate) struct Outcome<T> {
    value: Cell<Option<T>>,
    joining: Cell<Option<Waker>>,
}

impl<T> Task<T> {
    pub(crate) fn new(runtime: Runtime, id: TaskId, outcome: Rc<Outcome<T>>) -> Task<T> {
        Task {
            runtime,
            id,
            outcome,
        }
    }

    /// What came of it, when it is done. It is told once.
    pub(crate) fn take(&mut self) -> Option<T> {
        self.outcome.value.take()
    }
}

impl<T> Future for Task<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        match self.take() {
            Some(value) => Poll::Ready(value),
            None => {
                self.outcome.joining.set(Some(context.waker().clone()));
                Poll::Pending
            }
        }
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.runtime.cancel(self.id);
    }
}

impl<T> Outcome<T> {
    /// The task is done.
    pub(crate) fn tell(&self, value: T) {
        self.value.set(Some(value));
        if let Some(waker) = self.joining.take() {
            waker.wake();
        }
    }
}

impl<T> Default for Outcome<T> {
    fn default() -> Outcome<T> {
        Outcome {
            value: Cell::new(None),
            joining: Cell::new(None),
        }
    }
}
