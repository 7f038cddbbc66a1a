use crate::case::Trouble;
use std::sync::{Mutex, MutexGuard, PoisonError};
use subject::descriptor_limit;
use terminal::Text;

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
