use crate::case::Trouble;
use crate::text::Text;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Raises the soft limit of open descriptors to the hard one, for the judge's own clients; the
/// programs that it starts inherit it. Where the system refuses, the old limit stays.
pub fn raise_descriptor_limit() {
    if let Ok((_, hard)) = getrlimit(Resource::RLIMIT_NOFILE) {
        // macOS calls its hard limit infinite and takes no more than OPEN_MAX.
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard, hard)
            .or_else(|_| setrlimit(Resource::RLIMIT_NOFILE, hard.min(10_240), hard));
    }
}

/// The soft limit of open descriptors in force.
pub fn descriptor_limit() -> u64 {
    getrlimit(Resource::RLIMIT_NOFILE).map_or(u64::MAX, |(soft, _)| soft)
}

/// One crowd at a time: two of them beside each other would need twice the descriptors.
static CROWD: Mutex<()> = Mutex::new(());

/// Waits until no other case needs many descriptors. Skips the case, and says what to do, where
/// fewer than `needed` may be open.
pub(crate) fn need_descriptors(needed: u64) -> Result<MutexGuard<'static, ()>, Trouble> {
    let limit = descriptor_limit();
    if limit >= needed {
        return Ok(CROWD.lock().unwrap_or_else(PoisonError::into_inner));
    }
    Err(Trouble::Skipped(Text::new(
        format!(
            "needs {needed} open descriptors, {limit} are allowed here; \
             raise the hard limit first: sudo prlimit --pid $$ --nofile={needed}:{needed}"
        ),
        format!(
            "需要打开 {needed} 个描述符，这里只允许 {limit} 个；\
             先提高硬上限：sudo prlimit --pid $$ --nofile={needed}:{needed}"
        ),
    )))
}
