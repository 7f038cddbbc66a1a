//! What runs on the server's side: processes and threads, each in one system call at a time.

use crate::call::{Answer, Call, Completion, Errno, Fd, Interest, Operation};
use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

/// What a process or a thread does, from its beginning.
pub(crate) type Program = Box<dyn FnOnce(Sys) -> Life>;

/// The same, under way.
pub(crate) type Life = Pin<Box<dyn Future<Output = ()>>>;

/// What a program finds of the system: the calls, each of which ends when the machine lets it.
#[derive(Clone)]
pub(crate) struct Sys(Rc<RefCell<Slot>>);

/// Between a program and the machine: a call that has been made, or what has come of it.
#[derive(Default)]
pub(crate) struct Slot {
    pub(crate) call: Option<Call>,
    /// Where in the listing the call stands.
    pub(crate) at: &'static str,
    pub(crate) answer: Option<Answer>,
    /// What a runtime in the program says of its tasks.
    pub(crate) tasks: Vec<Task>,
}

/// A task of an asynchronous runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Task {
    /// The descriptor whose task it is.
    pub(crate) fd: Fd,
    pub(crate) state: TaskState,
}

/// Where a task is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TaskState {
    /// It waits; nobody polls it.
    Pending,
    /// It stands in the queue.
    Woken,
    /// It is being polled.
    Polled,
}

impl Sys {
    pub(crate) fn new() -> (Sys, Rc<RefCell<Slot>>) {
        let slot = Rc::default();
        (Sys(Rc::clone(&slot)), slot)
    }

    /// Is a call under way? Then the process waits for it, and not for anything in its own program.
    pub(crate) fn is_calling(&self) -> bool {
        let slot = self.0.borrow();
        slot.call.is_some() || slot.answer.is_some()
    }

    pub(crate) fn show(&self, tasks: Vec<Task>) {
        self.0.borrow_mut().tasks = tasks;
    }

    fn make(&self, at: &'static str, call: Call) -> impl Future<Output = Answer> {
        let mut call = Some(call);
        poll_fn(move |_| {
            let mut slot = self.0.borrow_mut();
            if let Some(call) = call.take() {
                slot.at = at;
                slot.call = Some(call);
            }
            match slot.answer.take() {
                Some(answer) => Poll::Ready(answer),
                None => Poll::Pending,
            }
        })
    }

    pub(crate) async fn accept(&self, at: &'static str, sleeps: bool) -> Result<Fd, Errno> {
        match self.make(at, Call::Accept { sleeps }).await {
            Answer::Fd(fd) => Ok(fd),
            answer => Err(failed(answer)),
        }
    }

    pub(crate) async fn recv(
        &self,
        at: &'static str,
        fd: Fd,
        sleeps: bool,
    ) -> Result<Vec<u8>, Errno> {
        self.recv_at_most(at, fd, conversation::RECEIVE_SIZE, sleeps)
            .await
    }

    pub(crate) async fn recv_at_most(
        &self,
        at: &'static str,
        fd: Fd,
        size: usize,
        sleeps: bool,
    ) -> Result<Vec<u8>, Errno> {
        match self.make(at, Call::Recv { fd, size, sleeps }).await {
            Answer::Bytes(bytes) => Ok(bytes),
            answer => Err(failed(answer)),
        }
    }

    pub(crate) async fn send(
        &self,
        at: &'static str,
        fd: Fd,
        bytes: &[u8],
        sleeps: bool,
    ) -> Result<usize, Errno> {
        let call = Call::Send {
            fd,
            bytes: bytes.to_vec(),
            taken: 0,
            sleeps,
        };
        match self.make(at, call).await {
            Answer::Count(count) => Ok(count),
            answer => Err(failed(answer)),
        }
    }

    pub(crate) async fn close(&self, at: &'static str, fd: Fd) {
        self.make(at, Call::Close { fd }).await;
    }

    pub(crate) async fn fork(&self, at: &'static str, child: impl FnOnce(Sys) -> Life + 'static) {
        self.make(at, Call::Fork(Box::new(child))).await;
    }

    pub(crate) async fn thread(
        &self,
        at: &'static str,
        thread: impl FnOnce(Sys) -> Life + 'static,
    ) {
        self.make(at, Call::Thread(Box::new(thread))).await;
    }

    /// The next child that has ended and was not asked after yet.
    pub(crate) async fn reap(&self, at: &'static str) -> Option<usize> {
        match self.make(at, Call::Reap).await {
            Answer::Child(child) => child,
            _ => None,
        }
    }

    pub(crate) async fn put(&self, at: &'static str, fd: Fd) {
        self.make(at, Call::Put { fd }).await;
    }

    pub(crate) async fn take(&self, at: &'static str) -> Fd {
        match self.make(at, Call::Take).await {
            Answer::Fd(fd) => fd,
            answer => unreachable!("{answer:?}"),
        }
    }

    pub(crate) async fn select(
        &self,
        at: &'static str,
        asked: Vec<(Fd, Interest)>,
    ) -> Vec<(Fd, Interest)> {
        ready(self.make(at, Call::Select { asked }).await)
    }

    pub(crate) async fn poll(
        &self,
        at: &'static str,
        asked: Vec<(Fd, Interest)>,
    ) -> Vec<(Fd, Interest)> {
        ready(self.make(at, Call::Poll { asked }).await)
    }

    pub(crate) async fn watch(&self, at: &'static str, fd: Fd, interest: Interest, how: Watch) {
        let call = Call::Watch {
            fd,
            interest,
            edge: how.edge,
            is_new: how.is_new,
        };
        self.make(at, call).await;
    }

    pub(crate) async fn unwatch(&self, at: &'static str, fd: Fd) {
        self.make(at, Call::Unwatch { fd }).await;
    }

    pub(crate) async fn epoll_wait(&self, at: &'static str) -> Vec<(Fd, Interest)> {
        ready(self.make(at, Call::EpollWait { sleeps: true }).await)
    }

    /// The same with a time-out of zero.
    pub(crate) async fn epoll_look(&self, at: &'static str) -> Vec<(Fd, Interest)> {
        ready(self.make(at, Call::EpollWait { sleeps: false }).await)
    }

    pub(crate) async fn enter(&self, at: &'static str, started: Vec<Operation>) -> Vec<Completion> {
        match self.make(at, Call::Enter { started }).await {
            Answer::Completions(done) => done,
            answer => unreachable!("{answer:?}"),
        }
    }

    pub(crate) async fn exit(&self, at: &'static str) {
        self.make(at, Call::Exit).await;
    }
}

/// How a descriptor is watched.
#[derive(Clone, Copy)]
pub(crate) struct Watch {
    pub(crate) edge: bool,
    pub(crate) is_new: bool,
}

fn ready(answer: Answer) -> Vec<(Fd, Interest)> {
    match answer {
        Answer::Ready(ready) => ready,
        answer => unreachable!("{answer:?}"),
    }
}

fn failed(answer: Answer) -> Errno {
    match answer {
        Answer::Failed(errno) => errno,
        answer => unreachable!("{answer:?}"),
    }
}
