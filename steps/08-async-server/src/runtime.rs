// ANCHOR: head
use crate::ready::{Ready, TaskId, TaskWaker};
use crate::task::{Outcome, Task};
use event_loop_server::{EventBase, Loop};
use slotmap::SlotMap;
use std::cell::{RefCell, RefMut};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

// ANCHOR_END: head

// ANCHOR: shared
/// Runs tasks on one thread: those that can go on, one after the other; and when there are none, it
/// sleeps in step 05's event loop, whose callbacks wake them.
#[derive(Clone)]
pub struct Runtime(Rc<Shared>);

struct Shared {
    base: RefCell<EventBase>,
    /// None: the task is running just now.
    tasks: RefCell<SlotMap<TaskId, Option<Suspended>>>,
    ready: Arc<Ready>,
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
            if let Some(value) = main.take() {
                return Ok(value);
            }
            let mut how = Loop::ONCE | Loop::NO_EXIT_ON_EMPTY;
            how.set(Loop::NONBLOCK, ready.len() > 0);
            runtime.base().run_loop(how)?;
        }
    }
    // ANCHOR_END: run

    // ANCHOR: spawn
    /// Runs `future` beside everything else, as a task of its own. It begins in the next round.
    pub fn spawn<T: 'static>(&self, future: impl Future<Output = T> + 'static) -> Task<T> {
        let outcome: Rc<Outcome<T>> = Rc::default();
        let told = Rc::clone(&outcome);
        let id = self.start(async move { told.tell(future.await) });
        Task::new(self.clone(), id, outcome)
    }

    /// The same for a task that nobody will join or cancel: what comes of it is dropped.
    pub fn spawn_detached(&self, future: impl Future + 'static) {
        self.start(future);
    }

    fn start(&self, future: impl Future + 'static) -> TaskId {
        let future = Box::pin(future);
        self.0.tasks.borrow_mut().insert_with_key(|id| {
            let waker = TaskWaker::queued(id, &self.0.ready);
            Some(Suspended { future, waker })
        })
    }
    // ANCHOR_END: spawn

    // ANCHOR: poll
    /// Lets a task go on until it waits, or is done.
    fn poll(&self, id: TaskId) {
        let mut tasks = self.0.tasks.borrow_mut();
        let Some(mut task) = tasks.get_mut(id).and_then(Option::take) else {
            return; // woken after its end
        };
        drop(tasks); // which the task may want, to spawn others
        task.waker.is_running();
        let waker = Waker::from(Arc::clone(&task.waker));
        let mut context = Context::from_waker(&waker);
        if task.future.as_mut().resume(&mut context).is_ready() {
            self.0.tasks.borrow_mut().remove(id);
        } else if let Some(slot) = self.0.tasks.borrow_mut().get_mut(id) {
            *slot = Some(task);
        }
    }
    // ANCHOR_END: poll

    // ANCHOR: cancel
    /// The task is no more, with all that it owns; if it is running, when it comes to wait.
    pub(crate) fn cancel(&self, id: TaskId) {
        // Whatever is dropped may cancel and spawn: not before the tasks are given back.
        let cancelled = self.0.tasks.borrow_mut().remove(id);
        drop(cancelled);
    }

    pub(crate) fn base(&self) -> RefMut<'_, EventBase> {
        self.0.base.borrow_mut()
    }
}

/// Tasks own the runtime that owns them, through their sockets: somebody has to begin.
struct CancelAll<'a>(&'a Runtime);

impl Drop for CancelAll<'_> {
    fn drop(&mut self) {
        loop {
            let left: Vec<_> = self.0.0.tasks.borrow().keys().collect();
            if left.is_empty() {
                break;
            }
            // Whatever is dropped may spawn: somebody may be left after these.
            left.into_iter().for_each(|id| self.0.cancel(id));
        }
    }
}
// ANCHOR_END: cancel
