//! This step's program against the graded cases, each a test of its own:
//! `cargo test -p bufferevent-server half-close`.

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    grader::harness::main(
        env!("CARGO_MANIFEST_DIR"),
        &[
            (
                "bufferevent-server",
                env!("CARGO_BIN_EXE_bufferevent-server"),
            ),
            (
                "bufferevent-client",
                env!("CARGO_BIN_EXE_bufferevent-client"),
            ),
        ],
    )
}

#[cfg(not(unix))]
fn main() {
    println!("skipped: the judge needs Unix");
}
