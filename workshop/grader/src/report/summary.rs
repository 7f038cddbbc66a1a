//! What failed, for people: by its causes, and in stages.

use super::findings::{Cause, Finding, findings};
use super::lines::SKIPPED;
use super::painter::{Painter, indent};
use super::score::Score;
use crate::case::Graded;
use crate::stage::Stage;
use crate::verdict::{Failure, Outcome};
use console::Style;
use terminal::{Language, Text, pad, text};

impl Painter {
    /// What came of a program's cases, block by block. Where all is well, or with `all`, every case has
    /// its line, and every failure is told in full. Otherwise what to mend first is told, and why; the
    /// first stage in which something fails in full, the later ones as a list.
    pub fn summary(&self, graded: &[Graded], all: bool) -> Vec<String> {
        let findings = findings(graded);
        let mut blocks = Vec::new();
        if all || findings.is_empty() {
            let lines: Vec<String> = graded.iter().map(|graded| self.line(graded)).collect();
            blocks.push(lines.join("\n"));
        }
        blocks.extend(self.on_purpose(graded));
        let Some((first, others)) = findings.split_first() else {
            return blocks;
        };
        blocks.extend(self.causes(first, others, all));
        if first.stops_all() && others.is_empty() && !all {
            return blocks; // each line of a list would say the same
        }
        if all {
            blocks.extend(failed(graded).map(|graded| self.failure(graded)));
        } else {
            blocks.extend(self.first_stage(graded, others));
            blocks.push(self.stages(graded));
            blocks.extend(self.skipped(graded));
            blocks.push(self.say(&ALL).to_owned());
        }
        blocks
    }

    /// What to mend first, its first case in full, and what else was found, in short; nothing where
    /// nothing fails.
    pub fn what_to_mend(&self, graded: &[Graded]) -> Vec<String> {
        let findings = findings(graded);
        let split = findings.split_first();
        split.map_or_else(Vec::new, |(first, others)| {
            self.causes(first, others, false)
        })
    }

    /// What to mend first, and its first case in full, as short as it can be said; nothing where nothing
    /// fails.
    pub fn first_finding(&self, graded: &[Graded]) -> Vec<String> {
        let findings = findings(graded);
        let first = findings.first();
        first.map_or_else(Vec::new, |first| {
            let mut head = self.title_and_why(first, findings.len() == 1);
            if first.failed.len() > 1 && !first.stops_all() {
                head.push(indent(self.how_many(&first.failed)));
            }
            vec![head.join("\n"), self.failure(first.failed[0])]
        })
    }

    fn causes(&self, first: &Finding, others: &[Finding], all: bool) -> Vec<String> {
        let mut blocks = vec![self.first(first, others.is_empty())];
        if !all {
            blocks.push(self.failure(first.failed[0]));
        }
        // What is one case, and nothing more is known of it, stands in its stage.
        let is_cause =
            |it: &&Finding| it.failed.len() > 1 || !matches!(it.cause, Cause::Meaning(_));
        let mut causes = others.iter().filter(is_cause).peekable();
        if causes.peek().is_some() {
            let mut lines = vec![self.say(&THEN).to_owned()];
            lines.extend(causes.flat_map(|finding| self.other(finding)));
            blocks.push(lines.join("\n"));
        }
        blocks
    }

