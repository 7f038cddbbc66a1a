use crate::results::Held;
use grader::Server;
use load::{Crowd, Trouble};
use std::time::Duration;

/// What a server's processes hold for each of `count` idle clients, each of which has spoken once.
///
/// Memory of their own, as the tour measures it: a page that several processes share counts once,
/// and programs' texts do not count. What the kernel holds for a socket does not either, as it is
/// the same for all. `None` where the system does not tell.
pub(crate) fn measure(
    server: &Server,
    count: usize,
    patience: Duration,
) -> Result<Option<Held>, Trouble> {
    let held = || subject::processes::memory(server.pid().ok()?).ok();
    let _first = Crowd::gather(server.address(), 0, 1, patience)?;
    let before = held();
    let _crowd = Crowd::gather(server.address(), 0, count, patience)?;
    Ok(before.zip(held()).map(|(before, after)| Held {
        at_rest: before,
        per_client: after.saturating_sub(before) as f64 / count as f64,
    }))
}
