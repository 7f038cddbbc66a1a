use super::{silent, speak};
use event_loop_server::{EventBase, What};
use std::thread;
use std::time::{Duration, Instant};
use subject::processes;

/// How long a thread may take to fall asleep.
const PATIENCE: Duration = Duration::from_secs(10);

/// A thread, for another one that waits until its loop sleeps.
#[derive(Clone, Copy)]
pub(crate) struct ThisThread {
    /// None where the kernel has no number for it.
    number: Option<u32>,
}

impl ThisThread {
    pub(crate) fn current() -> ThisThread {
        #[cfg(target_os = "linux")]
        let number = Some(nix::unistd::gettid().as_raw().unsigned_abs());
        #[cfg(not(target_os = "linux"))]
        let number = None;
        ThisThread { number }
    }

    /// Waits until it sleeps in `epoll_wait(2)`. Where this cannot be seen, it returns at once.
    pub(crate) fn until_asleep(self) {
        let deadline = Instant::now() + PATIENCE;
        while let Some(Ok(call)) = self.number.map(processes::system_call)
            && !call.is_some_and(|name| name.starts_with("epoll"))
        {
            assert!(Instant::now() < deadline, "the loop does not sleep");
            thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Runs the loop until it sleeps: then another thread wakes it. A loop that spins fails.
pub(crate) fn run_until_asleep(base: &mut EventBase) {
    let (socket, peer) = silent();
    let end = base.event_new(socket, What::READ, |base, event, _| {
        base.event_free(event);
        base.loopbreak();
    });
    base.event_add(end, None).expect("it can be watched");
    let the_loop = ThisThread::current();
    thread::scope(|scope| {
        scope.spawn(|| {
            the_loop.until_asleep();
            speak(&peer);
        });
        base.dispatch().expect("it can wait");
    });
}
