use crate::cpu;
use crate::machine::Machine;
use crate::report::{Format, Report};
use crate::results::{Results, Row};
use crate::syscalls;
use crate::versus::{self, Plan};
use anyhow::{Context, Result, anyhow};
use clap::{Parser, Subcommand};
use load::{Crowd, Lines, Load, PATIENCE, Reading, Times};
use shared::client;
use shared::command_line::{self, HostPort};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use terminal::LanguageOption;
use terminal::Terminal;

/// What is measured unless told otherwise: a word at a time, a pipeline, a crowd, and a crowd of
/// silent ones.
const LOADS: [&str; 4] = ["50x64x1", "50x64x16", "1000x64x1", "50x64x1+5000"];
/// With how many clients system calls are counted unless told otherwise.
const COUNTED: [usize; 2] = [1, 100];
/// How many idle clients are weighed, where that many may be open.
const IDLE: usize = 10_000;

/// Says what a line costs a server of the ROT13 line protocol
#[derive(Parser)]
#[command(
    name = "bench",
    bin_name = "cargo run --release -p bench --",
    version,
    arg_required_else_help = true
)]
struct CommandLine {
    #[command(flatten)]
    language: LanguageOption,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Compares servers, in turn, under the same load（并排比较几个服务器）
    ///
    /// A server is named by a step or its program (select-server), a peer (floor, libevent, mio,
    /// tokio), a step's server with arguments ("thread-pool-server --threads 2"), or any other
    /// command with a slash or an argument in it ("./my-server -p"). `--listen 127.0.0.1:0` is
    /// appended. All others are compared with the first.
    Versus {
        /// The servers
        #[arg(required = true, value_name = "SERVER")]
        servers: Vec<String>,
        /// Beside each step's server, your own copy of it as well, from work/
        #[arg(long)]
        mine: bool,
        /// How many idle clients to weigh in memory; 0 leaves that out [default: 10000]
        #[arg(long, value_name = "N")]
        idle: Option<usize>,
        #[command(flatten)]
        options: Options,
        /// How many rounds of every server, in turn
        #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..))]
        rounds: u16,
    },
    /// Counts the system calls that a line takes; needs strace（数一行要几次系统调用）
    Syscalls {
        /// The servers, named as for versus
        #[arg(required = true, value_name = "SERVER")]
        servers: Vec<String>,
        /// How many clients there are; may be given more than once [default: 1, 100]
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
        connections: Vec<u16>,
        /// How many lines each says, one at a time
        #[arg(long, value_name = "N", default_value_t = 400, value_parser = clap::value_parser!(u16).range(1..))]
        lines: u16,
        /// Write the report to this file instead of standard output; {lang} in its name stands for en
        /// and zh-CN, and there is one in each language
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Puts a server that runs already under load（给一个正在运行的服务器加负载）
    Load {
        /// Where it listens
        #[arg(value_name = "HOST:PORT", value_parser = command_line::server)]
        address: HostPort,
        #[command(flatten)]
        options: Options,
        /// How many rounds
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
        rounds: u16,
    },
}

#[derive(clap::Args)]
struct Options {
    /// CONNECTIONSxBYTESxLINES: how many clients, how long a line is (its newline included: 64 are
    /// 63 bytes and a newline), how many lines each has in flight; 50x64x1+5000 is beside 5,000
    /// idle clients, each of which has spoken once. May be given more than once [default: 50x64x1,
    /// 50x64x16, 1000x64x1, 50x64x1+5000]
    #[arg(long = "load", value_name = "LOAD")]
    loads: Vec<Load>,
    /// How long a round is measured
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = seconds)]
    seconds: Duration,
    /// How long a round is warmed up before
    #[arg(long, value_name = "SECONDS", default_value = "0.3", value_parser = seconds)]
    warm_up: Duration,
    /// How long no byte must come for a server to be given up [default: 10]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    patience: Option<Duration>,
    /// What the random lines are made from [default: another one each time; it is printed]
    #[arg(long)]
    seed: Option<u64>,
    /// How to tell
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Write the report to this file instead of standard output; {lang} in its name stands for en
    /// and zh-CN, and there is one in each language
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Parses the command line and does what it says.
pub fn main() -> ExitCode {
    subject::signals::put_right();
    let CommandLine { language, command } = terminal::parse();
    let language = language.language();
    let terminal = Terminal::new("bench", language);
    subject::raise_descriptor_limit();
    if cfg!(debug_assertions) {
        terminal.complain(terminal.say(
            "this load was built without optimisation, and may itself be what is measured: \
             cargo run --release",
            "这个负载程序没有优化，测到的可能是它自己：请用 cargo run --release",
        ));
    }
    let done = match command {
        Command::Versus {
            servers,
            mine,
            rounds,
            idle,
            options,
        } => {
            let idle =
                idle.unwrap_or_else(|| IDLE.min(versus::most_connections().saturating_sub(1)));
            let (plan, report) = options.plan(rounds, idle);
            versus::versus(&terminal, &servers, mine, &plan, report)
        }
        Command::Syscalls {
            servers,
            connections,
            lines,
            output,
        } => {
            let connections = match connections.is_empty() {
                true => COUNTED.to_vec(),
                false => connections.into_iter().map(usize::from).collect(),
            };
            let plan = syscalls::Plan {
                connections,
                lines: lines.into(),
                output,
            };
            syscalls::syscalls(&terminal, &servers, &plan)
        }
        Command::Load {
            address,
            rounds,
            options,
        } => {
            let (plan, report) = options.plan(rounds, 0);
            load(&terminal, &address, &plan, report)
        }
    };
    let done = done.map(|()| ExitCode::SUCCESS);
    terminal::conclude(done, language, |message| terminal.complain(message))
}

