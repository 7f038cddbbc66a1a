//! A learner's copy of a step: what it begins with, and what it becomes when tasks are done.
//!
//! * [`Starter`]: the reference's own files, with the regions left out that `step.toml` lists as tasks.
//!   With all tasks filled back, `src/` is the reference's, byte by byte.
//! * [`Manifest`]: a `Cargo.toml` that stands alone, wherever the copy is.
//! * [`StepCopy`]: the folder in `work/`, and what is known of it.
//! * [`ForeignCopy`]: one in another language, and how it is built and started.
//! * [`Hints`]: what helps with a task, from a nudge to nearly the solution.
//! * [`Submission`]: what is graded of it, its `src/` over a fresh starter.
//!
//! * [`Built`]: the same, built.
//! * [`update`], [`put_aside`], [`beside`]: when the tutorial has changed, when one begins anew, and the
//!   reference beside what was written.
//!
//! It knows the steps by their `step.toml`, and reads sources as text and by their syntax. It judges
//! nothing, and what a learner has written is never overwritten.

mod aside;
mod built;
mod copy;
mod foreign;
mod hints;
mod leave_out;
mod manifest;
mod region;
mod roots;
mod solution;
mod starter;
mod submission;
mod update;
mod words;

pub use aside::put_aside;
pub use built::{Built, LIBRARY, Wanted};
pub use copy::{Begin, StepCopy, begin};
pub use foreign::{ForeignCopy, begin_foreign};
pub use hints::{Hint, Hints};
pub use manifest::Manifest;
pub use region::file_of;
pub use solution::{Beside, beside, is_untouched};
pub use starter::Starter;
pub use submission::Submission;
pub use update::{Updated, update};
pub use words::markdown;
