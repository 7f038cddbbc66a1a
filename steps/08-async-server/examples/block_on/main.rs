// ANCHOR: head
//! `cargo run -q -p async-server --example block_on`: one future, run to its end, and what it
//! answers each time that it is asked.

mod sleep;

use sleep::Sleep;
use std::future::poll_fn;
use std::io::{self, Write};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};
// ANCHOR_END: head

// ANCHOR: block_on
/// Runs `future` to its end. While it waits, the thread sleeps.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(ThreadWaker(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}
// ANCHOR_END: block_on

// ANCHOR: waker
/// Ends the sleep of one thread.
struct ThreadWaker(Thread);

impl Wake for ThreadWaker {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
// ANCHOR_END: waker

// ANCHOR: count_down
async fn count_down() -> io::Result<()> {
    for left in [2, 1] {
        writeln!(io::stdout(), "{left}")?;
        let until = Instant::now() + Duration::from_millis(500);
        Sleep { until }.await;
    }
    writeln!(io::stdout(), "go")
}
// ANCHOR_END: count_down

// ANCHOR: main
fn main() -> io::Result<()> {
    let mut future = pin!(count_down());
    block_on(poll_fn(|context| {
        let answer = future.as_mut().poll(context);
        let said = if answer.is_ready() {
            "ready"
        } else {
            "not yet"
        };
        writeln!(io::stdout(), "  asked, it says: {said}")?;
        answer
    }))
}
// ANCHOR_END: main

#[cfg(test)]
mod tests;