impl Options {
    fn plan(self, rounds: u16, idle: usize) -> (Plan, Report) {
        let loads = match self.loads.is_empty() {
            true => LOADS.iter().filter_map(|load| load.parse().ok()).collect(),
            false => self.loads,
        };
        let plan = Plan {
            loads,
            rounds: rounds.into(),
            times: Times {
                warm_up: self.warm_up,
                measured: self.seconds,
            },
            idle,
            patience: self.patience.unwrap_or(PATIENCE),
            seed: self.seed.unwrap_or_else(|| fastrand::u64(..1 << 32)),
        };
        let report = Report {
            format: self.format,
            file: self.output,
        };
        (plan, report)
    }
}

/// `load ADDR`: the same loads, on a server that somebody else has started.
fn load(terminal: &Terminal, name: &HostPort, plan: &Plan, report: Report) -> Result<()> {
    versus::check_descriptors(plan)?;
    report.begin()?;
    let report = report.shared();
    report.report_on_interrupt(terminal)?;
    let address = resolve(name)?;
    let bar = terminal.still_bar(
        terminal.say("measuring", "正在测量"),
        plan.rounds * plan.loads.len(),
    );
    let mut loads = Vec::new();
    for load in &plan.loads {
        let mut row = Row::new(None);
        for round in 0..plan.rounds {
            bar.set_message(load.to_string());
            let lines = Lines::new(load, plan.seed.wrapping_add(round as u64));
            let measured = Crowd::gather(address, load.connections, load.idle, plan.patience)
                .and_then(|crowd| {
                    crowd.speak(load, &lines, &plan.times, || Reading {
                        cpu: None,
                        waited: cpu::waited(),
                    })
                })
                .map_err(|trouble| {
                    let told = trouble.text();
                    let told = told.get(terminal.language);
                    anyhow!("{name}, load {load}, seed {}: {told}", plan.seed)
                })?;
            row.rounds.push(measured);
            bar.inc(1);
        }
        loads.push((*load, vec![row]));
    }
    bar.finish_and_clear();
    let results = Results {
        machine: Machine::this(),
        cores: None,
        rounds: plan.rounds,
        times: plan.times,
        seed: plan.seed,
        programs: vec![name.to_string()],
        loads,
        memory: None,
        paces: Vec::new(),
        complete: true,
    };
    report.set(results);
    report.finish(terminal, true)
}

fn resolve(name: &HostPort) -> Result<SocketAddr> {
    client::find(name).with_context(|| format!("cannot find {name}"))
}

/// How long something is measured or waited for: at least a millisecond, at most an hour.
fn seconds(text: &str) -> Result<Duration, String> {
    let bounds = Duration::from_millis(1)..=Duration::from_secs(3600);
    let seconds = command_line::seconds(text)?;
    match bounds.contains(&seconds) {
        true => Ok(seconds),
        false => Err(format!(
            "write a number of seconds from 0.001 to 3600, not {text:?}"
        )),
    }
}
