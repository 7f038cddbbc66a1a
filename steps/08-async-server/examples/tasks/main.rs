// ANCHOR: head
//! `cargo run -q -p async-server --example tasks`: several futures, on one thread.

#[path = "../block_on/sleep.rs"]
mod sleep;

use sleep::Sleep;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};
// ANCHOR_END: head

// ANCHOR: waker
/// Says which task is to be polled.
struct TaskWaker {
    task: usize,
    queue: Sender<usize>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        // When all tasks are done, nobody receives any more.
        let _ = self.queue.send(self.task);
    }
}
// ANCHOR_END: waker

// ANCHOR: run
type Task = Pin<Box<dyn Future<Output = io::Result<()>>>>;

/// Runs all of them to their ends, or one of them to an error.
fn run(futures: Vec<Task>) -> io::Result<()> {
    let (queue, woken) = mpsc::channel();
    let mut tasks = BTreeMap::new();
    for (task, future) in futures.into_iter().enumerate() {
        let queue = queue.clone();
        let waker = Waker::from(Arc::new(TaskWaker { task, queue }));
        // The first time, it is polled without having asked for it.
        waker.wake_by_ref();
        tasks.insert(task, (future, waker));
    }
    while !tasks.is_empty() {
        let task = woken.recv().expect("`queue` is still there");
        let Some((future, waker)) = tasks.get_mut(&task) else {
            continue; // woken after its end
        };
        let mut context = Context::from_waker(waker);
        if let Poll::Ready(ended) = future.as_mut().poll(&mut context) {
            ended?;
            tasks.remove(&task);
        }
    }
    Ok(())
}
// ANCHOR_END: run

// ANCHOR: main
async fn count_down(name: &str, pace: Duration) -> io::Result<()> {
    for left in [2, 1] {
        writeln!(io::stdout(), "{name} {left}")?;
        let until = Instant::now() + pace;
        Sleep { until }.await;
    }
    writeln!(io::stdout(), "{name} go")
}

fn main() -> io::Result<()> {
    let fast = count_down("fast", Duration::from_millis(300));
    let slow = count_down("slow", Duration::from_millis(1_000));
    run(vec![Box::pin(fast), Box::pin(slow)])
}
// ANCHOR_END: main

#[cfg(test)]
mod tests;
