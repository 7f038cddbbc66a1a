//! A program that somebody else wrote, from its start to its end: what it finds, what the system
//! tells of it while it runs, and that nothing of it is left.
//!
//! * [`Start`]: what it inherits, and whom it is kept off; [`Group`]: all its processes, which end when this
//!   is dropped. Their parent is a guardian of their own, which ends them also when this process is killed.
//! * [`execute_only`]: it may run no other program; [`room_for_processes`]: how many it may start.
//! * [`Output`], [`run_to_end`]: what it prints, of which no more is kept than there is room for.
//! * [`processes`]: what `/proc` says: who belongs to it, what that holds, where it listens, and in
//!   which call each thread sleeps.
//! * [`signals`], [`kill_all_on_interrupt`]: what this process itself inherits, and what is left of
//!   the programs when it is told to end.
//!
//! It knows of no protocol, no cases and no verdicts: what is seen here is no merit and no fault,
//! and is told in numbers and in ordinary errors ([`std::io::Error`], [`NotSeen`]). Those who use it
//! say what that means, and in which language.
#![cfg(unix)]

pub mod processes;
pub mod signals;

mod alone;
mod confine;
mod ended;
mod group;
#[cfg(target_os = "linux")]
mod guardian;
#[cfg(not(target_os = "linux"))]
#[path = "no_guardian.rs"]
mod guardian;
mod interrupt;
mod limits;
mod mark;
mod output;
mod patience;
#[cfg(target_os = "linux")]
mod probe;
mod room;
mod run_to_end;
mod scarce;
mod start;
mod unseen;

pub use alone::run_alone;
pub use confine::execute_only;
pub use group::{Family, Group, end_all};
pub use interrupt::{become_program, kill_all_on_interrupt, leave_to_interrupt, undisturbed};
pub use limits::{descriptor_limit, raise_descriptor_limit};
pub use output::{Glance, KEPT, Output};
pub use patience::poll_until;
#[cfg(target_os = "linux")]
pub use probe::{Tried, try_io_uring};
pub use room::room_for_processes;
pub use run_to_end::{MOST_PRINTED, run_to_end, run_while};
pub use scarce::Scarce;
pub use start::{Start, Started};
pub use unseen::NotSeen;
