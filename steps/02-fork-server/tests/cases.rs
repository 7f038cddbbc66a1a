//! This step's programs against the graded cases, each a test of its own:
//! `cargo test -p fork-server half-close`.

fn main() -> std::process::ExitCode {
    grader::harness::main(
        env!("CARGO_MANIFEST_DIR"),
        &[
            ("sequential-server", env!("CARGO_BIN_EXE_sequential-server")),
            ("naive-fork-server", env!("CARGO_BIN_EXE_naive-fork-server")),
            ("fork-server", env!("CARGO_BIN_EXE_fork-server")),
            ("thread-server", env!("CARGO_BIN_EXE_thread-server")),
            (
                "thread-pool-server",
                env!("CARGO_BIN_EXE_thread-pool-server"),
            ),
            ("rot13-client", env!("CARGO_BIN_EXE_rot13-client")),
        ],
    )
}
