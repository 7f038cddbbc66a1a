//! The report for programs. `workshop/grader/REPORT.md` explains the fields.

use super::painter::Painter;
use super::score::Score;
use crate::case::{Graded, Outcome};
use crate::step::Step;
use serde::Serialize;
use terminal::Language;

/// Grows when a field changes its meaning or goes; a new field alone does not change it.
pub const VERSION: u32 = 1;

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    step: &'a str,
    points: u32,
    max_points: u32,
    programs: Vec<Program<'a>>,
}

#[derive(Serialize)]
struct Program<'a> {
    name: &'a str,
    points: u32,
    max_points: u32,
    cases: Vec<Case<'a>>,
}

#[derive(Serialize)]
struct Case<'a> {
    slug: &'a str,
    title: &'a str,
    teaches: &'a str,
    chapter: u8,
    section: &'a str,
    status: &'static str,
    points: u32,
    max_points: u32,
    milliseconds: u64,
    message: Option<String>,
}

/// One JSON object about all programs that were graded; words are in `language`.
pub fn report(step: &Step, programs: &[(String, Vec<Graded>)], language: Language) -> String {
    let programs: Vec<Program> = programs
        .iter()
        .map(|(name, graded)| program(name, graded, language))
        .collect();
    let report = Report {
        version: VERSION,
        step: &step.slug,
        points: programs.iter().map(|program| program.points).sum(),
        max_points: programs.iter().map(|program| program.max_points).sum(),
        programs,
    };
    serde_json::to_string_pretty(&report).expect("it has no key that is not a string") + "\n"
}

fn program<'a>(name: &'a str, graded: &'a [Graded], language: Language) -> Program<'a> {
    let score = Score::of(graded);
    Program {
        name,
        points: score.points,
        max_points: score.max_points,
        cases: graded.iter().map(|graded| case(graded, language)).collect(),
    }
}

fn case(graded: &Graded, language: Language) -> Case<'_> {
    let case = graded.case;
    let (status, points, message) = match &graded.outcome {
        Outcome::Passed => ("passed", case.points, None),
        Outcome::Failed(_) => {
            let failure = Painter::plain(language).failure(graded);
            ("failed", 0, Some(failure))
        }
        Outcome::Excepted(reason) => ("excepted", 0, Some(reason.get(language).to_owned())),
        Outcome::Skipped(reason) => ("skipped", 0, Some(reason.get(language).to_owned())),
    };
    Case {
        slug: case.slug,
        title: case.title.get(language),
        teaches: case.teaches.get(language),
        chapter: case.section.chapter,
        section: case.section.id,
        status,
        points,
        max_points: case.points,
        milliseconds: graded.took.as_millis() as u64,
        message,
    }
}
