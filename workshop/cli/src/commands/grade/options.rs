use super::output::Format;
use crate::address;
use anyhow::Result;
use grader::step::{Assignment, Step, StepProgram, Steps};
use shared::command_line::HostPort;
use std::path::PathBuf;
use terminal::{Text, Told};

/// What to grade, and how to tell.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The step or one of its programs: 2, fork, or thread-server; or a copy of yours in another
    /// language: fork-server-c
    /// （哪一步或它的哪个程序：2、fork 或 thread-server；或者你用别的语言写的副本：fork-server-c）
    pub(super) step: String,
    /// Grade this server instead of the step's own: a command, which may have arguments. It must
    /// honour --listen 127.0.0.1:0, unless --address tells the only address that it knows
    /// （给这个服务器评分，不用教程自带的：写一条命令，可以带参数。它要听从 --listen 127.0.0.1:0；只认一个固定地址的，用 --address 写明）
    #[arg(long, value_name = "COMMAND", conflicts_with = "reference")]
    pub(super) bin: Option<String>,
    /// Grade what listens here: with --bin, cases run one after another; without, a server that
    /// runs already, of which processes are not measured
    /// （给在这里监听的程序评分：和 --bin 一起用时，用例一个接一个地跑；单独用时，服务器要已经在运行，不检查它的进程）
    #[arg(long, value_name = "HOST:PORT", conflicts_with = "reference", value_parser = address::server)]
    pub(super) address: Option<HostPort>,
    /// Grade the tutorial's own programs, even where there is a copy of yours in work/
    /// （给教程自带的程序评分，即使 work/ 里有你的副本）
    #[arg(long)]
    pub(super) reference: bool,
    /// Run this case alone; may be given several times（只跑这个用例；可以写多次）
    #[arg(long = "case", value_name = "NAME", value_parser = slugs(), hide_possible_values = true)]
    pub(super) cases: Vec<String>,
    /// Stop at the first case that fails, in the order of the stages（按阶段的顺序，跑到第一个不通过的用例为止）
    #[arg(long)]
    pub(super) first: bool,
    /// Show every case, and every failure in full（列出每个用例，不通过的都详细说明）
    #[arg(long)]
    pub(super) all: bool,
    /// Begin random input here, as a failure says that did: the same bytes again
    /// （随机输入的种子，用失败报告里写的那个，可以重现同样的字节）
    #[arg(long, value_name = "NUMBER")]
    pub(super) seed: Option<u64>,
    /// Run this case alone and without time-outs: the server's process is shown, and nothing is said
    /// to it before Enter is pressed, so that gdb or strace can be attached
    /// （只跑这个用例，不限时：显示服务器的进程号，按 Enter 之后才对它说话，好让你接上 gdb 或 strace）
    #[arg(long, value_name = "CASE", value_parser = slugs(), hide_possible_values = true, conflicts_with_all = ["cases", "first"])]
    pub(super) debug: Option<String>,
    /// Write what a dispute needs to this file, in JSON: the report, SHA-256 of what was graded, the
    /// seed, versions, the command line, and what is printed for people
    /// （把复核成绩所需的一切用 JSON 写进这个文件：报告、所评文件的 SHA-256、种子、版本、命令行、给人看的输出）
    #[arg(long, value_name = "FILE", conflicts_with = "debug")]
    pub(super) bundle: Option<PathBuf>,
    /// How to tell（报告用哪种格式）
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
    /// Write the report to this file instead of standard output（报告写进这个文件，不写到标准输出）
    #[arg(long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
}

impl Options {
    /// All of the step, for people.
    pub(crate) fn of(step: &Step) -> Options {
        Options {
            step: step.slug.clone(),
            bin: None,
            address: None,
            reference: false,
            cases: Vec::new(),
            first: false,
            all: false,
            seed: None,
            debug: None,
            bundle: None,
            format: Format::Human,
            output: None,
        }
    }

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

    /// Is everything asked for?
    pub(super) fn is_whole(&self) -> bool {
        !self.first && self.named().next().is_none()
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
