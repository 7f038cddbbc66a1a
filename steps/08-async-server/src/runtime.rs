// ANCHOR: head
use crate::ready::{Ready, TaskId, TaskWaker};
use crate::task::{Outcome, Task};
use event_loop_server::{EventBase, Loop};
use slotmap::SlotMap;
use std::cell::{Cell, RefCell, RefMut};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

// ANCHOR_END: head

// ANCHOR: shared
/// Runs tasks on one thread: those that can go on, one after the other; and when there are none, it
/// sleeps in step 05's event loop, whose callbacks wake them.
///
/// A task that panics ends alone, as a thread does: its future is dropped, the panic hook tells of
/// it, as of every panic, and the others go on. Whoever joins it panics with the same, and of that
/// nothing more is told.
///
/// A clone may be kept for longer than [`Runtime::run`] runs. Nothing is waited for then any more.
#[derive(Clone)]
pub struct Runtime(Rc<Shared>);

struct Shared {
    base: RefCell<EventBase>,
    /// None: the task is running just now.
    tasks: RefCell<SlotMap<TaskId, Option<Suspended>>>,
    ready: Arc<Ready>,
    /// Whom the event loop's callbacks have news for.
    to_wake: RefCell<VecDeque<Waker>>,
    /// Nobody runs the tasks any more.
    is_over: Cell<bool>,
}
// ANCHOR_END: shared

// ANCHOR: resume
/// A future of any kind, whatever comes of it.
trait Resume {
    fn resume(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()>;
}

impl<F: Future> Resume for F {
    fn resume(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.poll(context).map(drop)
    }
}

/// A task that waits to go on.
struct Suspended {
    future: Pin<Box<dyn Resume>>,
    waker: Arc<TaskWaker>,
}
// ANCHOR_END: resume

// ANCHOR: run
impl Runtime {
    /// Makes a runtime, and runs what `main` makes of it to its end. Tasks that are not done by then
    /// are cancelled.
    ///
    /// # Errors
    ///
    /// When the system has no descriptors left, or cannot wait (`epoll_wait(2)`).
    ///
    /// # Panics
    ///
    /// When `main` does. The other tasks are cancelled before the caller hears of it.
    pub fn run<T, F>(main: impl FnOnce(Runtime) -> F) -> io::Result<T>
    where
        T: 'static,
        F: Future<Output = T> + 'static,
    {
        let base = EventBase::new()?;
        let ready = Ready::new(base.notifier());
        let runtime = Runtime(Rc::new(Shared {
            base: RefCell::new(base),
            tasks: RefCell::default(),
            ready,
            to_wake: RefCell::default(),
            is_over: Cell::new(false),
        }));
        let _cancelled_at_the_end = CancelAll(&runtime);
        let mut main = runtime.spawn(main(runtime.clone()));
        loop {
            let ready = &runtime.0.ready;
            // Who is woken from now on runs in the next round: the loop has its turn before.
            for _ in 0..ready.len() {
                if let Some(task) = ready.pop() {
                    runtime.poll(task);
                }
            }
            if let Some(ended) = main.take() {
                return Ok(ended.unwrap_or_else(|panic| resume_unwind(panic)));
            }
            let mut how = Loop::ONCE | Loop::NO_EXIT_ON_EMPTY;
            how.set(Loop::NONBLOCK, ready.len() > 0);
            runtime.base().run_loop(how)?;
            runtime.wake_all();
        }
    }
    // ANCHOR_END: run

