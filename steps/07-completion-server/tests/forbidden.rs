//! The judge where io_uring is forbidden: not one case fails, each is skipped.
//!
//! Whoever judged here all the same would see a program that does not start.

#[cfg(target_os = "linux")]
#[path = "../../../workshop/grader/tests/support/forbid.rs"]
mod forbid;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    forbid::forbid_io_uring(nix::errno::Errno::EPERM);
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

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("skipped: only Linux has such a filter");
}
