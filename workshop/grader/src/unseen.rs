//! What cannot be seen is no fault of a program's: the case is skipped.

use crate::verdict::Trouble;
use subject::NotSeen;
use terminal::text;

impl From<NotSeen> for Trouble {
    fn from(_: NotSeen) -> Trouble {
        Trouble::Skipped(text(
            "it is read from /proc (Linux), which cannot be read here",
            "这一项要读 /proc，只有 Linux 才有",
        ))
    }
}
