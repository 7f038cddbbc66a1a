// ANCHOR: head
use crate::Runtime;
use event_loop_server::{Event, What};
use std::cell::Cell;
use std::fmt;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
// ANCHOR_END: head

// ANCHOR: sleep
/// A timer of step 05's loop that wakes a task.
///
/// # Panics
///
/// When it is awaited after its runtime has ended: its time would not come.
pub struct Sleep {
    runtime: Runtime,
    timer: Event,
    waker: Rc<Cell<Option<Waker>>>,
}

impl Runtime {
    /// Done when `after` has passed, from now on.
    pub fn sleep(&self, after: Duration) -> Sleep {
        let waker: Rc<Cell<Option<Waker>>> = Rc::default();
        let (woken, runtime) = (Rc::clone(&waker), self.clone());
        let mut base = self.base();
        let timer = base.evtimer_new(What::empty(), move |_, _, _| {
            if let Some(waker) = woken.take() {
                runtime.wake_later(waker);
            }
        });
        // A timer has nothing that the kernel could refuse.
        let _ = base.event_add(timer, Some(after));
        Sleep {
            runtime: self.clone(),
            timer,
            waker,
        }
    }
}
// ANCHOR_END: sleep

// ANCHOR: poll
impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if !self.runtime.base().is_pending(self.timer) {
            return Poll::Ready(());
        }
        assert!(
            !self.runtime.is_over(),
            "`Sleep` awaited after its runtime has ended"
        );
        self.waker.set(Some(context.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.runtime.base().event_free(self.timer);
    }
}
// ANCHOR_END: poll

// ANCHOR: timeout
impl Runtime {
    /// What comes of `future`, if it comes before `after` has passed. If not, `future` is dropped,
    /// and cancelled with that: it waits for nothing any more.
    ///
    /// # Errors
    ///
    /// [`Elapsed`]: the time has passed.
    pub async fn timeout<T>(
        &self,
        after: Duration,
        future: impl Future<Output = T>,
    ) -> Result<T, Elapsed> {
        let mut sleep = self.sleep(after);
        let mut future = pin!(future); // which may hold references into itself; `Sleep` does not
        poll_fn(|context| {
            // First the future: what has come in time counts.
            if let Poll::Ready(value) = future.as_mut().poll(context) {
                return Poll::Ready(Ok(value));
            }
            Pin::new(&mut sleep).poll(context).map(|()| Err(Elapsed))
        })
        .await
    }
}
// ANCHOR_END: timeout

// ANCHOR: elapsed
/// The time has passed, and what was waited for has not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elapsed;

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the time has passed")
    }
}

impl std::error::Error for Elapsed {}

impl From<Elapsed> for io::Error {
    fn from(elapsed: Elapsed) -> io::Error {
        io::Error::new(ErrorKind::TimedOut, elapsed)
    }
}
// ANCHOR_END: elapsed
