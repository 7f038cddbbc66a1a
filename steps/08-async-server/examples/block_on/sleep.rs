// ANCHOR: head
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread;
use std::time::Instant;
// ANCHOR_END: head

// ANCHOR: sleep
/// Done when this time has come.
pub(crate) struct Sleep {
    pub(crate) until: Instant,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Poll::Ready(());
        }
        let waker = context.waker().clone();
        thread::spawn(move || {
            thread::sleep(left);
            waker.wake();
        });
        Poll::Pending
    }
}
// ANCHOR_END: sleep
