// ANCHOR: head
use crate::Runtime;
use crate::run_queue::TaskId;
use std::cell::Cell;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::thread;
// ANCHOR_END: head

// ANCHOR: spawn
/// What has become of a task so far.
enum State<T> {
    /// It is not done, and whom to wake when it is.
    Running(Option<Waker>),
    /// A value, or what it has panicked with.
    Done(thread::Result<T>),
    Taken,
}

impl Runtime {
    /// The same as [`Runtime::spawn_detached`], for a task that somebody joins, or cancels.
    pub fn spawn<T: 'static>(&self, future: impl Future<Output = T> + 'static) -> Task<T> {
        let state = Rc::new(Cell::new(State::Running(None)));
        let shared = Rc::clone(&state);
        let id = self.start(async move {
            let mut future = pin!(future);
            // It is done as well when it panics, by that: whoever joins it is to know.
            let ended = poll_fn(|context| {
                match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
                    Ok(polled) => polled.map(Ok),
                    Err(panic) => Poll::Ready(Err(panic)),
                }
            });
            let done = State::Done(ended.await);
            if let State::Running(Some(waker)) = shared.replace(done) {
                waker.wake();
            }
        });
        let runtime = self.clone();
        Task { runtime, id, state }
    }
}
// ANCHOR_END: spawn

// ANCHOR: task
/// A task that runs by itself, like tokio's `JoinHandle`. To await it is to join it; to drop it is to
/// cancel it, where tokio only detaches it.
///
/// # Panics
///
/// Awaited, it panics with what the task has panicked with; when it is polled again after that, or
/// after its value; and when its runtime has ended before it was done.
#[must_use = "a task that is dropped is cancelled"]
pub struct Task<T> {
    runtime: Runtime,
    id: TaskId,
    state: Rc<Cell<State<T>>>,
}

impl<T> Future for Task<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        match self.state.replace(State::Taken) {
            State::Running(_) => {}
            State::Done(Ok(value)) => return Poll::Ready(value),
            State::Done(Err(panic)) => resume_unwind(panic),
            State::Taken => panic!("`Task` polled after it was done"),
        }
        let waker = context.waker().clone();
        self.state.set(State::Running(Some(waker)));
        let is_over = self.runtime.is_over();
        assert!(!is_over, "`Task` awaited after its runtime has ended");
        Poll::Pending
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.runtime.cancel(self.id);
    }
}
// ANCHOR_END: task
