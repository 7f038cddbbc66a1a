//! `single-shot-server [--listen ADDR]`: one thread, and for every operation a buffer of its own.

#[cfg(target_os = "linux")]
mod operation;
#[cfg(target_os = "linux")]
mod ring;
#[path = "../../server.rs"]
mod server;

#[cfg(target_os = "linux")]
use operation::{Completion, Operation};
#[cfg(target_os = "linux")]
use ring::Ring;
use std::process::ExitCode;

const NAME: &str = "single-shot-server";

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    let about = "Answers every line with its ROT13: one thread, a buffer for each operation";
    shared::server::main(NAME, about, server::serve)
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    shared::server::unsupported(NAME, "io_uring, which only Linux has")
}
