//! `completion-server [--listen ADDR]`: one thread that starts operations, and is told what is done.

mod server;

use std::process::ExitCode;

const NAME: &str = "completion-server";

#[cfg(target_os = "linux")]
#[derive(clap::Parser)]
struct CommandLine {
    #[command(flatten)]
    listen: shared::server::Listen,
}

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    let about = "Answers every line with its ROT13: one thread, which is told what is done";
    let CommandLine { listen } = shared::server::parse(NAME, about);
    // Whoever cannot serve must not say that it listens.
    match completion_server::Ring::new() {
        Ok(ring) => shared::server::run(NAME, &listen, |listener| server::serve(ring, listener)),
        Err(error) => {
            let address = listen.address();
            shared::server::warn(NAME, &format!("cannot serve {address}: {error}"));
            ExitCode::FAILURE
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    shared::server::unsupported(NAME, "io_uring, which only Linux has")
}
