//! The client of step 01, against servers of the judge's own.

mod address;
mod answer;
mod breakdown;
mod command_line;
mod request;
mod running;
mod site;

use crate::case::Case;

/// File by file, in the order of the four calls.
pub(super) const CASES: &[&[Case]] = &[
    address::CASES,
    request::CASES,
    answer::CASES,
    breakdown::CASES,
    command_line::CASES,
];
