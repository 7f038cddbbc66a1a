use crate::deadline::Deadline;
use crate::verdict::Trouble;
use nix::errno::Errno;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use subject::descriptor_limit;
use terminal::{Text, chinese};

/// One crowd at a time: two of them beside each other would need twice the descriptors.
static CROWD: Mutex<()> = Mutex::new(());

/// Waits until no other case needs many descriptors. Skips the case, and says what to do, where
/// fewer than `needed` may be open.
pub(crate) fn need_descriptors(needed: u64) -> Result<MutexGuard<'static, ()>, Trouble> {
    let limit = descriptor_limit();
    if limit >= needed {
        let alone = CROWD.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever was here before had time of his own.
        Deadline::begin_again();
        return Ok(alone);
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

/// A skipped case: the judge itself needs a thread for it, and gets none.
pub(crate) fn no_thread(error: &io::Error) -> Trouble {
    Trouble::Skipped(Text::new(
        format!("the judge gets no thread here: {error}"),
        format!("这里评判程序要不到线程：{}", chinese(error)),
    ))
}

/// A skipped case: the judge itself needs a process, a thread, memory or descriptors for it, and gets none;
/// `None` where something else is the matter.
pub(crate) fn is_lacking(error: &io::Error) -> Option<Trouble> {
    let lacks = [Errno::EAGAIN, Errno::ENOMEM, Errno::EMFILE, Errno::ENFILE];
    let is_lacking = lacks.map(|errno| errno as i32);
    is_lacking.contains(&error.raw_os_error()?).then(|| {
        Trouble::Skipped(Text::new(
            format!("the judge cannot start a program here: {error}"),
            format!("这里评判程序启动不了任何程序：{}", chinese(error)),
        ))
    })
}
