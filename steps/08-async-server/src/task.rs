use crate::Runtime;
use crate::ready::TaskId;
use std::cell::Cell;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::thread;

/// A task that runs by itself. To await it is to join it; to drop it is to cancel it.
///
/// # Panics
///
/// Awaited, it panics with what the task has panicked with; when it is awaited again after it was
/// done; and when its runtime has ended before it was done.
#[must_use = "a task that is dropped is cancelled"]
pub struct Task<T> {
    runtime: Runtime,
    id: TaskId,
    outcome: Rc<Outcome<T>>,
}

/// What has become of a task so far.
pub(crate) struct Outcome<T>(Cell<State<T>>);

enum State<T> {
    /// It is not done, and who waits for that.
    Running(Option<Waker>),
    /// A value, or what it has panicked with.
    Done(thread::Result<T>),
    Taken,
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
    pub(crate) fn take(&mut self) -> Option<thread::Result<T>> {
        let Outcome(state) = &*self.outcome;
        match state.replace(State::Taken) {
            State::Done(ended) => Some(ended),
            State::Taken => panic!("`Task` awaited again after it was done"),
            running @ State::Running(_) => {
                state.set(running);
                None
            }
        }
    }
}

impl<T> Future for Task<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        if let Some(ended) = self.take() {
            return Poll::Ready(ended.unwrap_or_else(|panic| resume_unwind(panic)));
        }
        assert!(
            !self.runtime.is_over(),
            "`Task` awaited after its runtime has ended"
        );
        let joining = Some(context.waker().clone());
        self.outcome.0.set(State::Running(joining));
        Poll::Pending
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.runtime.cancel(self.id);
    }
}

impl<T> Outcome<T> {
    /// The task is done.
    pub(crate) fn tell(&self, ended: thread::Result<T>) {
        if let State::Running(Some(waker)) = self.0.replace(State::Done(ended)) {
            waker.wake();
        }
    }
}

impl<T> Default for Outcome<T> {
    fn default() -> Outcome<T> {
        Outcome(Cell::new(State::Running(None)))
    }
}
