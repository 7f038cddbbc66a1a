//! The book's builder, from outside: books are built in temporary folders and their pages read.

mod coverage;
mod editions;
mod faults;
mod figures;
mod glossary;
mod ledger;
mod lints;
mod protocol;
mod real_book;
mod sections;
mod serve;
mod serving;
mod sessions;
mod stage;
#[cfg(unix)]
mod surroundings;
mod tics;
mod tiny;
