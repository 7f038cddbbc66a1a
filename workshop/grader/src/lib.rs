//! The judge: it starts a program, talks to it from outside, and says what it saw.
//!
//! * [`Case`]: one graded behaviour; [`cases`] has them all.
//! * [`Program`]: the program under test; [`Server`]: a running one, its whole process tree.
//! * [`Executables`]: the workspace's own programs, as cargo builds them for speed.
//! * [`Client`]: the other end of the wire. It remembers what went over it.
//! * [`grade`]: runs cases side by side; [`report`]: prints what came of them.
//! * [`signals`]: what a process inherits of them; [`print()`], [`replace_file`]: results on their way
//!   out. The workshop's programs share both.
//! * `harness`, a feature: the same cases as tests of a step's own, for `cargo test`.
//! * `script`, a feature: any clients whatever, as a property to be tested.
//!
//! The judge knows the protocol by a naive [`model`] of its own and never asks `shared`: a mistake
//! there must not make itself the rule.
#![cfg(unix)]

pub mod cases;
#[cfg(feature = "harness")]
pub mod harness;
pub mod model;
pub mod processes;
pub mod protocol;
pub mod report;
#[cfg(feature = "script")]
pub mod script;
pub mod signals;
pub mod step;

mod alone;
mod case;
mod cleanup;
mod client;
mod counts;
mod evidence;
mod executables;
mod grade;
mod launch;
mod limits;
mod mechanism;
mod need;
mod output;
mod printing;
mod program;
mod ran;
mod rule;
mod run_to_end;
mod section;
mod seed;
mod server;
mod start;
mod text;
mod verdict;

pub use alone::run_alone;
pub use case::{Case, Drive, Graded};
pub use cleanup::{Group, become_program, kill_all_on_interrupt};
pub use client::{Client, PATIENCE};
pub use evidence::{End, Evidence, Exchange};
pub use executables::Executables;
pub use grade::grade;
pub use limits::{descriptor_limit, raise_descriptor_limit};
pub use need::Need;
pub use printing::{Lost, can_be_written, conclude, parse, print, replace_file};
pub use program::{Place, Program};
pub use rule::Rule;
pub use run_to_end::run_to_end;
pub use section::Section;
pub use server::Server;
pub use text::{Encoding, Language, Text, text};
pub use verdict::{Failure, Outcome, Trouble, Verdict};
