//! For people.

use super::painter::{Painter, indent};
use super::score::Score;
use crate::case::Graded;
use crate::section::Section;
use crate::verdict::{Failure, Outcome};
use console::Style;
use terminal::pad;
use terminal::{Language, Text, text};

impl Painter {
    /// One line for a case: its mark, slug, points and title.
    pub fn line(&self, graded: &Graded) -> String {
        let case = graded.case;
        let head = format!(
            "{} {}  {:>2}  {}",
            self.mark(graded),
            pad(case.slug, 24),
            case.points,
            case.title.get(self.language)
        );
        let (what, reason) = match &graded.outcome {
            Outcome::Passed | Outcome::Failed(_) | Outcome::FailedOnPurpose(..) => return head,
            Outcome::Skipped(reason) => (self.say(&SKIPPED), reason),
            Outcome::Excepted(reason) => (self.say(&EXCEPTED), reason),
        };
        let mut lines = vec![head];
        let reason = match self.language {
            Language::English => format!("{what}: {}", reason.en),
            Language::Chinese => format!("{what}：{}", reason.zh),
        };
        lines.extend(self.wrap(&reason).map(indent));
        lines.join("\n")
    }

    /// Everything about a failed case; nothing about another.
    pub fn failure(&self, graded: &Graded) -> String {
        let Outcome::Failed(failure) = &graded.outcome else {
            return String::new();
        };
        let case = graded.case;
        let mut lines = vec![format!(
            "{} {}   {}   {}",
            self.mark(graded),
            self.bold(case.slug),
            self.points(case.points),
            self.section(case.section)
        )];
        lines.extend(self.seen(failure).into_iter().map(indent));
        lines.join("\n")
    }

    /// What was seen of a failure, and what it means.
    pub(crate) fn seen(&self, failure: &Failure) -> Vec<String> {
        let mut lines = Vec::new();
        for note in &failure.notes {
            let note = self.in_parentheses(note.get(self.language));
            // What a program said keeps its lines.
            lines.extend(note.lines().flat_map(|line| self.wrap(line)));
        }
        lines.extend(self.evidence(&failure.evidence));
        lines.extend(self.wrap(failure.meaning.get(self.language)));
        lines
    }

    /// The last line: cases, points.
    pub fn score(&self, score: &Score) -> String {
        let Score {
            passed,
            judged,
            skipped,
            excepted,
            on_purpose,
            points,
            max_points,
            ..
        } = score;
        let mut line = match self.language {
            Language::English => {
                format!("{passed} of {judged} cases, {points} of {max_points} points")
            }
            Language::Chinese => {
                format!("{judged} 个用例通过 {passed} 个，满分 {max_points} 分，得 {points} 分")
            }
        };
        let counted = score.counted();
        if counted < *points {
            line += &match self.language {
                Language::English => {
                    format!(", of which {counted} count until it works the way the step does")
                }
                Language::Chinese => format!("，在它用上这一步的做法之前只计 {counted} 分"),
            };
        }
        if *skipped > 0 {
            line += &match self.language {
                Language::English => format!(", {skipped} skipped"),
                Language::Chinese => format!("，跳过 {skipped} 个"),
            };
        }
        if *excepted > 0 {
            line += &match self.language {
                Language::English => format!(", {excepted} excepted"),
                Language::Chinese => format!("，例外 {excepted} 个"),
            };
        }
        if *on_purpose > 0 {
            line += &match self.language {
                Language::English => format!(", {on_purpose} failed on purpose"),
                Language::Chinese => format!("，有意不通过 {on_purpose} 个"),
            };
        }
        let style = if score.is_full() {
            Style::new().green()
        } else if score.has_failure() {
            Style::new().red()
        } else {
            Style::new().yellow()
        };
        self.paint(style.bold(), &line)
    }

    fn in_parentheses(&self, words: &str) -> String {
        match self.language {
            Language::English => format!("({words})"),
            Language::Chinese => format!("（{words}）"),
        }
    }

    pub(super) fn points(&self, points: u32) -> String {
        match self.language {
            Language::English if points == 1 => "1 point".into(),
            Language::English => format!("{points} points"),
            Language::Chinese => format!("{points} 分"),
        }
    }

    fn section(&self, section: &Section) -> String {
        let Section { chapter, title, .. } = section;
        let told = match self.language {
            Language::English => format!("chapter {chapter}, \"{}\"", title.en),
            Language::Chinese => format!("第 {chapter} 章“{}”", title.zh),
        };
        match (self.step, self.language) {
            (Some(step), Language::English) if step > *chapter => {
                format!("chapter {step}; the reason is told in {told}")
            }
            (Some(step), Language::Chinese) if step > *chapter => {
                format!("第 {step} 章；道理见{told}")
            }
            _ => told,
        }
    }

    pub(super) fn mark(&self, graded: &Graded) -> String {
        match graded.outcome {
            Outcome::Passed => self.paint(Style::new().green(), "✓"),
            Outcome::Failed(_) => self.paint(Style::new().red().bold(), "✗"),
            Outcome::Skipped(_) => self.paint(Style::new().yellow(), "–"),
            Outcome::Excepted(_) => self.paint(Style::new().yellow(), "◦"),
            Outcome::FailedOnPurpose(..) => self.paint(Style::new().yellow(), "✗"),
        }
    }

    pub(super) fn bold(&self, words: &str) -> String {
        self.paint(Style::new().bold(), words)
    }
}

pub(super) static SKIPPED: Text = text("skipped", "跳过");
static EXCEPTED: Text = text("excepted", "例外");
