//! This step's program against the graded cases, each a test of its own:
//! `cargo test -p blocking-client timeout`.

fn main() -> std::process::ExitCode {
    grader::harness::main(
        env!("CARGO_MANIFEST_DIR"),
        &[("blocking-client", env!("CARGO_BIN_EXE_blocking-client"))],
    )
}
