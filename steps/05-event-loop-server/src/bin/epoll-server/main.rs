//! `epoll-server [--listen ADDR]`: one thread that sleeps in epoll_wait(2). The kernel keeps the list.

mod server;

use std::process::ExitCode;

const NAME: &str = "epoll-server";

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    let about = "Answers every line with its ROT13: one thread, which sleeps in epoll_wait(2)";
    shared::server::main(NAME, about, server::serve)
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    shared::server::unsupported(NAME, "epoll, which only Linux has")
}
