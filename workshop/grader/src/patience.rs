//! How long the judge waits.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long the judge waits for something to happen before it gives up, each time.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// As good as without end.
const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);
static IS_ENDLESS: AtomicBool = AtomicBool::new(false);

/// From now on no server is given up for its silence: somebody holds it in a debugger. Nor is it told
/// that nothing more can come.
pub fn wait_without_end() {
    IS_ENDLESS.store(true, Ordering::Relaxed);
}

/// Is no server given up for its silence?
pub(crate) fn is_endless() -> bool {
    IS_ENDLESS.load(Ordering::Relaxed)
}

/// [`PATIENCE`], or without end.
pub(crate) fn patience() -> Duration {
    at_most(PATIENCE)
}

/// A limit after which a server is given up, or without end.
pub(crate) fn at_most(limit: Duration) -> Duration {
    match is_endless() {
        true => A_DAY,
        false => limit,
    }
}
