//! What came of a learner's copy, task by task.

use super::painter::{Painter, indent};
use super::run::Judged;
use crate::case::Graded;
use crate::library;
use crate::step::{Step, Task};
use crate::verdict::Outcome;
use anyhow::Result;
use console::Style;
use terminal::{Language, pad};

/// A task, and what came of its cases.
#[derive(Clone, Debug)]
pub struct TaskScore<'a> {
    /// Its place among the step's tasks, counted from 1.
    pub place: usize,
    /// The task.
    pub task: &'a Task,
    /// Its cases that passed.
    pub passed: Vec<&'static str>,
    /// Its cases that failed.
    pub failed: Vec<&'static str>,
    /// What the passed ones are worth.
    pub points: u32,
    /// What those are worth that were judged.
    pub max_points: u32,
    /// All of its cases.
    pub graded: Vec<Graded>,
}

impl TaskScore<'_> {
    /// All of it that could be judged here is well, and something was.
    pub fn is_passed(&self) -> bool {
        self.failed.is_empty() && !self.passed.is_empty()
    }
}

/// What came of each task of the step that was judged at all.
///
/// # Errors
///
/// When one names a program that there is not.
pub fn of_tasks<'a>(step: &'a Step, programs: &[Judged]) -> Result<Vec<TaskScore<'a>>> {
    let scores = step.tasks.iter().enumerate().map(|(place, task)| {
        let program = step.program_of(task)?;
        let mut graded = of(programs, &program.name, &task.cases);
        let tests: Vec<String> = task.tests.iter().map(|test| library::slug(test)).collect();
        graded.extend(of(programs, &library::name(step), &tests));
        Ok(score(place + 1, task, graded))
    });
    let scores: Vec<TaskScore> = scores.collect::<Result<_>>()?;
    let judged = |score: &TaskScore| score.passed.len() + score.failed.len() > 0;
    Ok(scores.into_iter().filter(judged).collect())
}

/// What came of these cases of a program's.
fn of(programs: &[Judged], name: &str, slugs: &[String]) -> Vec<Graded> {
    let judged = programs.iter().find(|it| it.name == name);
    let graded = judged.map_or(&[][..], |it| &it.graded).iter();
    let mine = graded.filter(|it| slugs.iter().any(|slug| slug == it.case.slug));
    mine.cloned().collect()
}

fn score(place: usize, task: &Task, graded: Vec<Graded>) -> TaskScore<'_> {
    let mut score = TaskScore {
        place,
        task,
        passed: Vec::new(),
        failed: Vec::new(),
        points: 0,
        max_points: 0,
        graded: Vec::new(),
    };
    for graded in &graded {
        let case = graded.case;
        match graded.outcome {
            Outcome::Passed => {
                score.passed.push(case.slug);
                score.points += case.points;
            }
            Outcome::Failed(_) => score.failed.push(case.slug),
            _ => continue,
        }
        score.max_points += case.points;
    }
    score.graded = graded;
    score
}

/// How many cells the bar has.
const CELLS: u32 = 20;

impl Painter {
    /// A line for each task, a bar, and which comes next.
    pub fn tasks(&self, scores: &[TaskScore]) -> Vec<String> {
        let mut lines = Vec::new();
        let in_hand = scores.iter().position(|score| !score.is_passed());
        for (index, score) in scores.iter().enumerate() {
            lines.push(self.task(score));
            // Of a task that nobody has begun, every case fails: that need not be told.
            if Some(index) == in_hand || !score.passed.is_empty() {
                let missing = match self.language {
                    Language::English => score.failed.join(", "),
                    Language::Chinese => score.failed.join("、"),
                };
                let missing = self.wrap(&missing).filter(|line| !line.is_empty());
                lines.extend(missing.map(indent).map(indent));
            }
        }
        lines.push(String::new());
        lines.push(self.bar(scores));
        lines
    }

    /// A line for a task: whether it is passed, its points, its title.
    pub fn task(&self, score: &TaskScore) -> String {
        let (mark, style) = match score.is_passed() {
            true => ("✓", Style::new().green()),
            false => ("✗", Style::new().red().bold()),
        };
        let TaskScore {
            place,
            task,
            points,
            max_points,
            ..
        } = score;
        let title = task.title.get(self.language);
        let points = format!("{points:>2}/{max_points:<2}");
        let mark = self.paint(style, mark);
        format!("{mark} {place} {} {points}  {title}", pad(&task.slug, 18))
    }

    /// How much of what the tasks are worth is there.
    pub fn bar(&self, scores: &[TaskScore]) -> String {
        let done = scores.iter().filter(|it| it.is_passed()).count();
        let points: u32 = scores.iter().map(|it| it.points).sum();
        let most: u32 = scores.iter().map(|it| it.max_points).sum();
        let filled = (points * CELLS).checked_div(most).unwrap_or(0);
        let (filled, empty) = (
            "━".repeat(filled as usize),
            "─".repeat((CELLS - filled) as usize),
        );
        let filled = self.paint(Style::new().green(), &filled);
        let count = scores.len();
        match self.language {
            Language::English => {
                format!("{filled}{empty}  {done} of {count} tasks, {points} of their {most} points")
            }
            Language::Chinese => {
                format!("{filled}{empty}  {count} 个任务完成 {done} 个，任务分 {points}/{most}")
            }
        }
    }
}
