//! What came of driving a program, for a case or for another.

use crate::evidence::{Evidence, Exchange};
use crate::facts::{Facts, Sign};
use terminal::Text;

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
    /// The same for programs: what its cause is known by.
    pub facts: Facts,
}

impl Trouble {
    /// The same failure, and something else that is known of it.
    pub(crate) fn noted(mut self, note: Text) -> Trouble {
        if let Trouble::Failed(failure) = &mut self {
            failure.notes.push(note);
        }
        self
    }

    /// The same failure, and what it is a sign of.
    pub(crate) fn sign(mut self, sign: Sign) -> Trouble {
        if let Trouble::Failed(failure) = &mut self {
            failure.facts.sign = Some(sign);
        }
        self
    }

    /// The same failure; the server lived, and had complained of this.
    pub(crate) fn while_still(mut self, complaints: &str) -> Trouble {
        if let Trouble::Failed(failure) = &mut self {
            failure.facts.complaints_while_still = Some(complaints.to_owned());
        }
        self
    }

    /// Is this what is said that it means?
    pub(crate) fn means(&self, meaning: &Text) -> bool {
        matches!(self, Trouble::Failed(failure) if failure.meaning == *meaning)
    }

    /// The same failure with another meaning.
    pub(crate) fn meaning(mut self, meaning: &Text) -> Trouble {
        if let Trouble::Failed(failure) = &mut self {
            failure.meaning = meaning.clone();
        }
        self
    }

    /// Is the difference that something is missing at the end, and nothing is wrong before?
    pub(crate) fn lacks_the_rest(&self) -> bool {
        self.exchange().is_some_and(Exchange::lacks_the_rest)
    }

    /// Is the difference that more came than is owed?
    pub(crate) fn has_too_much(&self) -> bool {
        self.exchange().is_some_and(Exchange::has_too_much)
    }

    fn exchange(&self) -> Option<&Exchange> {
        match self {
            Trouble::Failed(failure) => match &failure.evidence {
                Evidence::Exchange(exchange) => Some(exchange),
                _ => None,
            },
            Trouble::Skipped(_) => None,
        }
    }

    /// The program did something else than it should; ready to be returned from a case.
    pub(crate) fn failed(evidence: impl Into<Evidence>, meaning: &Text) -> Trouble {
        Trouble::Failed(Box::new(Failure {
            evidence: evidence.into(),
            meaning: meaning.clone(),
            notes: Vec::new(),
            facts: Facts::default(),
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
    /// It did not, on purpose: what it lacks, and what was seen.
    FailedOnPurpose(Text, Box<Failure>),
}
