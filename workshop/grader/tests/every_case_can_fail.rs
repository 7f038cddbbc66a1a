//! Every graded case can fail: programs that are broken on purpose, each in one way, are graded,
//! and the case that is there for it must find it, and say of it what is recorded in
//! `tests/proof/meanings.txt`. What is not broken must pass everything.
//!
//! `cargo test -p grader --test every_case_can_fail half-close` for some of them. The broken
//! programs stand in `tests/broken`; they run by themselves, too:
//! `cargo run -p grader --bin broken-server -- --bug letter-n`.

mod proof;

fn main() -> std::process::ExitCode {
    proof::main()
}
