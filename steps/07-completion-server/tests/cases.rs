//! This step's program against the graded cases, each a test of its own:
//! `cargo test -p completion-server half-close`.

fn main() -> std::process::ExitCode {
    grader::harness::main(
        env!("CARGO_MANIFEST_DIR"),
        &[
            ("completion-server", env!("CARGO_BIN_EXE_completion-server")),
            (
                "single-shot-server",
                env!("CARGO_BIN_EXE_single-shot-server"),
            ),
        ],
    )
}
