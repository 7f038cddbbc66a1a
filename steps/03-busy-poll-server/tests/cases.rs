//! This step's program against the graded cases, each a test of its own:
//! `cargo test -p busy-poll-server half-close`.

fn main() -> std::process::ExitCode {
    grader::harness::main(
        env!("CARGO_MANIFEST_DIR"),
        &[("busy-poll-server", env!("CARGO_BIN_EXE_busy-poll-server"))],
    )
}
