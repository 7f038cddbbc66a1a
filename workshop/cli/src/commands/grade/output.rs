use super::bundle::Bundle;
use super::next::{compare_words, next_words};
use super::since::Since;
use crate::kept;
use anyhow::Result;
use grader::Graded;
use grader::report::json::Report as ForPrograms;
use grader::report::{Judged, Painter, Run, Score, TaskScore, elsewhere, junit, of_tasks};
use grader::step::{Step, Steps};
use starter::StepCopy;
use std::path::{Path, PathBuf};
use std::time::Duration;
use terminal::{Language, Lost, Terminal, Text, explained};

/// How a report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// For people（给人看）
    #[default]
    Human,
    /// For programs: one object, whose fields workshop/grader/REPORT.md explains
    /// （给程序读：一个对象，各字段见 workshop/grader/REPORT.md）
    Json,
    /// For continuous integration: JUnit's XML（给持续集成：JUnit 的 XML）
    Junit,
    /// Gradescope's results.json（Gradescope 的 results.json）
    Gradescope,
    /// Classroom 50's result.json（Classroom 50 的 result.json）
    Classroom50,
    /// Annotations of a workflow's run on GitHub（GitHub 工作流里的标注）
    Github,
}

/// Whose programs are graded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// The tutorial's own.
    Reference,
    /// A learner's copy: its folder, and whether it is as the starter was.
    Copy {
        shown: String,
        in_rust: bool,
        is_untouched: bool,
    },
    /// One that was named, which says enough.
    Foreign,
}

/// A report that grows with every program graded.
pub(super) struct Report<'a> {
    format: Format,
    terminal: &'a Terminal,
    run: Run,
    /// Every case, and every failure in full.
    all: bool,
    file: Option<PathBuf>,
    programs: Vec<Judged>,
    whose: Whose,
    /// The cases that pass now and did not the last time.
    new: Vec<(String, &'static str)>,
    /// What fails and passed the last time.
    lost: Vec<Graded>,
    lines: Vec<String>,
}

impl Format {
    /// Begins a report. Nothing is graded in vain: a file that cannot be written is told now.
    pub(super) fn begin<'a>(
        self,
        terminal: &'a Terminal,
        steps: &Steps,
        step: &Step,
        all: bool,
        file: Option<&Path>,
    ) -> Result<Report<'a>> {
        if let Some(file) = file {
            terminal::can_be_written(file)?;
        }
        Ok(Report {
            format: self,
            terminal,
            run: Run::begin(steps, step),
            all,
            file: file.map(Path::to_owned),
            programs: Vec::new(),
            whose: Whose::Foreign,
            new: Vec::new(),
            lost: Vec::new(),
            lines: Vec::new(),
        })
    }
}

