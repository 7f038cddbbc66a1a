use super::watched::{Unit, Watched};
use anyhow::Result;
use grader::report::{Judged, TaskScore, findings, of_tasks};
use grader::step::Step;
use grader::{Graded, Outcome};
use std::collections::HashSet;
use std::time::Duration;

/// What is known of every case: from this round, or still from the one before.
pub(super) struct Known {
    step: Step,
    is_in_rust: bool,
    programs: Vec<Judged>,
    /// What this round has judged.
    fresh: HashSet<(String, &'static str)>,
    /// What had passed when this round began.
    had_passed: HashSet<(String, &'static str)>,
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

    /// All that is known, program by program.
    pub(super) fn programs(&self) -> impl Iterator<Item = (&str, &[Graded])> {
        self.programs.iter().map(|it| (&*it.name, &*it.graded))
    }

    /// Of these, what this round has judged.
    pub(super) fn fresh_of(&self, graded: &[Graded]) -> Vec<Graded> {
        let is_fresh = |it: &&Graded| self.fresh.iter().any(|(_, slug)| *slug == it.case.slug);
        graded.iter().filter(is_fresh).cloned().collect()
    }

    /// All that this round has judged.
    pub(super) fn fresh(&self) -> Vec<Graded> {
        let all = self.programs.iter().flat_map(|judged| &judged.graded);
        self.fresh_of(&all.cloned().collect::<Vec<_>>())
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
            score.is_passed() && self.fresh_of(&score.graded).len() == all
        })
    }

    /// The case that is to be mended first among these.
    pub(super) fn first_failure(graded: &[Graded]) -> Option<&'static str> {
        let findings = findings(graded);
        findings.first().map(|first| first.failed[0].case.slug)
    }

    /// The cases that fail.
    pub(super) fn failed(&self) -> HashSet<&'static str> {
        let all = self.programs.iter().flat_map(|judged| &judged.graded);
        all.filter(|it| has_failed(it))
            .map(|it| it.case.slug)
            .collect()
    }

    /// The tasks that are passed, by their slugs.
    pub(super) fn passed_tasks(&self) -> Result<Vec<String>> {
        let scores = of_tasks(&self.step, &self.programs)?;
        let passed = scores.iter().filter(|score| score.is_passed());
        Ok(passed.map(|score| score.task.slug.clone()).collect())
    }
}

fn has_passed(graded: &Graded) -> bool {
    matches!(graded.outcome, Outcome::Passed)
}

fn has_failed(graded: &Graded) -> bool {
    matches!(graded.outcome, Outcome::Failed(_))
}
