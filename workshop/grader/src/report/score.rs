use crate::case::Graded;
use crate::facts::Sign;
use crate::verdict::Outcome;

/// The case that looks at how a server works.
const MECHANISM: &str = "mechanism";

/// The sum of what came of some cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// How many cases passed.
    pub passed: usize,
    /// How many passed or failed.
    pub judged: usize,
    /// How many could not be seen here.
    pub skipped: usize,
    /// How many the program is excused from.
    pub excepted: usize,
    /// How many it failed on purpose.
    pub on_purpose: usize,
    /// What the passed ones are worth.
    pub points: u32,
    /// What the judged ones are worth.
    pub max_points: u32,
    /// It does not work the way it claims: who has not done that has not done the step.
    pub is_other_mechanism: bool,
}

impl Score {
    /// Adds up.
    pub fn of(graded: &[Graded]) -> Score {
        let mut score = Score::default();
        for graded in graded {
            let points = graded.case.points;
            match graded.outcome {
                Outcome::Passed => {
                    score.passed += 1;
                    score.judged += 1;
                    score.points += points;
                    score.max_points += points;
                }
                Outcome::Failed(ref failure) => {
                    score.judged += 1;
                    score.max_points += points;
                    // One that never sleeps may ask the right call, and for too much.
                    let never_sleeps = failure.facts.sign == Some(Sign::NeverSleeps);
                    score.is_other_mechanism |= graded.case.slug == MECHANISM && !never_sleeps;
                }
                Outcome::Skipped(_) => score.skipped += 1,
                Outcome::Excepted(_) => score.excepted += 1,
                Outcome::FailedOnPurpose(..) => score.on_purpose += 1,
            }
        }
        score
    }

    /// The points that count: all, but of a server with another mechanism than the step's no more than half
    /// of what can be had.
    pub fn counted(&self) -> u32 {
        match self.is_other_mechanism {
            true => self.points.min(self.max_points / 2),
            false => self.points,
        }
    }

    /// Did something fail?
    pub fn has_failure(&self) -> bool {
        self.passed < self.judged
    }

    /// Something was judged, and nothing failed but what was to fail.
    pub fn is_full(&self) -> bool {
        self.judged + self.on_purpose > 0 && self.points == self.max_points
    }
}
