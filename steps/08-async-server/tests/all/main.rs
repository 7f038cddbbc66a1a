//! The runtime, and what waits on it: by its public face, over real sockets.

#![cfg(unix)]

#[path = "../../../05-event-loop-server/tests/support/mod.rs"]
mod support;

mod bell;
mod peer;
mod running;

mod accepting;
mod cancelling;
mod closing;
mod ending;
mod fairness;
mod foreign_wakers;
mod joining;
mod lending;
mod memory;
mod over;
mod panicking;
mod receiving;
mod same_text;
mod sending;
mod sleeping;
mod time_outs;
mod waiting;
mod wakers;
mod wakers_of_threads;
