use std::thread;
use std::time::{Duration, Instant};

/// Asks again and again, a few milliseconds apart, until it holds or the deadline has passed.
///
/// For what the kernel tells nobody about, such as the end of somebody else's child.
pub fn poll_until(deadline: Instant, mut holds: impl FnMut() -> bool) -> bool {
    loop {
        if holds() {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        thread::sleep(Duration::from_millis(5));
    }
}
