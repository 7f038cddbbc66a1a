//! Does a server that has nothing to do really sleep?

use crate::case::{Trouble, Verdict};
use crate::evidence::Evidence;
use crate::processes;
use crate::server::Server;
use crate::text::Text;
use std::thread;
use std::time::Duration;

/// For how long it is watched.
const WATCHED: Duration = Duration::from_secs(1);
/// How much processor time it may use meanwhile: a few ticks of the clock that counts it.
const MAY_USE: Duration = Duration::from_millis(50);

/// Watches a server that has nothing to do. What it usually means when it does something all the
/// same, `meaning` says.
pub(super) fn must_rest(server: &Server, meaning: &Text) -> Verdict {
    let pid = server.pid()?;
    let before = processes::cpu(pid)?;
    // What is measured is a stretch of time: nothing is waited for.
    thread::sleep(WATCHED);
    let used = processes::cpu(pid)?.saturating_sub(before);
    if used <= MAY_USE {
        return Ok(());
    }
    let evidence = Evidence::Finding {
        expected: Text::new(
            format!("at most {MAY_USE:?} of processor time in {WATCHED:?} with nothing to do"),
            format!("无事可做的 {WATCHED:?} 里，最多用 {MAY_USE:?} CPU 时间"),
        ),
        found: Text::new(format!("{used:?}"), format!("{used:?}")),
    };
    Err(Trouble::failed(evidence, meaning))
}
