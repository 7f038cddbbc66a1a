use super::grade::{judge, print_failures};
use crate::cargo::{self, Executables};
use crate::measure::{self, Measured};
use crate::picture;
use crate::table::{Align, Table, grouped, size};
use crate::terminal::Terminal;
use anyhow::{Context, Result, anyhow};
use grader::report::Score;
use grader::step::{Kind, Step, StepProgram, Steps};
use grader::{Group, Program, Server, Trouble};
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

/// What the conversation that is shown begins with.
const GREETING: &str = "Hello, World";
/// How many descriptors the largest case needs on the judge's side, and the server on its own.
const DESCRIPTORS: u64 = 1_300;

/// How to tour.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Draw what is printed as a picture, too, in SVG
    #[arg(long, value_name = "FILE")]
    picture: Option<PathBuf>,
}

/// `tour`: every step that there is, built, talked to, graded and measured.
pub(crate) fn tour(terminal: &Terminal, options: &Options) -> Result<ExitCode> {
    grader::raise_descriptor_limit();
    terminal.leave_nothing_behind()?;
    let steps = Steps::read()?;
    print_title(terminal, &steps);
    warn_of_a_low_limit(terminal);
    let all: Vec<&Step> = steps.0.iter().collect();
    let executables = cargo::build(terminal, &all)?;

    let mut table = new_table(terminal);
    let mut failed = Vec::new();
    for step in &steps.0 {
        for server in step.programs(Kind::Server) {
            let program = Program::new(executables.get(&server.name)?);
            converse(terminal, step, &executables, &program)?;
            let graded = judge(terminal, Kind::Server, &program);
            let measured = measure(terminal, &program)?;
            table.add(row(terminal, step, server, &Score::of(&graded), &measured));
            failed.extend(graded);
        }
    }
    terminal.print("");
    table.print(terminal);
    print_failures(terminal, &failed);
    print_what_next(terminal, &steps);
    if let Some(file) = &options.picture {
        let picture = picture::draw(&terminal.printed(), "cargo run -- tour");
        std::fs::write(file, picture)
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(if Score::of(&failed).is_full() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn print_title(terminal: &Terminal, steps: &Steps) {
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
    terminal.print(&format!("\n  {line}\n"));
}

fn warn_of_a_low_limit(terminal: &Terminal) {
    let limit = grader::descriptor_limit();
    if limit < DESCRIPTORS {
        terminal.complain(&match terminal.painter.language {
            grader::Language::English => format!(
                "only {limit} open descriptors are allowed here, some cases need {DESCRIPTORS} and are \
                 skipped; to have them: sudo prlimit --pid $$ --nofile={DESCRIPTORS}:{DESCRIPTORS}"
            ),
            grader::Language::Chinese => format!(
                "这里只允许打开 {limit} 个文件描述符，有的用例需要 {DESCRIPTORS} 个，会被跳过；\
                 要跑它们：sudo prlimit --pid $$ --nofile={DESCRIPTORS}:{DESCRIPTORS}"
            ),
        });
    }
}

/// Lets the client say one line to the server, and shows both.
fn converse(
    terminal: &Terminal,
    step: &Step,
    executables: &Executables,
    program: &Program,
) -> Result<()> {
    let server = start(program)?;
    let answer = ask(executables, server.address())?;
    terminal.print(&format!(
        "  {}  {}\n",
        terminal.bold(&format!("{:02}", step.number)),
        terminal.bold(step.title.get(terminal.painter.language))
    ));
    let address = server.address();
    terminal.print(&terminal.dim(&format!(
        "  $ printf '{GREETING}\\n' | rot13-client {address}"
    )));
    terminal.print(&format!("  {}", answer.trim_end()));
    Ok(())
}

fn ask(executables: &Executables, address: SocketAddr) -> Result<String> {
    let mut command = Command::new(executables.get("rot13-client")?);
    command
        .arg(address.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut client = Group::spawn(&mut command).context("cannot start rot13-client")?;
    let mut input = client.leader().stdin.take().expect("piped");
    let mut output = client.leader().stdout.take().expect("piped");
    writeln!(input, "{GREETING}").context("cannot talk to rot13-client")?;
    drop(input);
    let mut answer = String::new();
    output
        .read_to_string(&mut answer)
        .context("rot13-client has answered what is no text")?;
    Ok(answer)
}

fn measure(terminal: &Terminal, program: &Program) -> Result<Measured> {
    let bar = terminal.bar(terminal.say("measuring", "正在测量"), 3);
    let server = start(program)?;
    let measured = measure::measure(&server, |what| {
        bar.set_message(what);
        bar.inc(1);
    });
    bar.finish_and_clear();
    measured
}

fn start(program: &Program) -> Result<Server> {
    Server::start(program).map_err(|trouble| match trouble {
        Trouble::Failed(failure) => anyhow!(
            "{} does not start: {}",
            program.path.display(),
            failure.meaning.en
        ),
        Trouble::Skipped(reason) => anyhow!("{}", reason.en),
    })
}

fn new_table(terminal: &Terminal) -> Table {
    use Align::{Left, Right};
    Table::new(&[
        (terminal.say("step", "步骤"), Left),
        (terminal.say("server", "服务器"), Left),
        (terminal.say("waits in", "睡在哪里"), Left),
        (terminal.say("cases", "用例"), Right),
        (terminal.say("lines/s ×1", "行/秒 ×1"), Right),
        (terminal.say("×50 clients", "×50 客户端"), Right),
        (terminal.say("idle CPU", "空闲 CPU"), Right),
        (terminal.say("per client", "每客户端"), Right),
    ])
}

fn row(
    terminal: &Terminal,
    step: &Step,
    server: &StepProgram,
    score: &Score,
    measured: &Measured,
) -> Vec<String> {
    let [one, fifty] = measured.lines_per_second;
    let unknown = || "–".to_owned();
    vec![
        format!("{:02}", step.number),
        server.name.clone(),
        server.waits_in.get(terminal.painter.language).to_owned(),
        format!("{}/{}", score.passed, score.judged),
        grouped(one),
        grouped(fifty),
        measured
            .idle_cpu
            .map_or_else(unknown, |cpu| format!("{:.0} %", cpu * 100.0)),
        measured.bytes_per_client.map_or_else(unknown, size),
    ]
}

fn print_what_next(terminal: &Terminal, steps: &Steps) {
    let Some(step) = steps.0.first() else { return };
    let Step { number, slug, .. } = step;
    let break_it = match terminal.painter.language {
        grader::Language::English => format!("change a line of steps/{}/src, then", step.folder()),
        grader::Language::Chinese => format!("改一行 steps/{}/src，然后", step.folder()),
    };
    let next = [
        (
            terminal.say("read it", "读一读"),
            "",
            "cargo run -p book -- serve".to_owned(),
        ),
        (
            terminal.say("talk to it", "聊一聊"),
            "",
            format!("cargo run -- run {number}"),
        ),
        (
            terminal.say("grade it", "评个分"),
            "",
            format!("cargo run -- grade {number} --reference"),
        ),
        (
            terminal.say("break it", "改坏它"),
            &break_it,
            format!("cargo test -p {slug}"),
        ),
    ];
    terminal.print(&format!("\n  {}\n", terminal.say("Next", "接下来")));
    for (what, remark, command) in next {
        let gap = if remark.is_empty() { "" } else { " " };
        let what = grader::report::pad(what, 12);
        terminal.print(&format!(
            "  {what}{remark}{gap}{}",
            terminal.accent(&command)
        ));
    }
    terminal.print("");
}
