//! The event base, from outside. What looks at descriptors, signals or limits of the whole process has
//! a process of its own, beside this one.

#![cfg(unix)]

mod deletion;
mod events;
mod lent;
mod notifying;
mod panics;
mod rearming;
mod run_loop;
#[path = "../support/mod.rs"]
mod support;
mod timers;
