mod conversation;
mod summary;

use super::doctor::{self, Before};
use super::grade::{judge, print_what_to_mend};
use crate::measure::{self, Measured};
use crate::picture;
use anyhow::Result;
use grader::report::Score;
use grader::step::{Kind, Step, Steps};
use grader::{Graded, Program};
use std::path::PathBuf;
use std::process::ExitCode;
use terminal::{Lost, Terminal, explained};

/// How to tour.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Draw what is printed as a picture, too, in SVG（把打印的内容也画成一张 SVG 图）
    #[arg(long, value_name = "FILE")]
    picture: Option<PathBuf>,
}

/// `tour`: every step that there is, built, talked to, graded and measured.
pub(crate) fn tour(terminal: &Terminal, options: &Options) -> Result<ExitCode> {
    subject::raise_descriptor_limit();
    let steps = Steps::read()?;
    if let Some(file) = &options.picture {
        terminal::can_be_written(file)?;
    }
    print_title(terminal, &steps)?;
    doctor::warn(terminal, Before::Tour);
    let all: Vec<&Step> = steps.0.iter().collect();
    let executables = Step::build(terminal, &all)?;

    let mut table = summary::new_table(terminal);
    let mut tried: Vec<(&str, Vec<Graded>)> = Vec::new();
    for step in &steps.0 {
        // Whatever goes wrong here, the judge says it better.
        if let Err(error) = conversation::show(terminal, step, &executables) {
            if error.is::<Lost>() {
                return Err(error);
            }
            terminal.complain(&explained(&error, terminal.language));
        }
        for shown in &step.programs {
            let program = shown.program(executables.get(&shown.name)?);
            if shown.kind == Kind::Client {
                continue; // the servers' conversations have shown it
            }
            if shown.fails_on_purpose() {
                continue; // it is a stage of its chapter, and no server to be weighed
            }
            let graded = judge(terminal, shown, &program)?;
            let score = Score::of(&graded);
            let measured = match shown.kind {
                _ if program.cannot_run().is_some() => None,
                Kind::Server => measure(terminal, &program)
                    .map_err(|error| terminal.complain(&explained(&error, terminal.language)))
                    .ok(),
                Kind::Client | Kind::HttpClient => None,
            };
            table.add(summary::row(
                terminal,
                step,
                shown,
                &score,
                measured.as_ref(),
            ));
            tried.push((&shown.name, graded));
        }
    }
    terminal.print(table.render(terminal.width).trim_end_matches('\n'))?;
    for (name, graded) in &tried {
        summary::print_exceptions(terminal, name, graded)?;
    }
    for (name, graded) in &tried {
        print_what_to_mend(terminal, name, graded)?;
    }
    summary::print_what_next(terminal, &steps)?;
    if let Some(file) = &options.picture {
        let picture = picture::draw(&terminal.printed(), "cargo run -- tour");
        terminal::replace_file(file, picture.as_bytes())?;
    }
    // A program that cannot run here has not failed.
    let failed = tried
        .iter()
        .any(|(_, graded)| Score::of(graded).has_failure());
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn print_title(terminal: &Terminal, steps: &Steps) -> Result<()> {
    let title = terminal.say("Learning to Wait", "学会等待");
    let subject = terminal.say("the evolution of asynchronous I/O", "异步 I/O 一步步走来");
    let here: Vec<String> = steps
        .0
        .iter()
        .map(|step| format!("{:02}", step.number))
        .collect();
    let here = format!("{} {}", terminal.say("steps", "步骤"), here.join(" "));
    let line = format!(
        "{}  {}",
        terminal.bold(title),
        terminal.dim(&format!("{subject} · {here}"))
    );
    Ok(terminal.print(&format!("\n  {line}\n"))?)
}

fn measure(terminal: &Terminal, program: &Program) -> Result<Measured> {
    let bar = terminal.bar(terminal.say("measuring", "正在测量"), 3);
    let server = conversation::start(program)?;
    let measured = measure::measure(program, &server, |what| {
        bar.set_message(what.get(terminal.language).to_owned());
        bar.inc(1);
    });
    bar.finish_and_clear();
    measured
}
