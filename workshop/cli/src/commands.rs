//! What the tool can do, one file each.

pub(crate) mod chapter;
pub(crate) mod completions;
pub(crate) mod doctor;
pub(crate) mod grade;
pub(crate) mod hint;
pub(crate) mod progress;
pub(crate) mod reset;
pub(crate) mod run;
pub(crate) mod solution;
pub(crate) mod start;
pub(crate) mod step;
pub(crate) mod talk;
pub(crate) mod tour;
pub(crate) mod watch;
