//! Random scripts of clients find what is broken, make it small, and find nothing where nothing is.

#![cfg(unix)]
#![allow(dead_code)] // of the list of bugs, these tests know a few

#[path = "broken/server/bug.rs"]
mod bug;

use bug::Bug;
use clap::ValueEnum;
use grader::Program;
use grader::script::any_script;

/// What the scripts say of a server with this bug.
fn try_on(bug: Bug) -> Result<(), String> {
    let slug = bug.to_possible_value().expect("no bug is hidden");
    any_script(&Program {
        arguments: vec!["--bug".into(), slug.get_name().into()],
        ..Program::new(env!("CARGO_BIN_EXE_broken-server"))
    })
}

/// How long a script is at most that has not been made smaller.
const ANY: usize = 30;

/// They find it; what they print is a script of at most `acts` acts, and the way back to it. A bug
/// that shows in every run, and at once, can be made small. One that hangs on how the bytes arrive
/// cannot always; and one that makes a client wait costs seconds for each smaller script that is
/// tried: how small it gets in the time given is up to the machine.
fn is_found(bug: Bug, acts: usize) {
    let seen = try_on(bug).expect_err("every script passed");
    assert!(
        seen.contains("the same scripts again: GRADER_SEED="),
        "{seen}"
    );
    // An act is a pair, indented once in the list that is printed.
    let printed = seen.lines().filter(|line| *line == "    (").count();
    assert!((1..=acts).contains(&printed), "{printed} acts:\n{seen}");
}

#[test]
fn a_correct_server_passes() {
    try_on(Bug::None).unwrap_or_else(|seen| panic!("{seen}"));
}

#[test]
fn a_lost_tail_is_found_and_made_small() {
    is_found(Bug::TailLost, 2);
}

#[test]
fn forgetting_between_receives_is_found() {
    is_found(Bug::ForgetsBetweenReceives, ANY);
}

#[test]
fn a_cut_of_one_byte_less_is_found() {
    is_found(Bug::CutsOneShort, ANY);
}

#[test]
fn a_short_send_is_found() {
    is_found(Bug::ShortSend, ANY);
}

#[test]
fn answers_lost_at_the_half_close_are_found() {
    is_found(Bug::HalfCloseLosesAnswer, ANY);
}

#[test]
fn to_die_of_a_reset_is_found() {
    is_found(Bug::ReceiveErrorEndsServer, ANY);
}
