// ANCHOR: rest
use shared::server::{REST, must_rest};
use std::io;
use std::time::{Duration, Instant};

/// When a listener is left alone, and for how long.
///
/// Out of descriptors, the client at the listener can be neither accepted nor sent away. A listener
/// that is watched all the same is ready again at once, and the server never sleeps.
#[derive(Debug, Default)]
pub struct Rest {
    until: Option<Instant>,
}

impl Rest {
    /// Accepting has failed: when the system is out of something, a rest begins, of [`REST`].
    pub fn begin_if_scarce(&mut self, error: &io::Error) {
        if must_rest(error) {
            self.until = Some(Instant::now() + REST);
        }
    }

    /// Ends the rest when its time is over. Has it ended just now?
    pub fn end_if_over(&mut self) -> bool {
        let is_over = self.until.is_some_and(|until| until <= Instant::now());
        if is_over {
            self.until = None;
        }
        is_over
    }

    /// Is the listener to be left alone?
    pub fn is_on(&self) -> bool {
        self.until.is_some()
    }
    // ANCHOR_END: rest

    // ANCHOR: time_out
    /// How long a wait may last, in milliseconds, rounded up: as long as the rest; `None` when there
    /// is none.
    pub fn time_out(&self) -> Option<u16> {
        let left = self.until?.saturating_duration_since(Instant::now());
        let rounded_up = left + Duration::from_nanos(999_999);
        Some(u16::try_from(rounded_up.as_millis()).unwrap_or(u16::MAX))
    }
}
// ANCHOR_END: time_out
