use super::watched::{Unit, Watched};
use grader::report::{Judged, TaskScore, findings, of_tasks};
use grader::step::Step;
use grader::{Graded, Outcome, library};
use std::collections::HashSet;
use std::time::Duration;

/// A case of a program, or a test of a library: whose it is, and its slug.
pub(super) type CaseOf = (String, &'static str);

/// What is known of every case: from this round, or still from the one before.
pub(super) struct Known {
    step: Step,
    is_in_rust: bool,
    programs: Vec<Judged>,
    /// What this round has judged.
    fresh: HashSet<CaseOf>,
    /// What had passed when this round began.
    had_passed: HashSet<CaseOf>,
    /// How many cases this round judges.
    expected: usize,
    /// Has a round been done? Before, not all is known.
    is_complete: bool,
}

impl Known {
    pub(super) fn nothing_of(watched: &Watched) -> Known {
        Known {
            step: watched.step.clone(),
            is_in_rust: watched.is_in_rust(),
            programs: Vec::new(),
            fresh: HashSet::new(),
            had_passed: HashSet::new(),
            expected: 0,
            is_complete: false,
        }
    }

    /// The round is done.
    pub(super) fn complete(&mut self) {
        self.is_complete = true;
    }

    /// Is every case known, from whichever round?
    pub(super) fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// A round begins.
    pub(super) fn begin(&mut self) {
        self.fresh.clear();
        self.expected = 0;
        let all = self.programs.iter().flat_map(|judged| {
            let passed = judged.graded.iter().filter(|it| has_passed(it));
            passed.map(|it| (judged.name.clone(), it.case.slug))
        });
        self.had_passed = all.collect();
    }

    /// It judges so many cases.
    pub(super) fn expect(&mut self, count: usize) {
        self.expected = count;
    }

    /// How many of how many this round has judged.
    pub(super) fn how_far(&self) -> (usize, usize) {
        (self.fresh.len(), self.expected)
    }

    pub(super) fn add(&mut self, unit: &Unit, graded: Graded) {
        self.fresh.insert((unit.name.clone(), graded.case.slug));
        let known = self.programs.iter().position(|it| it.name == unit.name);
        let place = known.unwrap_or_else(|| {
            self.programs.push(Judged {
                name: unit.name.clone(),
                graded: Vec::new(),
                took: Duration::ZERO,
            });
            self.programs.len() - 1
        });
        let all = &mut self.programs[place].graded;
        match all.iter_mut().find(|it| it.case.slug == graded.case.slug) {
            Some(before) => *before = graded,
            None => all.push(graded),
        }
    }

    /// The same as the report has it.
    pub(super) fn judged(&self) -> &[Judged] {
        &self.programs
    }

    /// All that is known, program by program.
    pub(super) fn programs(&self) -> impl Iterator<Item = (&str, &[Graded])> {
        self.programs.iter().map(|it| (&*it.name, &*it.graded))
    }

    /// What this round has judged of the task at this place; without one, of everything.
    pub(super) fn fresh(&self, place: Option<usize>) -> Vec<(CaseOf, &Graded)> {
        let task = place.and_then(|place| self.step.tasks.get(place));
        // Programs have cases of the same names.
        let program = task.and_then(|task| self.step.program_of(task).ok());
        let all = self.programs.iter().flat_map(|judged| {
            let graded = judged.graded.iter();
            graded.map(|it| ((judged.name.clone(), it.case.slug), it))
        });
        let is_its = |(name, slug): &CaseOf| {
            task.is_none_or(|task| {
                let mut tests = task.tests.iter().map(|test| library::slug(test));
                match program.is_some_and(|program| program.name == *name) {
                    true => task.cases.iter().any(|case| case == slug),
                    false => *name == library::name(&self.step) && tests.any(|test| test == *slug),
                }
            })
        };
        all.filter(|(case, _)| self.fresh.contains(case) && is_its(case))
            .collect()
    }

    /// What fails in this round, and had passed before.
    pub(super) fn lost(&self) -> Vec<Graded> {
        let lost = self.programs.iter().flat_map(|judged| {
            let lost = judged.graded.iter().filter(|it| {
                let key = (judged.name.clone(), it.case.slug);
                has_failed(it) && self.had_passed.contains(&key)
            });
            lost.cloned()
        });
        lost.collect()
    }

    /// Task by task. What cannot be told has been told by the round.
    pub(super) fn scores(&self) -> Vec<TaskScore<'_>> {
        of_tasks(&self.step, &self.programs).unwrap_or_default()
    }

    /// Has this round judged all of the task, and does all of it pass?
    pub(super) fn has_passed_now(&self, place: usize) -> bool {
        let scores = self.scores();
        let score = scores.iter().find(|score| score.place == place + 1);
        score.is_some_and(|score| {
            let tests = if self.is_in_rust {
                score.task.tests.len()
            } else {
                0
            };
            let all = score.task.cases.len() + tests;
            score.is_passed() && self.fresh(Some(place)).len() == all
        })
    }

    /// The case that is to be mended first, of what this round has judged of the task at this place.
    pub(super) fn first_failure(&self, place: Option<usize>) -> Option<CaseOf> {
        let fresh = self.fresh(place);
        let graded: Vec<Graded> = fresh.iter().map(|(_, it)| (*it).clone()).collect();
        let first = findings(&graded).first()?.failed[0].case.slug;
        let mut failed = fresh.into_iter().filter(|(_, it)| has_failed(it));
        failed
            .find(|(case, _)| case.1 == first)
            .map(|(case, _)| case)
    }

    /// The cases that fail.
    pub(super) fn failed(&self) -> HashSet<CaseOf> {
        let all = self.programs.iter().flat_map(|judged| {
            let failed = judged.graded.iter().filter(|it| has_failed(it));
            failed.map(|it| (judged.name.clone(), it.case.slug))
        });
        all.collect()
    }
}

fn has_passed(graded: &Graded) -> bool {
    matches!(graded.outcome, Outcome::Passed)
}

fn has_failed(graded: &Graded) -> bool {
    matches!(graded.outcome, Outcome::Failed(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use grader::step::Steps;

    #[test]
    fn a_case_of_one_program_says_nothing_of_another_one_of_its_name() {
        let steps = Steps::read().expect("the steps").0;
        let step = steps.into_iter().find(|step| step.number == 4);
        let step = step.expect("there is one");
        let place = |program: Option<&str>| {
            let mut tasks = step.tasks.iter();
            let place = tasks.position(|task| task.program.as_deref() == program);
            place.expect("there is one")
        };
        let (select, poll) = (place(None), place(Some("poll-server")));
        let mut known = Known {
            step: step.clone(),
            is_in_rust: true,
            programs: Vec::new(),
            fresh: HashSet::new(),
            had_passed: HashSet::new(),
            expected: 0,
            is_complete: false,
        };
        let case = grader::cases::all().into_iter();
        let case = case.into_iter().find(|case| case.slug == "hello");
        let unit = |name: &str| Unit {
            name: name.to_owned(),
            is_library: false,
        };
        let passed = Graded {
            case: case.expect("there is one"),
            outcome: Outcome::Passed,
            took: Duration::ZERO,
            unharmed_by: None,
        };
        known.add(&unit("poll-server"), passed.clone());
        assert_eq!(known.fresh(Some(poll)).len(), 1);
        known.begin();
        known.add(&unit("select-server"), passed);
        assert_eq!(known.fresh(Some(select)).len(), 1);
        assert!(
            known.fresh(Some(poll)).is_empty(),
            "it is of a round before"
        );
        assert_eq!(known.fresh(None).len(), 1);
    }
}
