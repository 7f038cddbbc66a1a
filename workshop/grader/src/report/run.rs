use crate::case::Graded;
use crate::step::Step;
use std::time::{Duration, Instant};

/// One run of the judge.
#[derive(Clone, Debug)]
pub struct Run {
    /// What is graded.
    pub step: Step,
    /// When it began, by RFC 3339 and in UTC.
    pub time: String,
    /// The same, to be measured from.
    pub began: Instant,
}

impl Run {
    /// One that begins now.
    pub fn begin(step: &Step) -> Run {
        Run {
            step: step.clone(),
            time: chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            began: Instant::now(),
        }
    }
}

/// A program that has been graded.
#[derive(Clone, Debug)]
pub struct Judged {
    /// Its binary's name, or the command.
    pub name: String,
    /// Its cases.
    pub graded: Vec<Graded>,
    /// How long that took.
    pub took: Duration,
}
