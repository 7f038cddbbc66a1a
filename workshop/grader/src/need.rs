//! What a program needs that not every system has. The judge finds out by itself, before it starts the
//! program: one that ends at once might have any reason.

use serde::Deserialize;
use std::sync::OnceLock;
use terminal::{Text, text};

/// What not every system has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// Linux's `io_uring(7)` with what it can do since 6.1.
    IoUring,
}

impl Need {
    /// Why it is not to be had here; `None` where it is.
    pub fn missing(self) -> Option<&'static Text> {
        // Asked once: what is said of one case must hold for the next.
        static IO_URING: OnceLock<Option<Text>> = OnceLock::new();
        match self {
            Need::IoUring => IO_URING.get_or_init(why_no_io_uring).as_ref(),
        }
    }
}

#[cfg(target_os = "linux")]
fn why_no_io_uring() -> Option<Text> {
    use nix::errno::Errno;
    use subject::Tried;

    Some(match subject::try_io_uring()? {
        Tried::Fails(Errno::EPERM) => text(
            "io_uring is forbidden here: by a container's filter, or by kernel.io_uring_disabled",
            "这里禁用了 io_uring：要么是容器的过滤器，要么是 kernel.io_uring_disabled",
        ),
        Tried::Kills => text(
            "io_uring is forbidden here: a container's filter kills whoever asks for it",
            "这里禁用了 io_uring：容器的过滤器会杀死调用它的进程",
        ),
        Tried::Fails(Errno::ENOSYS | Errno::EINVAL) => text(
            "it needs io_uring as Linux has it since 6.1, which this kernel has not, or a filter hides",
            "需要 Linux 6.1 起的 io_uring，这个内核没有，或者被过滤器挡着",
        ),
        // Whatever else it is may pass, and is the program's to tell.
        Tried::Works | Tried::Fails(_) => return None,
    })
}

#[cfg(not(target_os = "linux"))]
fn why_no_io_uring() -> Option<Text> {
    Some(text(
        "it needs io_uring, which only Linux has",
        "需要 io_uring，只有 Linux 才有",
    ))
}
