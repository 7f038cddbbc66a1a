//! This step's programs against the graded cases, each a test of its own:
//! `cargo test -p event-loop-server half-close`.

fn main() -> std::process::ExitCode {
    grader::harness::main(
        env!("CARGO_MANIFEST_DIR"),
        &[
            ("event-loop-server", env!("CARGO_BIN_EXE_event-loop-server")),
            ("epoll-server", env!("CARGO_BIN_EXE_epoll-server")),
        ],
    )
}
