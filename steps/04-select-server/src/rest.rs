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
    /// What came of accepting: when the system is out of something, a rest begins, of [`REST`].
    pub fn begin_if_scarce(&mut self, accepted: io::Result<()>) {
        if accepted.is_err_and(|error| must_rest(&error)) {
            self.until = Some(Instant::now() + REST);
        }
    }

    /// How long it will last, in milliseconds, rounded up; `None` when the listener is to be
    /// watched.
    pub fn milliseconds_left(&self) -> Option<u16> {
        let left = self.until?.saturating_duration_since(Instant::now());
        let rounded_up = left + Duration::from_nanos(999_999);
        let milliseconds = u16::try_from(rounded_up.as_millis()).unwrap_or(u16::MAX);
        (milliseconds > 0).then_some(milliseconds)
    }
}