    /// What the program lacks on purpose, and what was seen of it in one case.
    fn on_purpose(&self, graded: &[Graded]) -> Vec<String> {
        let mut lacks: Vec<(&Text, Vec<(&Graded, &Failure)>)> = Vec::new();
        for graded in graded {
            let Outcome::FailedOnPurpose(reason, failure) = &graded.outcome else {
                continue;
            };
            match lacks.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, cases)) => cases.push((graded, failure)),
                None => lacks.push((reason, vec![(graded, failure)])),
            }
        }
        let blocks = lacks.into_iter().map(|(reason, cases)| {
            // The one that looks for it, if there is one, shows it best.
            let sign = |(_, failure): &&(&Graded, &Failure)| failure.facts.sign.is_some();
            let &(shown, failure) = cases.iter().find(sign).unwrap_or(&cases[0]);
            let cases: Vec<&Graded> = cases.iter().map(|(graded, _)| *graded).collect();
            let title = match self.language {
                Language::English => format!("On purpose: {}", reason.en),
                Language::Chinese => format!("有意如此：{}", reason.zh),
            };
            let mut lines: Vec<String> = self.wrap(&title).map(|line| self.bold(&line)).collect();
            lines.extend(self.wrap(&self.fail_by_it(&cases)).map(indent));
            lines.push(format!(
                "{} {}",
                self.mark(shown),
                self.bold(shown.case.slug)
            ));
            lines.extend(self.seen(failure).into_iter().map(indent));
            lines.join("\n")
        });
        blocks.collect()
    }

    /// What to mend first, why, and what fails by it.
    fn first(&self, finding: &Finding, is_only: bool) -> String {
        let mut lines = self.title_and_why(finding, is_only);
        if finding.failed.len() > 1 && !finding.stops_all() {
            lines.extend(self.wrap(&self.fail_by_it(&finding.failed)).map(indent));
        }
        lines.join("\n")
    }

    fn title_and_why(&self, finding: &Finding, is_only: bool) -> Vec<String> {
        let title = finding.title();
        let first = match self.language {
            Language::English => format!("Mend first: {}", title.en),
            Language::Chinese => format!("先改这一处：{}", title.zh),
        };
        let mut lines: Vec<String> = self.wrap(&first).map(|line| self.bold(&line)).collect();
        // Of the only one that has no better reason, the case says what there is to say.
        if !(is_only && matches!(finding.cause, Cause::Meaning(_))) {
            lines.extend(self.wrap(finding.why().get(self.language)).map(indent));
        }
        lines
    }

    /// Another one, in short.
    fn other(&self, finding: &Finding) -> Vec<String> {
        let title = finding.title();
        let mut lines: Vec<String> = self
            .wrap(&format!("- {}", title.get(self.language)))
            .map(indent)
            .collect();
        let cases = self.fail_by_it(&finding.failed);
        lines.extend(self.wrap(&cases).map(|line| indent(format!("  {line}"))));
        lines
    }

    fn fail_by_it(&self, failed: &[&Graded]) -> String {
        let slugs: Vec<&str> = failed.iter().map(|it| it.case.slug).collect();
        let how_many = self.how_many(failed);
        match self.language {
            Language::English => format!("{how_many}: {}", slugs.join(", ")),
            Language::Chinese => format!("{how_many}：{}", slugs.join("、")),
        }
    }

    fn how_many(&self, failed: &[&Graded]) -> String {
        let points = self.points(failed.iter().map(|it| it.case.points).sum());
        match (self.language, failed.len()) {
            (Language::English, 1) => format!("1 case, {points}"),
            (Language::English, count) => format!("{count} cases, {points}"),
            (Language::Chinese, count) => format!("{count} 个用例，{points}"),
        }
    }

    /// The failures of the first stage in which something fails, each cause once; the first cause
    /// stands above.
    fn first_stage(&self, graded: &[Graded], others: &[Finding]) -> Vec<String> {
        let first = failed(graded).map(|graded| graded.case.stage).min();
        let of_it = others
            .iter()
            .filter(|finding| Some(finding.stage()) == first);
        of_it
            .map(|finding| self.failure(finding.failed[0]))
            .collect()
    }

    /// Stage by stage, how many cases pass, and those that do not.
    fn stages(&self, graded: &[Graded]) -> String {
        let mut lines = Vec::new();
        for stage in Stage::ALL {
            let of_it: Vec<Graded> = graded
                .iter()
                .filter(|graded| graded.case.stage == stage)
                .cloned()
                .collect();
            let score = Score::of(&of_it);
            if score.judged > 0 {
                lines.push(self.stage(stage, &score));
                lines.extend(failed(&of_it).map(|graded| indent(self.line(graded))));
            }
        }
        lines.join("\n")
    }

    fn stage(&self, stage: Stage, score: &Score) -> String {
        let (mark, style) = match score.has_failure() {
            true => ("✗", Style::new().red().bold()),
            false => ("✓", Style::new().green()),
        };
        let title = pad(stage.title().get(self.language), 28);
        let (passed, judged) = (score.passed, score.judged);
        let mark = self.paint(style, mark);
        match self.language {
            Language::English => format!("{mark} {title}{passed} of {judged}"),
            Language::Chinese => format!("{mark} {title}{judged} 个用例通过 {passed} 个"),
        }
    }

    /// What was not judged, each reason once.
    fn skipped(&self, graded: &[Graded]) -> Option<String> {
        let mut reasons: Vec<(&Text, Vec<&str>)> = Vec::new();
        for graded in graded {
            let Outcome::Skipped(reason) = &graded.outcome else {
                continue;
            };
            match reasons.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, slugs)) => slugs.push(graded.case.slug),
                None => reasons.push((reason, vec![graded.case.slug])),
            }
        }
        let lines = reasons.into_iter().flat_map(|(reason, slugs)| {
            let what = self.say(&SKIPPED);
            let line = match self.language {
                Language::English => format!("{what}: {}: {}", slugs.join(", "), reason.en),
                Language::Chinese => format!("{what}：{}：{}", slugs.join("、"), reason.zh),
            };
            self.wrap(&line).collect::<Vec<_>>()
        });
        let lines: Vec<String> = lines.collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}

fn failed(graded: &[Graded]) -> impl Iterator<Item = &Graded> {
    let failed = |graded: &&Graded| matches!(graded.outcome, Outcome::Failed(_));
    graded.iter().filter(failed)
}

static THEN: Text = text("Then:", "然后：");
static ALL: Text = text(
    "(--all shows every case and every failure; --case NAME runs one alone)",
    "（--all 显示每个用例和每处失败；--case 名字 只跑一个）",
);
