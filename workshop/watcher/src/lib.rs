//! Notices that somebody has saved a file, for whoever builds and runs again then.
//!
//! * [`Sources`]: which files count. [`Stamp`]: their state at one moment.
//! * [`Watcher`]: calls when that has become another, and stands still again.
//!
//! It is told by the file system's events (`inotify(7)` on Linux), or looks by itself where there are
//! none: on NFS, and on Windows' own folders in WSL. An event alone says nothing: a build reads the
//! files, and is one. What counts is that the stamp is another.

mod sources;
mod watcher;

pub use sources::{Sources, Stamp};
pub use watcher::{How, Watcher};
