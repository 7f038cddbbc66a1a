//! A runtime for a test that must end in time, and what a test's main task waits for.

use crate::support::asleep::ThisThread;
use crate::support::watchdog;
use async_server::Runtime;
use std::future::poll_fn;
use std::mem;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::thread;

pub(crate) fn run<T, F>(main: impl FnOnce(Runtime) -> F) -> T
where
    T: 'static,
    F: Future<Output = T> + 'static,
{
    let _watchdog = watchdog();
    Runtime::run(main).expect("there are descriptors")
}

/// Everybody who can go on does so once, and the loop looks around once.
pub(crate) async fn turn() {
    let mut is_over = false;
    poll_fn(|context| {
        if mem::replace(&mut is_over, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

pub(crate) async fn turns(times: usize) {
    for _ in 0..times {
        turn().await;
    }
}

/// Waits until the loop sleeps: then another thread wakes this task. A loop that spins fails.
pub(crate) async fn asleep() {
    let the_loop = ThisThread::current();
    let is_seen = Arc::new(AtomicBool::new(false));
    let mut is_watched = false;
    poll_fn(|context| {
        if is_seen.load(Ordering::SeqCst) {
            return Poll::Ready(());
        }
        if !mem::replace(&mut is_watched, true) {
            let (is_seen, waker) = (Arc::clone(&is_seen), context.waker().clone());
            thread::spawn(move || {
                the_loop.until_asleep();
                is_seen.store(true, Ordering::SeqCst);
                waker.wake();
            });
        }
        Poll::Pending
    })
    .await;
}

/// Lets `future` go on once, by hand.
pub(crate) async fn poll_once<F: Future>(mut future: Pin<&mut F>) -> Poll<F::Output> {
    poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await
}

/// Does `future` wait although nothing more happens, and the loop sleep meanwhile?
pub(crate) async fn waits<F: Future>(mut future: Pin<&mut F>) -> bool {
    let mut asleep = pin!(asleep());
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(_) => Poll::Ready(false),
        Poll::Pending => asleep.as_mut().poll(context).map(|()| true),
    })
    .await
}
