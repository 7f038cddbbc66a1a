//! The judge: it starts a program, talks to it from outside, and says what it saw.
//!
//! * [`Case`]: one graded behaviour; [`cases`] has them all.
//! * [`Program`]: the program under test; [`Server`]: a running one, its whole process tree.
//! * [`Client`]: the other end of the wire. It remembers what went over it.
//! * [`grade`]: runs cases side by side; [`report`]: prints what came of them.
//! * `harness` and `script`, both by the feature `harness`: the same cases as tests of a step's own,
//!   for `cargo test`; and any clients whatever, as a property to be tested.
//!
//! The judge knows the protocol by a naive [`model`] of its own and never asks `shared`: a mistake
//! there must not make itself the rule. It knows no step by name, and prints nothing by itself but
//! where it is the tests' own `harness`. How programs start and end, and what the system tells of them,
//! is [`subject`]'s; here it becomes a verdict.
#![cfg(unix)]

pub mod cases;
#[cfg(feature = "harness")]
pub mod harness;
pub mod library;
pub mod model;
pub mod protocol;
pub mod report;
#[cfg(feature = "harness")]
pub mod script;
pub mod step;

mod beats;
mod case;
mod client;
mod command;
mod complaints;
mod deadline;
mod diagnose;
mod evidence;
mod facts;
mod grade;
mod launch;
mod limits;
mod listening;
mod mechanism;
mod need;
mod patience;
mod program;
mod ran;
mod room;
mod rule;
mod section;
mod seed;
mod server;
mod shape;
mod spinning;
mod stage;
mod start;
mod stillness;
mod unseen;
mod verdict;
mod waiting;
mod watched;

pub use beats::{Beat, look_on};
pub use case::{Case, Drive, Graded};
pub use client::Client;
pub use deadline::CASE_TIME;
pub use diagnose::diagnose;
pub use evidence::{End, Evidence, Exchange};
pub use facts::{Ended, Facts, Sign};
pub use grade::{GRADE_TIME, grade, grade_to_first_failure, grade_while_wanted, not_built};
pub use need::Need;
pub use patience::{PATIENCE, wait_without_end};
pub use program::{Place, Program};
pub use room::is_cramped;
pub use rule::Rule;
pub use section::Section;
pub use seed::{seed, set_seed};
pub use server::Server;
pub use stage::Stage;
pub use verdict::{Failure, Outcome, Trouble, Verdict};
pub use waiting::tell_waits;
