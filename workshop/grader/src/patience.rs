use std::time::Duration;

/// How long the judge waits for something to happen before it gives up, each time.
pub const PATIENCE: Duration = Duration::from_secs(5);
