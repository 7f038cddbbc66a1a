//! `completion-server [--listen ADDR]`: one thread that starts operations, and is told what is done.

mod server;

#[cfg(target_os = "linux")]
use completion_server::{Completion, Operation, Ring};
use std::process::ExitCode;

const NAME: &str = "completion-server";

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    let about = "Answers every line with its ROT13: one thread, which is told what is done";
    shared::server::main(NAME, about, server::serve)
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    shared::server::unsupported(NAME, "io_uring, which only Linux has")
}
