//! Where there is no io_uring: the program says why, and what to do.

#[path = "../../../../workshop/grader/tests/support/forbid.rs"]
mod forbid;

use assert_cmd::Command;
use forbid::without_io_uring;
use nix::errno::Errno;
use std::time::Duration;

/// One line on standard error, none on standard output, exit status 1.
fn refuses(errno: Errno, reasons: &[&str]) {
    let run = without_io_uring(errno, || {
        let mut server = Command::new(env!("CARGO_BIN_EXE_completion-server"));
        server.args(["--listen", "127.0.0.1:0"]);
        server.timeout(Duration::from_secs(20)).assert().code(1)
    });
    let output = run.get_output();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.stdout.is_empty(), "it listens all the same");
    assert_eq!(told.lines().count(), 1, "{told}");
    assert!(told.starts_with("completion-server: cannot serve 127.0.0.1:"));
    assert!(told.contains(": cannot use io_uring: "), "{told}");
    for reason in reasons {
        assert!(told.contains(reason), "{reason}: {told}");
    }
}

#[test]
fn forbidden_it_names_who_may_have_done_so() {
    refuses(Errno::EPERM, &["container", "kernel.io_uring_disabled=0"]);
}

#[test]
fn on_a_kernel_without_it_or_too_old_it_names_the_one_that_it_takes() {
    refuses(Errno::ENOSYS, &["kernel has none", "6.1"]);
    refuses(Errno::EINVAL, &["too old", "6.1"]);
}

#[test]
fn without_memory_it_names_the_limit() {
    refuses(Errno::ENOMEM, &["memory", "ulimit -l"]);
}

#[test]
fn for_another_reason_it_names_what_the_system_says() {
    refuses(Errno::EMFILE, &["Too many open files"]);
}

#[test]
fn its_help_needs_no_ring() {
    without_io_uring(Errno::EPERM, || {
        let mut server = Command::new(env!("CARGO_BIN_EXE_completion-server"));
        server.arg("--help").assert().success();
    });
}
