use crate::program::Program;
use crate::rule::Rule;
use crate::section::Section;
use crate::server::Server;
use crate::stage::Stage;
use std::time::Duration;
use terminal::Text;

pub(crate) use crate::verdict::{Outcome, Trouble, Verdict};

/// One graded behaviour of a program, seen from outside.
#[derive(Debug)]
pub struct Case {
    /// Its lasting name, as in `half-close-tail`.
    pub slug: &'static str,
    /// What is checked, in a few words.
    pub title: Text,
    /// What it is worth.
    pub points: u32,
    /// What somebody learns who makes it pass.
    pub teaches: Text,
    /// What it judges.
    pub rule: Rule,
    /// How far a program has come that passes it.
    pub stage: Stage,
    /// Where the book tells the reason.
    pub section: &'static Section,
    /// What is done.
    pub drive: Drive,
}

/// How a case drives the program.
#[derive(Clone, Copy, Debug)]
pub enum Drive {
    /// It talks to a server that has just been started, on a port of its own, and that must be
    /// alive when all is said.
    Server(fn(&mut Server) -> Verdict),
    /// The same, but it tells the server to end.
    Ending(fn(&mut Server) -> Verdict),
    /// It starts the program itself, and lets it run to its end.
    Program(fn(&Program) -> Verdict),
}

/// A case and what came of it.
#[derive(Clone, Debug)]
pub struct Graded {
    /// The case.
    pub case: &'static Case,
    /// How it ended.
    pub outcome: Outcome,
    /// How long it took.
    pub took: Duration,
    /// Why something in the server broke off, in its own words, although the case passed.
    pub unharmed_by: Option<String>,
}