    // ANCHOR: spawn
    /// Runs `future` beside everything else, as a task of its own. It begins in the next round. When
    /// the runtime has ended, it never begins: it is dropped at once.
    pub fn spawn<T: 'static>(&self, future: impl Future<Output = T> + 'static) -> Task<T> {
        let outcome: Rc<Outcome<T>> = Rc::default();
        let told = Rc::clone(&outcome);
        let id = self.start(async move {
            let mut future = pin!(future);
            // It is done as well when it panics, by that: whoever joins it is to know.
            let ended = poll_fn(|context| {
                match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
                    Ok(polled) => polled.map(Ok),
                    Err(panic) => Poll::Ready(Err(panic)),
                }
            });
            told.tell(ended.await);
        });
        Task::new(self.clone(), id, outcome)
    }

    /// The same for a task that nobody will join or cancel: what comes of it is dropped.
    pub fn spawn_detached(&self, future: impl Future + 'static) {
        self.start(future);
    }

    fn start(&self, future: impl Future + 'static) -> TaskId {
        if self.is_over() {
            return TaskId::default(); // which names nothing
        }
        let future = Box::pin(future);
        self.0.tasks.borrow_mut().insert_with_key(|id| {
            let waker = TaskWaker::queued(id, &self.0.ready);
            Some(Suspended { future, waker })
        })
    }
    // ANCHOR_END: spawn

    // ANCHOR: poll
    /// Lets a task go on until it waits, or is done, or panics.
    fn poll(&self, id: TaskId) {
        let mut tasks = self.0.tasks.borrow_mut();
        let Some(mut task) = tasks.get_mut(id).and_then(Option::take) else {
            return; // woken after its end
        };
        drop(tasks); // which the task may want, to spawn others
        task.waker.is_running();
        let waker = Waker::from(Arc::clone(&task.waker));
        let mut context = Context::from_waker(&waker);
        let polled = contained(|| task.future.as_mut().resume(&mut context));
        if polled == Some(Poll::Pending)
            && let Some(slot) = self.0.tasks.borrow_mut().get_mut(id)
        {
            *slot = Some(task);
        } else {
            self.cancel(id);
            contained(|| drop(task));
        }
    }
    // ANCHOR_END: poll

    // ANCHOR: cancel
    /// The task is no more, with all that it owns; if it is running, when it comes to wait.
    pub(crate) fn cancel(&self, id: TaskId) {
        // Whatever is dropped may cancel and spawn: not before the tasks are given back.
        let cancelled = self.0.tasks.borrow_mut().remove(id);
        contained(|| drop(cancelled));
    }

    pub(crate) fn base(&self) -> RefMut<'_, EventBase> {
        self.0.base.borrow_mut()
    }

    pub(crate) fn is_over(&self) -> bool {
        self.0.is_over.get()
    }
}

/// Tasks own the runtime that owns them, through their sockets: somebody has to begin.
struct CancelAll<'a>(&'a Runtime);

impl Drop for CancelAll<'_> {
    fn drop(&mut self) {
        // Whatever is dropped may spawn: that is dropped at once, from now on.
        self.0.0.is_over.set(true);
        let left: Vec<_> = self.0.0.tasks.borrow().keys().collect();
        left.into_iter().for_each(|id| self.0.cancel(id));
    }
}
// ANCHOR_END: cancel

// ANCHOR: contained
/// Runs what is not the runtime's: a task's code, its destructors, a waker. A panic in there ends
/// here; the panic hook has told of it by now.
fn contained<T>(run: impl FnOnce() -> T) -> Option<T> {
    let ended = catch_unwind(AssertUnwindSafe(run));
    // Even what it panics with may have a destructor that panics.
    let dropped = |panic| mem::forget(catch_unwind(AssertUnwindSafe(|| drop(panic))));
    ended.map_err(dropped).ok()
}
// ANCHOR_END: contained

// ANCHOR: wake
impl Runtime {
    /// For the event loop's callbacks: while they run, the loop has the base. A waker that is not ours
    /// may do anything, and want the base for it; so it is woken when the loop has returned.
    pub(crate) fn wake_later(&self, waker: Waker) {
        self.0.to_wake.borrow_mut().push_back(waker);
    }

    fn wake_all(&self) {
        let next = || self.0.to_wake.borrow_mut().pop_front();
        while let Some(waker) = next() {
            contained(|| waker.wake());
        }
    }
}
// ANCHOR_END: wake
