use crate::measure::Measured;
use grader::report::Score;
use grader::step::{Step, StepProgram, Steps};
use grader::{Graded, Outcome};
use terminal::{Align, Lost, Table, Terminal, UNKNOWN, grouped, size};

/// The table that compares the steps.
pub(super) fn new_table(terminal: &Terminal) -> Table {
    use Align::{Left, Right};
    Table::new(&[
        (terminal.say("step", "步骤"), Left),
        (terminal.say("program", "程序"), Left),
        (terminal.say("waits in", "睡在哪里"), Left),
        (terminal.say("cases", "用例"), Right),
        (terminal.say("lines/s ×1", "行/秒 ×1"), Right),
        ("×50", Right),
        (terminal.say("idle CPU", "空载 CPU"), Right),
        (terminal.say("per client", "每个客户端"), Right),
    ])
}

/// A program's row; what was not measured, and what a client does not have, is a dash.
pub(super) fn row(
    terminal: &Terminal,
    step: &Step,
    program: &StepProgram,
    score: &Score,
    measured: Option<&Measured>,
) -> Vec<String> {
    let lines = measured.map(|measured| {
        measured
            .lines_per_second
            .map(|lines| grouped(lines as usize))
    });
    let [one, fifty] = lines.unwrap_or_else(|| [unknown(), unknown()]);
    let cpu = measured.and_then(|measured| measured.idle_cpu);
    let bytes = measured.and_then(|measured| measured.bytes_per_client);
    vec![
        format!("{:02}", step.number),
        program.name.clone(),
        program.waits_in.get(terminal.language).to_owned(),
        cases(terminal, score),
        one,
        fifty,
        cpu.map_or_else(unknown, |cpu| format!("{:.0} %", cpu * 100.0)),
        bytes.map_or_else(unknown, size),
    ]
}

fn unknown() -> String {
    UNKNOWN.to_owned()
}

/// Passed of all, after a mark if the program is excused from some. Where none could be seen, that.
fn cases(terminal: &Terminal, score: &Score) -> String {
    if score.judged == 0 && score.skipped > 0 {
        return terminal.say("skipped", "跳过").to_owned();
    }
    let all = score.judged + score.excepted;
    let mark = if score.excepted > 0 { "◦ " } else { "" };
    format!("{mark}{}/{all}", score.passed)
}

/// What the mark in the cases' column means, of a program that has one.
pub(super) fn exceptions(terminal: &Terminal, name: &str, graded: &[Graded]) -> Option<String> {
    let excepted = graded
        .iter()
        .filter(|graded| matches!(graded.outcome, Outcome::Excepted(_)));
    let slugs: Vec<&str> = excepted.map(|graded| graded.case.slug).collect();
    let (excepted, why) = (
        terminal.say("excepted", "例外"),
        terminal.say("why", "原因"),
    );
    let slugs = slugs.join(terminal.say(", ", "、"));
    let line = format!("  ◦ {excepted} {slugs} · {why} cargo run -- grade {name}");
    (!slugs.is_empty()).then(|| terminal.dim(&line))
}

/// What can be done now, beginning with the first step.
pub(super) fn print_what_next(terminal: &Terminal, steps: &Steps) -> Result<(), Lost> {
    let Some(step) = steps.0.first() else {
        return Ok(());
    };
    let Step { number, slug, .. } = step;
    let break_it = match terminal.language {
        terminal::Language::English => {
            format!("change a line of steps/{}/src, then", step.folder())
        }
        terminal::Language::Chinese => format!("改一行 steps/{}/src，然后", step.folder()),
    };
    let next = [
        (
            terminal.say("read it", "读一读"),
            "",
            "cargo run -p book -- serve".to_owned(),
        ),
        (
            terminal.say("run it", "跑一跑"),
            "",
            format!("cargo run -- run {number}"),
        ),
        (
            terminal.say("grade it", "评个分"),
            "",
            format!("cargo run -- grade {number} --reference"),
        ),
        (
            terminal.say("write it", "自己写"),
            "",
            format!("cargo run -- start {number}"),
        ),
        (
            terminal.say("break it", "改坏它"),
            &break_it,
            format!("cargo test -p {slug}"),
        ),
    ];
    terminal.print(&format!("\n  {}\n", terminal.say("Next", "接下来")))?;
    for (what, remark, command) in next {
        let gap = if remark.is_empty() { "" } else { " " };
        let what = terminal::pad(what, 12);
        terminal.print(&format!(
            "  {what}{remark}{gap}{}",
            terminal.accent(&command)
        ))?;
    }
    terminal.print("")
}
