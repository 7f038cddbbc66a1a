// ANCHOR: queue
use event_loop_server::Notifier;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::Wake;
use std::thread::{self, ThreadId};

slotmap::new_key_type! {
    /// The name of a task. When the task is over, it names nothing any more.
    pub(crate) struct TaskId;
}

/// The tasks that can go on, in the order in which they were woken.
pub(crate) struct RunQueue {
    tasks: Mutex<VecDeque<TaskId>>,
    /// The thread that runs the tasks, and what ends its sleep when another one wakes a task.
    home: ThreadId,
    notifier: Notifier,
}
// ANCHOR_END: queue

// ANCHOR: waker
/// What wakes one task: its name, and the way to the queue. It holds nothing of the task itself, nor
/// of the runtime, whose descriptors are closed at its end: so it can be kept for longer than both,
/// and by any thread.
pub(crate) struct TaskWaker {
    task: TaskId,
    /// Woken twice, a task runs once.
    is_queued: AtomicBool,
    queue: Weak<RunQueue>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.is_queued.swap(true, Ordering::AcqRel)
            && let Some(queue) = self.queue.upgrade()
        {
            queue.push(self.task);
        }
    }
}
// ANCHOR_END: waker

// ANCHOR: flag
impl TaskWaker {
    /// For a new task, which is to run for the first time.
    pub(crate) fn queued(task: TaskId, queue: &Arc<RunQueue>) -> Arc<TaskWaker> {
        queue.push(task);
        Arc::new(TaskWaker {
            task,
            is_queued: AtomicBool::new(true),
            queue: Arc::downgrade(queue),
        })
    }

    /// Its task begins to run: whoever wakes it from now on has news.
    pub(crate) fn mark_running(&self) {
        // Swapped, not stored: a waker that finds the flag set pushes nothing. What its thread wrote
        // before is seen by this run only because it reads the flag as it clears it.
        self.is_queued.swap(false, Ordering::AcqRel);
    }
}
// ANCHOR_END: flag

// ANCHOR: push
impl RunQueue {
    pub(crate) fn new(notifier: Notifier) -> Arc<RunQueue> {
        Arc::new(RunQueue {
            tasks: Mutex::default(),
            home: thread::current().id(),
            notifier,
        })
    }

    fn push(&self, task: TaskId) {
        self.lock().push_back(task);
        if thread::current().id() != self.home {
            // It cannot fail: the loop has opened what it takes.
            let _ = self.notifier.notify();
        }
    }

    pub(crate) fn pop(&self) -> Option<TaskId> {
        self.lock().pop_front()
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<TaskId>> {
        // Whoever holds it does nothing that could panic halfway.
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
// ANCHOR_END: push
