use crate::case::Graded;
use crate::step::{Step, Steps};
use std::time::{Duration, Instant};

/// One run of the judge.
#[derive(Clone, Debug)]
pub struct Run {
    /// What is graded.
    pub step: Step,
    /// All steps, by whose names chapters are told.
    steps: Steps,
    /// When it began, by RFC 3339 and in UTC.
    pub time: String,
    /// The same, to be measured from.
    pub began: Instant,
}

impl Run {
    /// One that begins now.
    pub fn begin(steps: &Steps, step: &Step) -> Run {
        Run {
            step: step.clone(),
            steps: steps.clone(),
            time: chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            began: Instant::now(),
        }
    }

    /// The lasting name of a chapter: that of its step.
    pub(super) fn chapter(&self, number: u8) -> String {
        let mut steps = self.steps.0.iter();
        let step = steps.find(|step| step.number == number);
        step.map_or_else(String::new, |step| step.slug.clone())
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
