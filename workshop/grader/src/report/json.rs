//! The report for programs. `workshop/grader/REPORT.md` explains the fields, and
//! `workshop/grader/report.schema.json` says them to programs.

use super::painter::Painter;
use super::run::{Judged, Run};
use super::score::Score;
use super::tasks::TaskScore;
use crate::case::{Graded, Outcome};
use crate::deadline::CASE_TIME;
use crate::evidence::{End, Evidence, Excerpt, Exchange};
use crate::grade::GRADE_TIME;
use crate::patience::PATIENCE;
use crate::verdict::Failure;
use serde::{Deserialize, Serialize};
use terminal::{Language, Text};

/// Grows when a field changes its meaning or goes; a new field alone does not change it.
pub const VERSION: u32 = 2;

/// What came of one run of the judge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// [`VERSION`].
    pub version: u32,
    /// The judge's own version.
    pub judge: String,
    /// The step's slug.
    pub step: String,
    /// When it began, by RFC 3339 and in UTC.
    pub time: String,
    /// How long it took.
    pub milliseconds: u64,
    /// Where random input began; in digits, as not every reader of JSON keeps 64 bits of a number.
    pub seed: String,
    /// How long nothing must come to be nothing, in seconds.
    pub patience_seconds: u64,
    /// How long a case may take, in seconds; zero in a report that does not tell.
    #[serde(default)]
    pub case_seconds: u64,
    /// After how many seconds no other case of a program is begun; zero in a report that does not tell.
    #[serde(default)]
    pub grade_seconds: u64,
    /// What the judge itself may use here.
    pub limits: Limits,
    /// What the passed cases are worth.
    pub points: u32,
    /// What of it counts: of a program that does not work the way its step does, no more than half of
    /// what can be had.
    pub counted_points: u32,
    /// What the judged ones are worth.
    pub max_points: u32,
    /// What all are worth, those as well that were not judged.
    pub max_points_possible: u32,
    /// What was graded.
    pub programs: Vec<Program>,
    /// Of a learner's copy, what came of each task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tasks: Option<Vec<Task>>,
}

/// What the judge itself may use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Descriptors that may be open.
    pub descriptors: u64,
}

/// A task of a learner's copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Its lasting name.
    pub slug: String,
    /// What it is about.
    pub title: Words,
    /// All of its cases that could be judged passed.
    pub passed: bool,
    /// Its cases that passed.
    pub passed_cases: Vec<String>,
    /// Its cases that failed.
    pub failed_cases: Vec<String>,
    /// What the passed ones are worth.
    pub points: u32,
    /// What the judged ones are worth.
    pub max_points: u32,
}

/// One program, and its cases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// Its binary's name, or the command.
    pub name: String,
    /// What its passed cases are worth.
    pub points: u32,
    /// What of it counts.
    pub counted_points: u32,
    /// What its judged ones are worth.
    pub max_points: u32,
    /// What all of its cases are worth.
    pub max_points_possible: u32,
    /// How long it took to grade.
    pub milliseconds: u64,
    /// In a lasting order.
    pub cases: Vec<Case>,
}

/// One case, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Its lasting name.
    pub slug: String,
    /// What is checked.
    pub title: Words,
    /// What somebody learns who makes it pass.
    pub teaches: Words,
    /// The chapter of the book that tells the reason, by its step's slug.
    pub chapter: String,
    /// Where in it: the heading's id.
    pub section: String,
    /// How it ended.
    pub status: Status,
    /// What it brought: nothing or all.
    pub points: u32,
    /// What it is worth.
    pub max_points: u32,
    /// How long it took.
    pub milliseconds: u64,
    /// In the language of the run: what was seen and what it means, or why it was not judged.
    pub message: Option<String>,
    /// The same in both.
    pub messages: Option<Words>,
    /// What was seen of a failure, as data.
    pub evidence: Option<Seen>,
}

/// How a case ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It did what it should.
    Passed,
    /// It did not.
    Failed,
    /// It could not be seen here.
    Skipped,
    /// It need not be done.
    Excepted,
    /// It did not, and need not: the program stands in its chapter to show that.
    FailedOnPurpose,
}

/// Words in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

/// What was seen of a failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// What this usually means.
    pub meaning: Words,
    /// What else is known.
    pub notes: Vec<Words>,
    /// What went over the wire.
    pub exchange: Option<Wire>,
    /// What should have been, where it is no bytes.
    pub expected: Option<Words>,
    /// What was.
    pub found: Option<Words>,
}

/// What went over the wire, around the first difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wire {
    /// What the client sent.
    pub sent: Piece,
    /// Has it half-closed?
    pub finished: bool,
    /// What it is owed.
    pub expected: Piece,
    /// Is the server to close?
    pub end_expected: bool,
    /// What came.
    pub received: Piece,
    /// How the connection stands: `open`, `closed` (FIN), `reset` (RST).
    pub end: String,
    /// Where the first difference stands, counted from the stream's beginning.
    pub difference: usize,
}

/// A piece of a stream of bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Where it begins in the stream.
    pub offset: usize,
    /// The bytes: what is printable ASCII stands for itself, all others as in `\n` or `\xff`, a
    /// backslash and quotes after a backslash.
    pub bytes: String,
    /// The stream's length.
    pub total: usize,
}

