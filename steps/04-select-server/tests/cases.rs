//! This step's programs against the graded cases, each a test of its own:
//! `cargo test -p select-server half-close`.

fn main() -> std::process::ExitCode {
    grader::harness::main(
        env!("CARGO_MANIFEST_DIR"),
        &[
            ("select-server", env!("CARGO_BIN_EXE_select-server")),
            ("poll-server", env!("CARGO_BIN_EXE_poll-server")),
        ],
    )
}
