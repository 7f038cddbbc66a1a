mod conversation;
mod summary;

use super::doctor::{self, Before};
use super::grade::{judge, print_what_to_mend};
use crate::measure::{self, Measured};
use crate::picture;
use anyhow::Result;
use console::strip_ansi_codes;
use grader::report::Score;
use grader::step::{Kind, Step, Steps};
use grader::{Graded, Program};
use std::path::PathBuf;
use std::process::ExitCode;
use terminal::{Lost, Table, Terminal, explained};

/// How to tour.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Draw what is printed as a picture, too, in SVG; {lang} in its name stands for en and zh-CN, and
    /// there is one in each language
    /// （把打印的内容也画成一张 SVG 图；文件名里写 {lang}，就中英文各一个）
    #[arg(long, value_name = "FILE")]
    picture: Option<PathBuf>,
    /// Write the table to a file, too, or with {lang} in its name to one in each language
    /// （把表也写到一个文件里；文件名里写 {lang}，就中英文各一个）
    #[arg(long, value_name = "FILE")]
    table: Option<PathBuf>,
}

/// Where the tour is shown: on the terminal, and in the files that were asked for.
struct Page {
    terminal: Terminal,
    table: Table,
    pictures: Vec<PathBuf>,
    tables: Vec<PathBuf>,
}

impl Page {
    fn new(terminal: Terminal) -> Page {
        Page {
            table: summary::new_table(&terminal),
            terminal,
            pictures: Vec::new(),
            tables: Vec::new(),
        }
    }
}

/// The terminal's, and one that nobody sees if a file is to be in the other language.
fn pages(terminal: &Terminal, options: &Options) -> Result<Vec<Page>, Lost> {
    let mut pages = vec![Page::new(terminal.clone())];
    let named = [(&options.picture, true), (&options.table, false)];
    for (named, is_picture) in named {
        let files = named.iter().flat_map(|it| terminal.language.files(it));
        for (language, file) in files {
            terminal::can_be_written(&file)?;
            let speaks = |page: &Page| page.terminal.language == language;
            let at = pages.iter().position(speaks).unwrap_or_else(|| {
                pages.push(Page::new(terminal.unseen(language)));
                pages.len() - 1
            });
            match is_picture {
                true => pages[at].pictures.push(file),
                false => pages[at].tables.push(file),
            }
        }
    }
    Ok(pages)
}

/// `tour`: every step that there is, built, talked to, graded and measured.
pub(crate) fn tour(terminal: &Terminal, options: &Options) -> Result<ExitCode> {
    subject::raise_descriptor_limit();
    let steps = Steps::read()?;
    let mut pages = pages(terminal, options)?;
    for page in &pages {
        print_title(&page.terminal, &steps)?;
    }
    doctor::warn(terminal, Before::Tour);
    let all: Vec<&Step> = steps.0.iter().collect();
    let executables = Step::build(terminal, &all)?;

    let mut tried: Vec<(&str, Vec<Graded>)> = Vec::new();
    for step in &steps.0 {
        // Whatever goes wrong here, the judge says it better.
        let shown_on: Vec<&Terminal> = pages.iter().map(|page| &page.terminal).collect();
        if let Err(error) = conversation::show(&shown_on, step, &executables) {
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
            for Page {
                terminal, table, ..
            } in &mut pages
            {
                let row = summary::row(terminal, step, shown, &score, measured.as_ref());
                table.add(row);
            }
            tried.push((&shown.name, graded));
        }
    }
    for page in &pages {
        finish(page, &steps, &tried)?;
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

/// The table, what it means and what comes next; and the files.
fn finish(page: &Page, steps: &Steps, tried: &[(&str, Vec<Graded>)]) -> Result<()> {
    let Page {
        terminal, table, ..
    } = page;
    let exceptions = tried
        .iter()
        .filter_map(|(name, graded)| summary::exceptions(terminal, name, graded));
    let exceptions: Vec<String> = exceptions.collect();
    terminal.print(table.render(terminal.width).trim_end_matches('\n'))?;
    for line in &exceptions {
        terminal.print(line)?;
    }
    for (name, graded) in tried {
        print_what_to_mend(terminal, name, graded)?;
    }
    summary::print_what_next(terminal, steps)?;
    for file in &page.tables {
        let text = format!("{}{}\n", table.render(None), exceptions.join("\n"));
        let text = strip_ansi_codes(text.trim_end()).into_owned() + "\n";
        terminal::replace_file(file, text.as_bytes())?;
    }
    for file in &page.pictures {
        let picture = picture::draw(&terminal.printed(), "cargo run -- tour");
        terminal::replace_file(file, picture.as_bytes())?;
    }
    Ok(())
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
