use super::bundle::Bundle;
use super::since::Since;
use anyhow::Result;
use grader::Graded;
use grader::report::json::Report as ForPrograms;
use grader::report::{Judged, Painter, Run, Score, elsewhere, json, junit};
use grader::step::{Step, Steps};
use std::path::{Path, PathBuf};
use std::time::Duration;
use terminal::Terminal;

/// How a report is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Human,
    /// For programs: one object, whose fields workshop/grader/REPORT.md explains
    Json,
    /// For continuous integration: JUnit's XML
    Junit,
    /// Gradescope's results.json
    Gradescope,
    /// Classroom 50's result.json
    Classroom50,
    /// Annotations of a workflow's run on GitHub
    Github,
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
        self.programs.push(Judged {
            name: name.to_owned(),
            graded,
            took,
        });
        Ok(())
    }

    fn print(&self, name: &str, graded: &[Graded], since: &Since, took: Duration) -> Result<()> {
        let terminal = self.terminal;
        let painter = Painter::of(terminal).at_step(self.run.step.number);
        terminal.print(&format!("\n  {}", terminal.bold(name)))?;
        for (place, block) in painter.summary(graded, self.all).iter().enumerate() {
            let gap = if place == 0 { "" } else { "\n" };
            terminal.print(&format!("{gap}{}", indent(block)))?;
        }
        let score = painter.score(&Score::of(graded));
        let took = terminal.dim(&format!("{:.1} s", took.as_secs_f64()));
        terminal.print(&format!("\n  {score}   {took}"))?;
        if let Some(since) = since.told() {
            terminal.print(&format!("  {}", since.get(terminal.language)))?;
        }
        Ok(())
    }

    fn plain(&self, name: &str, graded: &[Graded], since: &Since) -> Vec<String> {
        let language = self.terminal.language;
        let painter = Painter::plain(language).at_step(self.run.step.number);
        let mut lines = vec![name.to_owned()];
        lines.extend(painter.summary(graded, self.all));
        lines.push(painter.score(&Score::of(graded)));
        lines.extend(since.told().map(|since| since.get(language).to_owned()));
        lines
    }

    /// Writes all of it for a dispute.
    pub(super) fn write_bundle(&self, bundle: &Bundle) -> Result<()> {
        let report = ForPrograms::of(&self.run, &self.programs, self.terminal.language);
        bundle.write(&report, &self.for_people())
    }

    fn for_people(&self) -> String {
        self.lines.join("\n") + "\n"
    }

    /// Writes what has not been printed yet.
    pub(super) fn finish(self) -> Result<()> {
        let language = self.terminal.language;
        let for_programs = || ForPrograms::of(&self.run, &self.programs, language);
        let text = match self.format {
            Format::Human if self.file.is_none() => return Ok(()),
            Format::Human => self.for_people(),
            Format::Json => json::report(&self.run, &self.programs, language),
            Format::Junit => junit::report(&self.run, &self.programs, language)?,
            Format::Gradescope => elsewhere::gradescope(&for_programs(), language),
            Format::Classroom50 => elsewhere::classroom50(&for_programs(), language)?,
            Format::Github => elsewhere::github(&for_programs(), language),
        };
        match &self.file {
            None => self.terminal.print_for_programs(text.trim_end())?,
            Some(file) => terminal::replace_file(file, text.as_bytes())?,
        }
        Ok(())
    }
}

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
    let indented: Vec<String> = lines.lines().map(|line| format!("  {line}")).collect();
    indented.join("\n")
}
