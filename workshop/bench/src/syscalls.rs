//! How many system calls a line takes, and which.

use crate::contestant::{self, Contestant};
use crate::machine::Machine;
use crate::report::{self, shortened};
use crate::strace::{self, Calls, Counting};
use anyhow::{Context, Result, anyhow};
use grader::Server;
use load::{Crowd, PATIENCE};
use std::fmt::Write;
use std::path::PathBuf;
use subject::processes;
use terminal::{Language, Table, Terminal, UNKNOWN};

/// What to count.
pub(crate) struct Plan {
    /// How many clients there are, each time.
    pub(crate) connections: Vec<usize>,
    /// How many lines each says.
    pub(crate) lines: usize,
    pub(crate) output: Option<PathBuf>,
}

/// A call that a line takes less often than so is not worth a column.
const RARE: f64 = 0.005;

/// `syscalls A B …`: every server with every number of clients, each time started anew.
pub(crate) fn syscalls(terminal: &Terminal, names: &[String], plan: &Plan) -> Result<()> {
    report::can_be_written(plan.output.as_deref())?;
    subject::kill_all_on_interrupt(|| {})?;
    strace::find()?;
    let contestants = contestant::find_all(terminal, names, false)?;
    let mut counted = Vec::new();
    for &connections in &plan.connections {
        let mut rows = Vec::new();
        for contestant in &contestants {
            let name = &contestant.name;
            let calls = match &contestant.program {
                Ok(_) => count(contestant, connections, plan.lines)
                    .with_context(|| format!("{name}, {connections} connections"))?,
                Err(reason) => {
                    let colon = terminal.say(": ", "：");
                    let reason = reason.get(terminal.language);
                    terminal.complain(&format!("{name}{colon}{reason}"));
                    continue;
                }
            };
            rows.push((name.as_str(), calls));
        }
        counted.push((connections, rows));
    }
    let machine = Machine::this();
    report::write(terminal, plan.output.as_deref(), |terminal| {
        let mut text = String::new();
        for (connections, rows) in &counted {
            let title = title(terminal, *connections);
            let _ = writeln!(text, "\n  {}\n", terminal.bold(&title));
            text += &table(terminal, rows, (connections * plan.lines) as f64);
        }
        text + &foot(terminal, &machine, plan.lines)
    })?;
    Ok(())
}

/// All clients are there and have been answered once before the counting begins.
fn count(contestant: &Contestant, connections: usize, lines: usize) -> Result<Calls> {
    let program = contestant
        .program
        .as_ref()
        .map_err(|it| anyhow!("{}", it.en))?;
    let server =
        Server::start(program).map_err(|trouble| anyhow!("it does not start: {trouble:?}"))?;
    let told = |trouble: load::Trouble| anyhow!("{}", trouble.text().en);
    let crowd = Crowd::gather(server.address(), connections, 0, PATIENCE).map_err(told)?;
    let pid = server.pid().ok();
    let family = pid.and_then(|pid| processes::tree(pid).ok());
    let family = family.context("its processes cannot be seen here")?;
    let processes: Vec<u32> = family.iter().map(|process| process.pid).collect();
    let counting = Counting::begin(&processes)?;
    crowd.rounds(lines).map_err(told)?;
    counting.end()
}

fn title(terminal: &Terminal, connections: usize) -> String {
    match (terminal.language, connections) {
        (Language::English, 1) => "1 connection".to_owned(),
        (Language::English, _) => format!("{connections} connections, which speak at once"),
        (Language::Chinese, 1) => "1 条连接".to_owned(),
        (Language::Chinese, _) => format!("{connections} 条连接，同时说话"),
    }
}

/// A row for every server, a column for every call that matters to one of them.
fn table(terminal: &Terminal, rows: &[(&str, Calls)], lines: f64) -> String {
    let per_line =
        |calls: &Calls, name: &str| calls.get(name).map_or(0.0, |&count| count as f64 / lines);
    let mut names: Vec<&str> = Vec::new();
    for (_, calls) in rows {
        for name in calls.keys() {
            if per_line(calls, name) >= RARE && !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
    }
    let mut head = vec![
        terminal.say("program", "程序"),
        terminal.say("calls/line", "调用/行"),
    ];
    head.extend(&names);
    let mut table = Table::of_figures(&head);
    for (program, calls) in rows {
        let all = calls.values().sum::<u64>() as f64 / lines;
        let mut row = vec![shortened(program), figure(all)];
        row.extend(names.iter().map(|name| match per_line(calls, name) {
            count if count < RARE => UNKNOWN.to_owned(),
            count => figure(count),
        }));
        table.add(row);
    }
    table.render(None)
}

/// Two digits that matter.
fn figure(count: f64) -> String {
    match count {
        0.1.. => format!("{count:.2}"),
        _ => format!("{count:.3}"),
    }
}

fn foot(terminal: &Terminal, machine: &Machine, lines: usize) -> String {
    let Machine { cpu, cores, kernel } = machine;
    let (machine, how) = match terminal.language {
        Language::English => (
            format!("{cpu} · {cores} cores · {kernel}"),
            format!(
                "{lines} lines of 64 B from each connection, one at a time · counted by strace -c"
            ),
        ),
        Language::Chinese => (
            format!("{cpu} · {cores} 核 · {kernel}"),
            format!("每条连接 {lines} 行，每行 64 字节，一次一行 · 由 strace -c 计数"),
        ),
    };
    let lines = [machine, how].map(|line| format!("  {}\n", terminal.dim(&line)));
    format!("\n{}", lines.concat())
}
