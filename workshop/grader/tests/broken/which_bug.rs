//! Which bug a broken program is to have.

use clap::ValueEnum;
use std::process::exit;

/// Takes `--bug SLUG`, which goes before all else, out of the command line; the rest is `program`'s.
pub(crate) fn read<Bug: ValueEnum>(program: &str, none: Bug) -> (Bug, Vec<String>) {
    let mut arguments: Vec<String> = std::env::args().collect();
    if arguments.get(1).is_none_or(|first| first != "--bug") {
        return (none, arguments);
    }
    let slug = arguments.drain(1..3.min(arguments.len())).next_back();
    let bug = Bug::from_str(&slug.unwrap_or_default(), false).unwrap_or_else(|_| {
        eprintln!("{program}: no such bug; see its bug.rs in tests/broken");
        exit(2)
    });
    (bug, arguments)
}
