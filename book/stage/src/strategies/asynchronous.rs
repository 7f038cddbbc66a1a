//! Chapter 8: a task for every connection, on one thread, above an event loop.

use super::readiness::ACCEPTS_PER_TURN;
use crate::by_fd::ByFd;
use crate::call::{Errno, Fd, Interest, LISTENER};
use crate::process::{Sys, Task, TaskState, Watch};
use conversation::LineCodec;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

type Future = Pin<Box<dyn std::future::Future<Output = ()>>>;

/// A descriptor names its task: each has one.
#[derive(Default)]
struct Runtime {
    tasks: ByFd<Slot>,
    queue: VecDeque<Fd>,
    born: Vec<(Fd, Future)>,
}

struct Slot {
    /// None: it is being polled.
    future: Option<Future>,
    /// What it waits for, if it does, and what the kernel watches.
    waits: bool,
    watched: Interest,
}

type Shared = Rc<RefCell<Runtime>>;

/// Waits until a descriptor is ready, and lets the task's own thread run others meanwhile.
async fn readiness(sys: &Sys, runtime: &Shared, fd: Fd, interest: Interest) {
    let before = {
        let mut runtime = runtime.borrow_mut();
        let slot = runtime.tasks.get_mut(fd);
        slot.map_or(interest, |slot| {
            std::mem::replace(&mut slot.watched, interest)
        })
    };
    if before != interest {
        let is_new = before.is_nothing();
        sys.watch(
            "ready",
            fd,
            interest,
            Watch {
                edge: false,
                is_new,
            },
        )
        .await;
    }
    if let Some(slot) = runtime.borrow_mut().tasks.get_mut(fd) {
        slot.waits = true;
    }
    let mut is_first = true;
    poll_fn(|_| match std::mem::take(&mut is_first) {
        true => Poll::Pending,
        false => Poll::Ready(()),
    })
    .await;
}

/// Step 08's `converse`, line by line.
async fn converse(sys: Sys, runtime: Shared, fd: Fd) {
    let _ = talk(&sys, &runtime, fd).await;
    let watched = runtime
        .borrow()
        .tasks
        .get(fd)
        .is_some_and(|it| !it.watched.is_nothing());
    if watched {
        sys.unwatch("converse", fd).await;
    }
    sys.close("converse", fd).await;
}

async fn talk(sys: &Sys, runtime: &Shared, fd: Fd) -> Result<(), Errno> {
    let mut codec = LineCodec::new();
    loop {
        let received = loop {
            readiness(sys, runtime, fd, Interest::READ).await;
            match sys.recv("receive", fd, false).await {
                Err(Errno::WouldBlock) => {}
                received => break received?,
            }
        };
        if received.is_empty() {
            break;
        }
        send(sys, runtime, "send", fd, &codec.feed(&received)).await?;
    }
    send(sys, runtime, "last", fd, &codec.finish()).await
}

async fn send(
    sys: &Sys,
    runtime: &Shared,
    at: &'static str,
    fd: Fd,
    mut bytes: &[u8],
) -> Result<(), Errno> {
    while !bytes.is_empty() {
        let taken = match sys.send(at, fd, bytes, false).await {
            Err(Errno::WouldBlock) => 0,
            taken => taken?,
        };
        bytes = &bytes[taken..];
        if taken == 0 {
            let write = Interest {
                read: false,
                write: true,
            };
            readiness(sys, runtime, fd, write).await;
        }
    }
    Ok(())
}

async fn accepting(sys: Sys, runtime: Shared) {
    let mut left = 0;
    loop {
        if left == 0 {
            readiness(&sys, &runtime, LISTENER, Interest::READ).await;
            left = ACCEPTS_PER_TURN;
        }
        left -= 1;
        match sys.accept("accept", false).await {
            Ok(fd) => {
                let task = Box::pin(converse(sys.clone(), Rc::clone(&runtime), fd));
                runtime.borrow_mut().born.push((fd, task));
            }
            Err(_) => left = 0,
        }
    }
}

/// The runtime: whoever is woken is polled; when nobody is, it sleeps in the event loop.
pub(super) async fn serve(sys: Sys) {
    let runtime = Shared::default();
    let main = Box::pin(accepting(sys.clone(), Rc::clone(&runtime)));
    runtime.borrow_mut().born.push((LISTENER, main));
    runtime.borrow_mut().adopt(&sys);
    loop {
        // What is woken from now on runs in the next round.
        let turns = runtime.borrow().queue.len();
        for _ in 0..turns {
            poll_next(&sys, &runtime).await;
        }
        runtime.borrow_mut().adopt(&sys);
        // While tasks can go on, it only looks.
        let sleeps = runtime.borrow().queue.is_empty();
        let ready = match sleeps {
            true => sys.epoll_wait("run").await,
            false => sys.epoll_look("run").await,
        };
        for (fd, _) in ready {
            let mut runtime = runtime.borrow_mut();
            if let Some(slot) = runtime.tasks.get_mut(fd)
                && std::mem::take(&mut slot.waits)
            {
                runtime.queue.push_back(fd);
            }
        }
        runtime.borrow().show(&sys, None);
    }
}

async fn poll_next(sys: &Sys, runtime: &Shared) {
    let taken = {
        let mut runtime = runtime.borrow_mut();
        let fd = runtime.queue.pop_front();
        fd.and_then(|fd| Some((fd, runtime.tasks.get_mut(fd)?.future.take()?)))
    };
    let Some((fd, mut future)) = taken else {
        return;
    };
    runtime.borrow().show(sys, Some(fd));
    let is_done = poll_fn(
        |context: &mut Context<'_>| match future.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(true),
            // A call is under way: the thread waits for it, and with it all tasks.
            Poll::Pending if sys.is_calling() => Poll::Pending,
            Poll::Pending => Poll::Ready(false),
        },
    )
    .await;
    let mut runtime = runtime.borrow_mut();
    if is_done {
        runtime.tasks.remove(fd);
    } else if let Some(slot) = runtime.tasks.get_mut(fd) {
        slot.future = Some(future);
    }
    runtime.show(sys, None);
}

impl Runtime {
    /// Tasks that were spawned: they stand in the queue from the beginning.
    fn adopt(&mut self, sys: &Sys) {
        for (fd, future) in std::mem::take(&mut self.born) {
            let slot = Slot {
                future: Some(future),
                waits: false,
                watched: Interest::default(),
            };
            self.tasks.insert(fd, slot);
            self.queue.push_back(fd);
        }
        self.show(sys, None);
    }

    fn show(&self, sys: &Sys, polled: Option<Fd>) {
        let tasks = self.tasks.iter().map(|(fd, _)| Task {
            fd,
            state: match () {
                () if polled == Some(fd) => TaskState::Polled,
                () if self.queue.contains(&fd) => TaskState::Woken,
                () => TaskState::Pending,
            },
        });
        sys.show(tasks.collect());
    }
}
