//! What came of grading: for people here, for programs in the modules.

pub mod elsewhere;
pub mod json;
pub mod junit;

mod findings;
mod lines;
mod painter;
mod run;
mod score;
mod seen;
mod summary;
mod tasks;
mod words;

pub use findings::{Cause, Finding, findings};
pub use painter::Painter;
pub use run::{Judged, Run};
pub use score::Score;
pub use tasks::{TaskScore, of_tasks};
