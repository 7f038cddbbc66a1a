//! What a program needs that is not to be had: its cases are skipped, and it is not even started.

#![cfg(target_os = "linux")]

#[path = "support/forbid.rs"]
mod forbid;

use grader::step::{Assignment, Expected};
use grader::{Need, Outcome, Place, Program, cases};
use nix::errno::Errno;

/// One process asks once: this is the only test here.
#[test]
fn where_io_uring_is_forbidden_all_cases_of_a_program_that_needs_it_are_skipped() {
    forbid::without_io_uring(Errno::EPERM, || {
        let reason = Need::IoUring.missing().expect("it is forbidden");
        assert!(reason.en.contains("forbidden") && reason.zh.contains("禁用"));
        let needs = Program {
            needs: Some(Need::IoUring),
            ..Program::new("/no/such/program")
        };
        for case in cases::server() {
            let assignment = |expected| Assignment { case, expected };
            let graded = assignment(Expected::Pass).grade(&needs);
            assert!(matches!(graded.outcome, Outcome::Skipped(ref why) if why == reason));
            let excused = assignment(Expected::Nothing(reason.clone())).grade(&needs);
            assert!(matches!(excused.outcome, Outcome::Excepted(_)));
        }
        // What needs nothing is started, and what runs already needs nothing.
        let ordinary = Program::new("/no/such/program");
        assert!(ordinary.cannot_run().is_none());
        let address = ([127, 0, 0, 1], 1).into();
        let running = Program {
            place: Place::Running(address),
            ..needs
        };
        assert!(running.cannot_run().is_none());
    });
}