impl Report {
    /// What came of `programs`; the messages are in `language`, and in both.
    pub fn of(run: &Run, programs: &[Judged], language: Language) -> Report {
        let programs: Vec<Program> = programs
            .iter()
            .map(|it| program(run, it, language))
            .collect();
        let sum = |points: fn(&Program) -> u32| programs.iter().map(points).sum();
        Report {
            version: VERSION,
            judge: env!("CARGO_PKG_VERSION").into(),
            step: run.step.slug.clone(),
            time: run.time.clone(),
            milliseconds: run.began.elapsed().as_millis() as u64,
            seed: crate::seed::seed().to_string(),
            patience_seconds: PATIENCE.as_secs(),
            case_seconds: CASE_TIME.as_secs(),
            grade_seconds: GRADE_TIME.as_secs(),
            limits: Limits {
                descriptors: subject::descriptor_limit(),
            },
            points: sum(|it| it.points),
            counted_points: sum(|it| it.counted_points),
            max_points: sum(|it| it.max_points),
            max_points_possible: sum(|it| it.max_points_possible),
            programs,
            tasks: None,
        }
    }

    /// The same of a learner's copy.
    pub fn with_tasks(self, scores: &[TaskScore]) -> Report {
        let tasks = scores.iter().map(Task::from).collect();
        Report {
            tasks: Some(tasks),
            ..self
        }
    }

    /// As JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("it has no key that is not a string") + "\n"
    }
}

impl From<&TaskScore<'_>> for Task {
    fn from(score: &TaskScore) -> Task {
        let owned = |slugs: &[&str]| slugs.iter().map(|&slug| slug.to_owned()).collect();
        Task {
            slug: score.task.slug.clone(),
            title: (&score.task.title).into(),
            passed: score.is_passed(),
            passed_cases: owned(&score.passed),
            failed_cases: owned(&score.failed),
            points: score.points,
            max_points: score.max_points,
        }
    }
}

fn program(run: &Run, judged: &Judged, language: Language) -> Program {
    let score = Score::of(&judged.graded);
    let cases = judged.graded.iter();
    Program {
        name: judged.name.clone(),
        points: score.points,
        counted_points: score.counted(),
        max_points: score.max_points,
        max_points_possible: cases.clone().map(|it| it.case.points).sum(),
        milliseconds: judged.took.as_millis() as u64,
        cases: cases.map(|graded| case(run, graded, language)).collect(),
    }
}

fn case(run: &Run, graded: &Graded, language: Language) -> Case {
    let case = graded.case;
    let (status, messages) = match &graded.outcome {
        Outcome::Passed => (Status::Passed, None),
        Outcome::Failed(_) => {
            let told = |language| Painter::plain(language).failure(graded);
            let (en, zh) = (told(Language::English), told(Language::Chinese));
            (Status::Failed, Some(Words { en, zh }))
        }
        Outcome::Excepted(reason) => (Status::Excepted, Some(reason.into())),
        Outcome::FailedOnPurpose(reason, _) => (Status::FailedOnPurpose, Some(reason.into())),
        Outcome::Skipped(reason) => (Status::Skipped, Some(reason.into())),
    };
    let evidence = match &graded.outcome {
        Outcome::Failed(failure) | Outcome::FailedOnPurpose(_, failure) => {
            Some(Seen::from(&**failure))
        }
        _ => None,
    };
    Case {
        slug: case.slug.into(),
        title: (&case.title).into(),
        teaches: (&case.teaches).into(),
        chapter: run.chapter(case.section.chapter),
        section: case.section.id.into(),
        status,
        points: if status == Status::Passed {
            case.points
        } else {
            0
        },
        max_points: case.points,
        milliseconds: graded.took.as_millis() as u64,
        message: messages
            .as_ref()
            .map(|words| words.get(language).to_owned()),
        messages,
        evidence,
    }
}

impl Words {
    /// In one language.
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::English => &self.en,
            Language::Chinese => &self.zh,
        }
    }
}

impl From<&Text> for Words {
    fn from(text: &Text) -> Words {
        Words {
            en: text.en.to_string(),
            zh: text.zh.to_string(),
        }
    }
}

impl From<&Failure> for Seen {
    fn from(failure: &Failure) -> Seen {
        let mut seen = Seen {
            meaning: (&failure.meaning).into(),
            notes: failure.notes.iter().map(Words::from).collect(),
            exchange: None,
            expected: None,
            found: None,
        };
        match &failure.evidence {
            Evidence::Exchange(exchange) => seen.exchange = Some((&**exchange).into()),
            Evidence::Finding { expected, found } => {
                seen.expected = Some(expected.into());
                seen.found = Some(found.into());
            }
            Evidence::Note(note) => seen.found = Some(note.into()),
        }
        seen
    }
}

impl From<&Exchange> for Wire {
    fn from(exchange: &Exchange) -> Wire {
        let end = match exchange.end {
            End::Open | End::Still | End::Late | End::OneReceive => "open",
            End::Closed => "closed",
            End::Reset => "reset",
        };
        Wire {
            sent: (&exchange.sent).into(),
            finished: exchange.finished,
            expected: (&exchange.expected).into(),
            end_expected: exchange.end_expected,
            received: (&exchange.received).into(),
            end: end.into(),
            difference: exchange.expected.skipped + exchange.difference,
        }
    }
}

impl From<&Excerpt> for Piece {
    fn from(excerpt: &Excerpt) -> Piece {
        Piece {
            offset: excerpt.skipped,
            bytes: excerpt.bytes.escape_ascii().to_string(),
            total: excerpt.skipped + excerpt.bytes.len() + excerpt.left_out,
        }
    }
}
