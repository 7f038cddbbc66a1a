use super::output::Format;
use anyhow::Result;
use grader::step::{Assignment, Step, StepProgram, Steps};
use shared::command_line::{self, HostPort};
use std::path::PathBuf;
use terminal::{Text, Told};

/// What to grade, and how to tell.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The step or one of its programs: 2, fork, or thread-server; or a copy of yours in another
    /// language: fork-server-c
    pub(super) step: String,
    /// Grade this server instead of the step's own: a command, which may have arguments. It must
    /// honour --listen 127.0.0.1:0, unless --address tells the only address that it knows
    #[arg(long, value_name = "COMMAND", conflicts_with = "reference")]
    pub(super) bin: Option<String>,
    /// Grade what listens here: with --bin, cases run one after another; without, a server that
    /// runs already, of which processes are not measured
    #[arg(long, value_name = "HOST:PORT", conflicts_with = "reference", value_parser = command_line::server)]
    pub(super) address: Option<HostPort>,
    /// Grade the tutorial's own programs, even where there is a copy of yours in work/
    #[arg(long)]
    pub(super) reference: bool,
    /// Run this case alone; may be given several times
    #[arg(long = "case", value_name = "NAME", value_parser = slugs(), hide_possible_values = true)]
    pub(super) cases: Vec<String>,
    /// Stop at the first case that fails, in the order of the stages
    #[arg(long)]
    pub(super) first: bool,
    /// Show every case, and every failure in full
    #[arg(long)]
    pub(super) all: bool,
    /// Begin random input here, as a failure says that did: the same bytes again
    #[arg(long, value_name = "NUMBER")]
    pub(super) seed: Option<u64>,
    /// Run this case alone and without time-outs: the server's process is shown, and nothing is said
    /// to it before Enter is pressed, so that gdb or strace can be attached
    #[arg(long, value_name = "CASE", value_parser = slugs(), hide_possible_values = true, conflicts_with_all = ["cases", "first"])]
    pub(super) debug: Option<String>,
    /// Write what a dispute needs to this file, in JSON: the report, SHA-256 of what was graded, the
    /// seed, versions, the command line, and what is printed for people
    #[arg(long, value_name = "FILE", conflicts_with = "debug")]
    pub(super) bundle: Option<PathBuf>,
    /// How to tell
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
    /// Write the report to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
}

impl Options {
    /// A case that was asked for is one of these programs'.
    pub(super) fn are_for(&self, step: &Step, programs: &[&StepProgram]) -> Result<()> {
        for slug in self.named() {
            let mut tests = step.tasks.iter().flat_map(|task| &task.tests);
            let mut found = tests.any(|test| grader::library::slug(test) == *slug);
            for program in programs {
                let cases = program.assignments()?;
                found |= cases.iter().any(|it| it.case.slug == slug);
            }
            if !found {
                let names: Vec<&str> = programs.iter().map(|it| it.name.as_str()).collect();
                let names = names.join(", ");
                return Err(Told(Text::new(
                    format!("{slug} is no case of this step's programs ({names})"),
                    format!("这一步的程序（{names}）没有 {slug} 这个用例"),
                ))
                .into());
            }
        }
        Ok(())
    }

    /// The names of the cases that are asked for; none where all are.
    fn named(&self) -> impl Iterator<Item = &String> {
        self.cases.iter().chain(&self.debug)
    }

    /// The cases that are asked for.
    pub(super) fn chosen(&self, claims: &StepProgram) -> Result<Vec<Assignment>> {
        Ok(self.keep_asked(claims.assignments()?))
    }

    pub(super) fn keep_asked(&self, mut assignments: Vec<Assignment>) -> Vec<Assignment> {
        if self.named().next().is_some() {
            assignments.retain(|it| self.named().any(|slug| slug == it.case.slug));
        }
        assignments
    }
}

/// Every name that a case has, or a test of a library.
fn slugs() -> clap::builder::PossibleValuesParser {
    let slugs = grader::cases::all()
        .into_iter()
        .map(|case| case.slug.to_owned());
    let steps = Steps::read().map(|steps| steps.0).unwrap_or_default();
    let tasks = steps.iter().flat_map(|step| &step.tasks);
    let tests = tasks.flat_map(|task| &task.tests);
    let tests = tests.map(|test| grader::library::slug(test));
    let all = slugs.chain(tests).map(|slug| &*slug.leak()); // as long as the program lives
    all.collect::<Vec<&str>>().into()
}
