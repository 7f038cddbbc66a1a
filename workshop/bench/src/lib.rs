//! The instruments: they run servers of the ROT13 line protocol in turn, under the same load, and
//! say what a line costs.
//!
//! * `contestant`: what is compared: the steps' servers, the peers, a learner's own.
//! * `versus`: rounds in turn, each with a server started anew; `memory`: what an idle client
//!   holds.
//! * `syscalls`: how many system calls a line takes, which `strace` counts.
//! * `cpu`, `cores`, `machine`: what the system tells, and where things run.
//! * `report`: tables for people, one object for programs.
//!
//! It knows what a step's server is called, how one is started, and what the system tells of it; not
//! how it waits, nor which cases there are, and it never says that a server is good. Whether an answer
//! is right, [`load`] says, or a figure would be of a server that does something else. The peers, in
//! `src/bin` and `peers`, are programs of their own and share nothing with what measures them.
//!
//! # What is measured
//!
//! The first column is processor time of the server per answered line, of all its processes and
//! threads, in user mode and in the kernel. The ratio to the first server is taken round by round,
//! and is the steadiest figure: a machine whose pace changes, changes both. (How much it does is
//! told beneath the tables.) The load runs on a core of its own, so servers of several processes or
//! threads share one core here. A client says a new line when one is answered (a *closed
//! loop*), so that latency under load is mostly the time in the queue: connections × lines in
//! flight ÷ lines a second. It counts from just before a line is sent until its last byte has been
//! received.
#![cfg(unix)]

mod command_line;
mod contestant;
mod cores;
mod cpu;
mod machine;
mod memory;
mod report;
mod results;
mod strace;
mod syscalls;
mod versus;

pub use command_line::main;
