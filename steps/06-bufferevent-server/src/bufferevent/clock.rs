use std::time::{Duration, Instant};

/// A time-out that runs while something is waited for, and starts anew whenever something comes.
#[derive(Debug, Default)]
pub(super) struct Clock {
    /// None: it never passes.
    timeout: Option<Duration>,
    /// Since when it runs.
    since: Option<Instant>,
}

impl Clock {
    /// It does not run yet.
    pub(super) fn new(timeout: Option<Duration>) -> Clock {
        Clock {
            timeout,
            since: None,
        }
    }

    /// It is `now`; is something waited for, and has something come?
    pub(super) fn update(&mut self, is_waiting: bool, has_come: bool, now: Instant) {
        if !is_waiting {
            self.since = None;
        } else if has_come || self.since.is_none() {
            self.since = Some(now);
        }
    }

    /// When the time-out passes, if nothing comes. Never, if that is beyond the end of time.
    pub(super) fn due(&self) -> Option<Instant> {
        self.since?.checked_add(self.timeout?)
    }

    /// Is it due?
    pub(super) fn is_over(&self, now: Instant) -> bool {
        self.due().is_some_and(|due| due <= now)
    }

    /// Is it due? Then it stops: a direction that is enabled again has all the time again.
    pub(super) fn has_passed(&mut self, now: Instant) -> bool {
        let is_over = self.is_over(now);
        if is_over {
            self.since = None;
        }
        is_over
    }
}
