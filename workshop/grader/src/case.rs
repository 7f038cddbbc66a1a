use crate::evidence::Evidence;
use crate::program::Program;
use crate::section::Section;
use crate::server::Server;
use crate::text::Text;
use std::time::Duration;

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

/// What came of driving.
pub type Verdict = Result<(), Trouble>;

/// Why a case did not pass.
#[derive(Clone, Debug)]
pub enum Trouble {
    /// The program did something else than it should.
    Failed(Box<Failure>),
    /// It could not be seen here, and why.
    Skipped(Text),
}

/// What was seen, and what this usually means.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What was seen.
    pub evidence: Evidence,
    /// What this usually means, in one plain sentence.
    pub meaning: Text,
    /// What else is known: what had been set up, how the server ended, the seed.
    pub notes: Vec<Text>,
}

impl Trouble {
    /// The same failure, and something else that is known of it.
    pub(crate) fn noted(mut self, note: Text) -> Trouble {
        if let Trouble::Failed(failure) = &mut self {
            failure.notes.push(note);
        }
        self
    }

    /// The same failure with another meaning.
    pub(crate) fn meaning(mut self, meaning: &Text) -> Trouble {
        if let Trouble::Failed(failure) = &mut self {
            failure.meaning = meaning.clone();
        }
        self
    }

    /// The program did something else than it should; ready to be returned from a case.
    pub(crate) fn failed(evidence: impl Into<Evidence>, meaning: &Text) -> Trouble {
        Trouble::Failed(Box::new(Failure {
            evidence: evidence.into(),
            meaning: meaning.clone(),
            notes: Vec::new(),
        }))
    }
}

/// How a case ended.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The program did what it should.
    Passed,
    /// It did not.
    Failed(Box<Failure>),
    /// It could not be seen here, and why.
    Skipped(Text),
    /// The program need not do it, and why: it was not tried.
    Excepted(Text),
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
}