impl Report<'_> {
    /// Adds what came of a program. For people on a terminal it is printed at once.
    pub(super) fn add(
        &mut self,
        name: &str,
        graded: Vec<Graded>,
        since: &Since,
        took: Duration,
    ) -> Result<()> {
        if self.format == Format::Human && self.file.is_none() {
            self.print(name, &graded, since, took)?;
        }
        self.lines.extend(self.plain(name, &graded, since));
        let lost = graded.iter().filter(|it| since.is_lost(it.case.slug));
        self.lost.extend(lost.cloned());
        let new = graded.iter().map(|it| it.case.slug);
        let new = new.filter(|slug| since.is_new(slug));
        self.new.extend(new.map(|slug| (name.to_owned(), slug)));
        self.programs.push(Judged {
            name: name.to_owned(),
            graded,
            took,
        });
        Ok(())
    }

    /// Says whose programs they are.
    pub(super) fn introduce(&mut self, whose: &Whose) -> Result<()> {
        let number = self.run.step.number;
        let words = match whose {
            Whose::Foreign => return Ok(()),
            Whose::Reference if self.run.step.tasks.is_empty() => return Ok(()),
            Whose::Reference => Text::new(
                format!("the tutorial's own; begin a copy of yours: cargo run -- start {number}"),
                format!("这是教程自带的程序；开始写自己的：cargo run -- start {number}"),
            ),
            Whose::Copy { shown, .. } => Text::new(
                format!("your copy, {shown}; the tutorial's own: --reference"),
                format!("你的副本 {shown}；教程自带的程序：--reference"),
            ),
        };
        self.whose = whose.clone();
        self.tell(&self.terminal.dim(words.get(self.terminal.language)))
    }

    /// A line or more for people, wherever the report goes.
    fn tell(&mut self, lines: &str) -> Result<()> {
        if self.format == Format::Human && self.file.is_none() {
            self.terminal.print(&format!("\n{}", indent(lines)))?;
        }
        let plain = console::strip_ansi_codes(lines).into_owned();
        self.lines.extend(plain.lines().map(str::to_owned));
        Ok(())
    }

    /// Adds a program that does not build: what the compiler said is told once, by [`Self::compiler`].
    pub(super) fn add_not_built(&mut self, name: &str, graded: Vec<Graded>) {
        self.programs.push(Judged {
            name: name.to_owned(),
            graded,
            took: Duration::ZERO,
        });
    }

    /// The compiler's own words, and where to see all of them.
    pub(super) fn compiler(&mut self, complaints: &str) -> Result<()> {
        let does_not_build = self
            .terminal
            .say("not graded: it does not build", "没有评分：编译不通过");
        let all: Vec<&str> = complaints.lines().collect();
        let mut told = all[..all.len().min(COMPLAINTS)].join("\n");
        if all.len() > COMPLAINTS {
            let more = all.len() - COMPLAINTS;
            let Whose::Copy { shown, .. } = &self.whose else {
                return Ok(());
            };
            told += &match self.terminal.language {
                Language::English => format!("\n… {more} lines more: (cd {shown} && cargo build)"),
                Language::Chinese => format!("\n…… 还有 {more} 行：(cd {shown} && cargo build)"),
            };
        }
        self.tell(&format!("{does_not_build}\n\n{told}"))
    }

    /// What to mend in the first task that is not passed; and if all of the copy was graded, what
    /// came of it, task by task, and what comes next.
    pub(super) fn tasks(&mut self, is_whole: bool) -> Result<()> {
        let step = self.run.step.clone();
        let scores = of_tasks(&step, &self.programs)?;
        let painter = Painter::of(self.terminal).at_step(step.number);
        let Whose::Copy {
            in_rust,
            is_untouched: untouched,
            ..
        } = self.whose
        else {
            return Ok(()); // only copies have tasks
        };
        let next = scores.iter().find(|score| !score.is_passed());
        if let Some(score) = next
            && !untouched
            && !self.all
        {
            let title = score.task.title.get(painter.language);
            let (task, graded) = match (self.lost.is_empty(), painter.language) {
                (false, Language::English) => (
                    "Something is lost: look first at what you have changed since.".to_owned(),
                    &self.lost,
                ),
                (false, Language::Chinese) => (
                    "原来通过的现在不通过了：先看看你刚改了什么。".to_owned(),
                    &self.lost,
                ),
                (true, Language::English) => {
                    (format!("Task {}, {title}", score.place), &score.graded)
                }
                (true, Language::Chinese) => {
                    (format!("任务 {}“{title}”", score.place), &score.graded)
                }
            };
            let blocks = painter.what_to_mend(graded);
            self.tell(&[&[task], &blocks[..]].concat().join("\n\n"))?;
        }
        if !is_whole {
            return Ok(()); // of some cases, nothing is known of a task
        }
        let mut lines = painter.tasks(&scores);
        let compare = scores.iter().filter(|score| self.is_new(&step, score));
        let compare = compare.map(|score| compare_words(&step, score));
        let root = terminal::workspace()?;
        let allowed = in_rust && StepCopy::of(&root, &step).allows_warnings();
        // What is lost is not what comes next.
        let next = self
            .lost
            .is_empty()
            .then(|| next_words(&step, allowed, next, in_rust, untouched));
        let words = compare.chain(next);
        lines.extend(words.map(|words| words.get(painter.language).to_owned()));
        self.tell(&lines.join("\n"))
    }

    /// Keeps what a copy has come to, if all of its programs were graded.
    pub(super) fn keep(&self, steps: &Steps) -> Result<()> {
        let Whose::Copy { shown, in_rust, .. } = &self.whose else {
            return Ok(()); // nobody's progress
        };
        let step = &self.run.step;
        let is_graded = |name: &str| self.programs.iter().any(|it| it.name == name);
        let all = step.to_be_written()?;
        if *in_rust && !all.iter().all(|program| is_graded(&program.name)) {
            return Ok(());
        }
        let copy = shown.rsplit('/').next().unwrap_or(shown);
        let kept = kept::graded(steps, step, copy, &self.programs);
        if let Err(error) = kept {
            let language = self.terminal.language;
            self.terminal.complain(&explained(&error, language));
        }
        Ok(())
    }

    /// Is the task passed, and was it not the last time?
    fn is_new(&self, step: &Step, score: &TaskScore) -> bool {
        let in_rust = matches!(self.whose, Whose::Copy { in_rust: true, .. });
        let program = step
            .program_of(score.task)
            .map(|program| program.name.clone());
        let library = grader::library::name(step);
        let is_its = |(name, slug): &(String, &'static str)| {
            let its = program.as_ref().is_ok_and(|program| program == name) || *name == library;
            its && score.passed.contains(slug)
        };
        in_rust && score.is_passed() && self.new.iter().any(is_its)
    }

    fn print(&self, name: &str, graded: &[Graded], since: &Since, took: Duration) -> Result<()> {
        let terminal = self.terminal;
        let painter = Painter::of(terminal).at_step(self.run.step.number);
        let summary = self.summary(&painter, graded);
        // Of a copy, a line: what there is to be told is told of its tasks.
        let gap = if summary.is_empty() && !self.programs.is_empty() {
            ""
        } else {
            "\n"
        };
        let gap_below = if summary.is_empty() { "" } else { "\n" };
        terminal.print(&format!("{gap}  {}", terminal.bold(name)))?;
        for (place, block) in summary.iter().enumerate() {
            let gap = if place == 0 { "" } else { "\n" };
            terminal.print(&format!("{gap}{}", indent(block)))?;
        }
        let score = painter.score(&Score::of(graded));
        let took = terminal.dim(&format!("{:.1} s", took.as_secs_f64()));
        terminal.print(&format!("{gap_below}  {score}   {took}"))?;
        if let Some(since) = since.told() {
            terminal.print(&format!("  {}", since.get(terminal.language)))?;
        }
        Ok(())
    }

    /// What came of a program. Of a copy, the task in hand is told at the end, and no more.
    fn summary(&self, painter: &Painter, graded: &[Graded]) -> Vec<String> {
        match self.whose {
            Whose::Copy { .. } if !self.all => Vec::new(),
            _ => painter.summary(graded, self.all),
        }
    }

    fn plain(&self, name: &str, graded: &[Graded], since: &Since) -> Vec<String> {
        let language = self.terminal.language;
        let painter = Painter::plain(language).at_step(self.run.step.number);
        let mut lines = vec![name.to_owned()];
        lines.extend(self.summary(&painter, graded));
        lines.push(painter.score(&Score::of(graded)));
        lines.extend(since.told().map(|since| since.get(language).to_owned()));
        lines
    }

    /// Writes all of it for a dispute.
    pub(super) fn write_bundle(&self, bundle: &Bundle) -> Result<()> {
        bundle.write(&self.for_programs()?, &self.for_people())
    }

    fn for_programs(&self) -> Result<ForPrograms> {
        let report = ForPrograms::of(&self.run, &self.programs, self.terminal.language);
        Ok(match self.whose {
            Whose::Copy { .. } => report.with_tasks(&of_tasks(&self.run.step, &self.programs)?),
            Whose::Reference | Whose::Foreign => report,
        })
    }

    fn for_people(&self) -> String {
        self.lines.join("\n") + "\n"
    }

    /// Writes what has not been printed yet.
    pub(super) fn finish(self) -> Result<()> {
        let language = self.terminal.language;
        let text = match self.format {
            Format::Human if self.file.is_none() => return Ok(()),
            Format::Human => self.for_people(),
            Format::Json => self.for_programs()?.to_json(),
            Format::Junit => junit::report(&self.run, &self.programs, language)?,
            Format::Gradescope => elsewhere::gradescope(&self.for_programs()?, language),
            Format::Classroom50 => elsewhere::classroom50(&self.for_programs()?, language)?,
            Format::Github => elsewhere::github(&self.for_programs()?, language),
        };
        match &self.file {
            None => {
                let printed = self.terminal.print_for_programs(text.trim_end());
                printed.map_err(Lost::for_programs)?;
            }
            Some(file) => terminal::replace_file(file, text.as_bytes())?,
        }
        Ok(())
    }
}

/// How many lines of the compiler's are shown.
const COMPLAINTS: usize = 60;

/// What is to be mended in a program, if something is.
pub(crate) fn print_what_to_mend(terminal: &Terminal, name: &str, graded: &[Graded]) -> Result<()> {
    let blocks = Painter::of(terminal).what_to_mend(graded);
    if !blocks.is_empty() {
        terminal.print(&format!("\n  {}", terminal.bold(name)))?;
        terminal.print(&indent(&blocks.join("\n\n")))?;
    }
    Ok(())
}

fn indent(lines: &str) -> String {
    let indented = lines.lines().map(|line| match line {
        "" => String::new(),
        line => format!("  {line}"),
    });
    indented.collect::<Vec<_>>().join("\n")
}
