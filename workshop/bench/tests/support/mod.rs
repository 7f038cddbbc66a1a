//! The instruments, started as somebody would start them.

use assert_cmd::Command;
use std::time::Duration;

/// Long enough for cargo to build the servers for speed, once.
const PATIENCE: Duration = Duration::from_secs(600);

pub(crate) fn bench(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bench"));
    command
        .args(arguments)
        .timeout(PATIENCE)
        .env("LC_ALL", "C.UTF-8");
    command
}
