//! The judge: it starts a program, talks to it from outside, and says what it saw.
//!
//! * [`Case`]: one graded behaviour; [`cases`] has them all.
//! * [`Program`]: the program under test; [`Server`]: a running one, its whole process tree.
//! * [`Executables`]: the workspace's own programs, as cargo builds them for speed.
//! * [`Client`]: the other end of the wire. It remembers what went over it.
//! * [`grade`]: runs cases side by side; [`report`]: prints what came of them.
//! * `harness`, a feature: the same cases as tests of a step's own, for `cargo test`.
//! * `script`, a feature: any clients whatever, as a property to be tested.
//!
//! The judge knows the protocol by a naive [`model`] of its own and never asks `shared`: a mistake
//! there must not make itself the rule. How programs start and end, and what the system tells of them,
//! is [`subject`]'s; here it becomes a verdict.
#![cfg(unix)]

pub mod cases;
#[cfg(feature = "harness")]
pub mod harness;
pub mod model;
pub mod protocol;
pub mod report;
#[cfg(feature = "script")]
pub mod script;
pub mod step;

mod case;
mod client;
mod command;
mod complaints;
mod diagnose;
mod evidence;
mod executables;
mod facts;
mod grade;
mod launch;
mod limits;
mod mechanism;
mod need;
mod printing;
mod program;
mod ran;
mod rule;
mod section;
mod seed;
mod server;
mod shape;
mod stage;
mod start;
mod unseen;
mod verdict;
mod waiting;
mod workspace;

pub use case::{Case, Drive, Graded};
pub use client::{Client, PATIENCE};
pub use diagnose::diagnose;
pub use evidence::{End, Evidence, Exchange};
pub use executables::Executables;
pub use facts::{Ended, Facts, Sign};
pub use grade::grade;
pub use need::Need;
pub use printing::replace_file;
pub use program::{Place, Program};
pub use rule::Rule;
pub use section::Section;
pub use seed::{seed, set_seed};
pub use server::Server;
pub use stage::Stage;
// For the steps' tests, which stand on the judge.
pub use subject::{
    Group, become_program, descriptor_limit, kill_all_on_interrupt, processes,
    raise_descriptor_limit, run_alone, run_to_end, signals,
};
pub use terminal::{Encoding, Language, Lost, Text, conclude, parse, print, text};
pub use verdict::{Failure, Outcome, Trouble, Verdict};
pub use waiting::tell_waits;
pub use workspace::workspace;
