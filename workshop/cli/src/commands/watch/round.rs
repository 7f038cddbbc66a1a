//! One round: what was saved is built and judged, what is in hand first; until it is done, or a newer save
//! makes it worthless.

use super::watched::{Attempt, Made, Unit, Watched};
use anyhow::Result;
use grader::Graded;
use grader::step::Assignment;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// What a round tells of itself.
pub(super) enum Event {
    /// A line that cargo says.
    Building(String),
    /// What the compiler says.
    NotBuilt(String),
    /// So many cases are to be judged in all.
    Judging(usize),
    /// What came of one.
    Judged(Unit, Box<Graded>),
    /// That was all.
    Done,
    /// What kept it from judging.
    Failed(anyhow::Error),
    /// It panicked.
    BrokeOff,
}

/// Whose cases come first: smaller is earlier.
pub(super) type Rank = Box<dyn Fn(&Unit, &'static str) -> u8 + Send>;

/// A round that runs, or has ended.
pub(super) struct Round {
    wanted: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

/// How often it is looked whether a round that nobody wants any more has ended.
const PAUSE: Duration = Duration::from_millis(10);

impl Round {
    /// Ends `before`, and begins anew.
    pub(super) fn begin(
        watched: &Watched,
        before: Option<Round>,
        rank: Rank,
        tell: impl Fn(Event) + Clone + Send + Sync + 'static,
    ) -> Round {
        let wanted = Arc::new(AtomicBool::new(true));
        if let Some(before) = &before {
            before.wanted.store(false, Ordering::SeqCst);
        }
        let (watched, is_wanted) = (watched.clone(), Arc::clone(&wanted));
        let thread = thread::spawn(move || {
            if let Some(before) = before {
                before.end();
            }
            let one = One {
                watched,
                wanted: is_wanted,
                tell: tell.clone(),
            };
            // What it has to say of itself it has said already.
            let ended = panic::catch_unwind(AssertUnwindSafe(|| one.run(&rank)));
            tell(match ended {
                Ok(Ok(())) => Event::Done,
                Ok(Err(error)) => Event::Failed(error),
                Err(_) => Event::BrokeOff,
            });
        });
        Round { wanted, thread }
    }

    /// Ends what it has started, again and again until it starts no more.
    pub(super) fn end(self) {
        self.wanted.store(false, Ordering::SeqCst);
        while !self.thread.is_finished() {
            subject::end_all();
            thread::sleep(PAUSE);
        }
    }
}

struct One<T> {
    watched: Watched,
    wanted: Arc<AtomicBool>,
    tell: T,
}

impl<T: Fn(Event) + Clone + Send + Sync + 'static> One<T> {
    fn is_wanted(&self) -> bool {
        self.wanted.load(Ordering::SeqCst)
    }

    fn run(&self, rank: &Rank) -> Result<()> {
        let mut units = self.watched.units()?;
        for (unit, assignments) in &mut units {
            assignments.sort_by_key(|it| rank(unit, it.case.slug));
        }
        let first = |(unit, assignments): &(Unit, Vec<Assignment>)| {
            let first = assignments.first();
            first.map_or(u8::MAX, |it| rank(unit, it.case.slug))
        };
        units.sort_by_key(first);
        let count = units.iter().map(|(_, assignments)| assignments.len());
        (self.tell)(Event::Judging(count.sum()));
        // What is in hand is built alone, and judged while nothing else is built.
        let in_hand = units.iter().take_while(|it| first(it) <= IN_HAND).count();
        let (in_hand, rest) = units.split_at(in_hand.max(1));
        for units in [in_hand, rest] {
            if units.is_empty() || !self.is_wanted() || !self.build_and_judge(units)? {
                break;
            }
        }
        Ok(())
    }

    /// Did it build?
    fn build_and_judge(&self, units: &[(Unit, Vec<Assignment>)]) -> Result<bool> {
        let names: Vec<Unit> = units.iter().map(|(unit, _)| unit.clone()).collect();
        let tell = self.tell.clone();
        let said = move |line: &str| tell(Event::Building(line.to_owned()));
        match self.make(&names, said)? {
            Ok(made) => {
                for (unit, assignments) in units {
                    self.judge(&made, unit, assignments);
                }
                Ok(true)
            }
            Err(said) => {
                if self.is_wanted() {
                    (self.tell)(Event::NotBuilt(said));
                }
                Ok(false)
            }
        }
    }

    fn make(
        &self,
        units: &[Unit],
        said: impl FnMut(&str) + Clone + Send + 'static,
    ) -> Result<Attempt> {
        let made = self.watched.make(units, said);
        match self.is_wanted() {
            true => made,
            // It was ended, and its error is ours.
            false => Ok(Err(String::new())),
        }
    }

    fn judge(&self, made: &Made, unit: &Unit, assignments: &[Assignment]) {
        let finished = |graded: &Graded| {
            if self.is_wanted() {
                (self.tell)(Event::Judged(unit.clone(), Box::new(graded.clone())));
            }
        };
        if let Some(program) = made.program(&unit.name) {
            grader::grade_while_wanted(program, assignments, finished, || self.is_wanted());
        } else if let Some(library) = &made.library {
            for assignment in assignments.iter().take_while(|_| self.is_wanted()) {
                let graded = grader::library::grade(library, std::slice::from_ref(assignment));
                graded.iter().for_each(finished);
            }
        }
    }
}

/// The highest rank of what belongs to the task in hand.
pub(super) const IN_HAND: u8 = 2;
