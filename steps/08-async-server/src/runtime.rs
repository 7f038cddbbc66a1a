// ANCHOR: head
use crate::run_queue::{RunQueue, TaskId, TaskWaker};
use event_loop_server::{EventBase, Loop};
use slotmap::{Key, SlotMap};
use std::cell::{Cell, RefCell, RefMut};
use std::collections::VecDeque;
use std::io;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
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
/// it, as of every panic, and the others go on.
///
/// A clone may be kept for longer than [`Runtime::run`] runs. Nothing is waited for then any more.
#[derive(Clone)]
pub struct Runtime(Rc<Shared>);

struct Shared {
    base: RefCell<EventBase>,
    /// None: the task is running at the moment.
    tasks: RefCell<SlotMap<TaskId, Option<Suspended>>>,
    queue: Arc<RunQueue>,
    /// Wakers that the event loop's callbacks have taken: they are called when the loop has returned.
    to_wake: RefCell<VecDeque<Waker>>,
    /// Nobody runs the tasks any more.
    is_over: Cell<bool>,
}

/// A task that waits to go on.
struct Suspended {
    future: Pin<Box<dyn Resume>>,
    waker: Arc<TaskWaker>,
}
// ANCHOR_END: shared

// ANCHOR: new
impl Runtime {
    fn new() -> io::Result<Runtime> {
        let base = EventBase::new()?;
        let queue = RunQueue::new(base.notifier());
        Ok(Runtime(Rc::new(Shared {
            base: RefCell::new(base),
            tasks: RefCell::default(),
            queue,
            to_wake: RefCell::default(),
            is_over: Cell::new(false),
        })))
    }

    pub(crate) fn base(&self) -> RefMut<'_, EventBase> {
        self.0.base.borrow_mut()
    }

    pub(crate) fn is_over(&self) -> bool {
        self.0.is_over.get()
    }
}
// ANCHOR_END: new

// ANCHOR: spawn
impl Runtime {
    /// Runs `future` beside everything else, as a task of its own: nobody will join it, and what
    /// comes of it is dropped. It begins in the next round. When the runtime has ended, it never
    /// begins: it is dropped at once.
    pub fn spawn_detached(&self, future: impl Future + 'static) {
        self.start(future);
    }

    pub(crate) fn start(&self, future: impl Future + 'static) -> TaskId {
        if self.is_over() {
            return TaskId::null();
        }
        let future = Box::pin(future);
        self.0.tasks.borrow_mut().insert_with_key(|id| {
            let waker = TaskWaker::queued(id, &self.0.queue);
            Some(Suspended { future, waker })
        })
    }
}

/// A future of any kind, whatever comes of it.
trait Resume {
    fn resume(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()>;
}

impl<F: Future> Resume for F {
    fn resume(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.poll(context).map(drop)
    }
}
// ANCHOR_END: spawn

// ANCHOR: poll
impl Runtime {
    /// Lets a task go on until it waits, or is done, or panics.
    fn poll(&self, id: TaskId) {
        let mut tasks = self.0.tasks.borrow_mut();
        let Some(mut task) = tasks.get_mut(id).and_then(Option::take) else {
            return; // woken after its end
        };
        drop(tasks); // which the task may want, to spawn others
        task.waker.mark_running();
        let waker = Waker::from(Arc::clone(&task.waker));
        let mut context = Context::from_waker(&waker);
        let polled = contained(|| task.future.as_mut().resume(&mut context));
        if polled == Some(Poll::Pending)
            && let Some(slot) = self.0.tasks.borrow_mut().get_mut(id)
        {
            *slot = Some(task);
        } else {
            // It is done, or has panicked, or was cancelled while it ran.
            self.cancel(id);
            contained(|| drop(task));
        }
    }
}
// ANCHOR_END: poll

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
    pub fn run<F: Future>(main: impl FnOnce(Runtime) -> F) -> io::Result<F::Output> {
        let runtime = Runtime::new()?;
        let queue = &runtime.0.queue;
        let _cancelled_at_the_end = CancelAll(&runtime);
        let mut main = pin!(main(runtime.clone()));
        // It is on this stack, not in the table, and queues under the name that no task has.
        let main_waker = TaskWaker::queued(TaskId::null(), queue);
        let waker = Waker::from(Arc::clone(&main_waker));
        let mut context = Context::from_waker(&waker);
        loop {
            // What is woken from now on runs in the next round: the event loop has its turn before.
            for _ in 0..queue.len() {
                let Some(task) = queue.pop() else { break };
                if !task.is_null() {
                    runtime.poll(task);
                    continue;
                }
                main_waker.mark_running();
                if let Poll::Ready(output) = main.as_mut().poll(&mut context) {
                    return Ok(output);
                }
            }
            runtime.wait()?;
        }
    }
}
// ANCHOR_END: run

// ANCHOR: wait
impl Runtime {
    /// Sleeps until the event loop has called somebody back; while tasks can go on, it only looks.
    fn wait(&self) -> io::Result<()> {
        // With no event pending, another thread may still wake a task.
        let mut how = Loop::ONCE | Loop::NO_EXIT_ON_EMPTY;
        how.set(Loop::NONBLOCK, self.0.queue.len() > 0);
        self.base().run_loop(how)?;
        // A closure: in the head of a `while let`, the borrow would last through the body.
        let next = || self.0.to_wake.borrow_mut().pop_front();
        while let Some(waker) = next() {
            contained(|| waker.wake());
        }
        Ok(())
    }
}
// ANCHOR_END: wait

// ANCHOR: wake_later
impl Runtime {
    /// For the event loop's callbacks: while they run, the loop has the base. A waker that is not ours
    /// may do anything, and want the base for it; so it is woken when the loop has returned.
    pub(crate) fn wake_later(&self, waker: Waker) {
        self.0.to_wake.borrow_mut().push_back(waker);
    }
}
// ANCHOR_END: wake_later

// ANCHOR: contained
/// Runs what is not the runtime's: a task's code, its destructors, a waker. A panic in there ends
/// here; the panic hook has told of it by now.
fn contained<T>(run: impl FnOnce() -> T) -> Option<T> {
    let ended = catch_unwind(AssertUnwindSafe(run));
    // The value it panics with may panic in its destructor; what comes of that is leaked, since it
    // might panic once more.
    let dropped = |panic| mem::forget(catch_unwind(AssertUnwindSafe(|| drop(panic))));
    ended.map_err(dropped).ok()
}
// ANCHOR_END: contained

// ANCHOR: cancel
impl Runtime {
    /// Ends a task: it is dropped with all that it owns; if it is running, when it comes to wait.
    pub(crate) fn cancel(&self, id: TaskId) {
        // What is dropped may cancel and spawn, and borrow the table for it: this borrow ends first.
        let cancelled = self.0.tasks.borrow_mut().remove(id);
        contained(|| drop(cancelled));
    }
}

/// At its end, drops all tasks. The runtime owns them, and they own it, through their sockets: a
/// cycle, which is broken here.
struct CancelAll<'a>(&'a Runtime);

impl Drop for CancelAll<'_> {
    fn drop(&mut self) {
        let CancelAll(runtime) = self;
        // Whatever is dropped may spawn: that is dropped at once, from now on.
        runtime.0.is_over.set(true);
        let left: Vec<TaskId> = runtime.0.tasks.borrow().keys().collect();
        for id in left {
            runtime.cancel(id);
        }
    }
}
// ANCHOR_END: cancel
