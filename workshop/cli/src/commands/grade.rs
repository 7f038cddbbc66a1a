use crate::cargo;
use crate::terminal::Terminal;
use anyhow::Result;
use grader::report::Score;
use grader::step::{Kind, Steps};
use grader::{Graded, Program};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

/// What to grade.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The step: its number or name, as in 2 or fork
    step: String,
    /// Grade this server instead of the step's own programs; it must honour --listen 127.0.0.1:0
    #[arg(long, value_name = "PATH", conflicts_with = "reference")]
    bin: Option<PathBuf>,
    /// Grade the step's own programs; it is what is done without --bin, too
    #[arg(long)]
    reference: bool,
}

/// `grade STEP`: exit status 0 only if nothing failed.
pub(crate) fn grade(terminal: &Terminal, options: &Options) -> Result<ExitCode> {
    grader::raise_descriptor_limit();
    terminal.leave_nothing_behind()?;
    let steps = Steps::read()?;
    let step = steps.find(&options.step)?;
    let candidates: Vec<(String, Kind, Program)> = match &options.bin {
        Some(path) => vec![(path.display().to_string(), Kind::Server, Program::new(path))],
        None => {
            let executables = cargo::build(terminal, &[step])?;
            let program = |name: &str| executables.get(name).map(Program::new);
            let candidates = step
                .programs
                .iter()
                .map(|found| Ok((found.name.clone(), found.kind, program(&found.name)?)));
            candidates.collect::<Result<_>>()?
        }
    };
    let mut full = true;
    for (name, kind, program) in candidates {
        terminal.print(&format!("\n  {}", terminal.bold(&name)));
        full &= grade_one(terminal, kind, &program).is_full();
    }
    Ok(if full {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn grade_one(terminal: &Terminal, kind: Kind, program: &Program) -> Score {
    let start = Instant::now();
    let graded = judge(terminal, kind, program);
    for graded in &graded {
        terminal.print(&indent(&terminal.painter.line(graded)));
    }
    print_failures(terminal, &graded);
    let score = Score::of(&graded);
    let took = format!("{:.1} s", start.elapsed().as_secs_f64());
    terminal.print(&format!(
        "\n  {}   {}",
        terminal.painter.score(&score),
        terminal.dim(&took)
    ));
    score
}

/// Runs every case that such a program has to pass, with a progress bar.
pub(crate) fn judge(terminal: &Terminal, kind: Kind, program: &Program) -> Vec<Graded> {
    let cases = kind.cases();
    let bar = terminal.bar(terminal.say("grading", "正在评分"), cases.len());
    let graded = grader::grade(program, &cases, |graded| {
        bar.set_message(graded.case.slug);
        bar.inc(1);
    });
    bar.finish_and_clear();
    graded
}

/// Every failure with all that was seen of it.
pub(crate) fn print_failures(terminal: &Terminal, graded: &[Graded]) {
    for failure in graded.iter().map(|graded| terminal.painter.failure(graded)) {
        if !failure.is_empty() {
            terminal.print(&format!("\n{}", indent(&failure)));
        }
    }
}

fn indent(lines: &str) -> String {
    let indented: Vec<String> = lines.lines().map(|line| format!("  {line}")).collect();
    indented.join("\n")
}
