//! What a learner has done, and where they are: one file in `work/`, which people can read.
//!
//! It names steps, tasks and copies by their slugs, and no path: a checkout that is moved, and a tutorial
//! that is newer, find it as it was. What is not understood in it is left as it stands. It is replaced
//! whole ([`terminal::replace_file`]), by one program at a time.
#![cfg(unix)]

mod file;
mod kept;

pub use file::Progress;
pub use kept::Kept;
