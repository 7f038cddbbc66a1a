//! Rounds in turn: every program, under every load, started anew each time.

use crate::contestant::{self, Contestant};
use crate::cores::Cores;
use crate::cpu::{self, Clocks};
use crate::machine::{self, Machine};
use crate::memory;
use crate::report::{Report, Shared};
use crate::results::{Results, Row};
use anyhow::{Context, Result, anyhow, ensure};
use grader::{Evidence, Program, Server};
use load::{Crowd, Lines, Load, Measured, Reading, Times, Trouble};
use std::time::Duration;
use terminal::{Language, ProgressBar, Terminal};

/// Descriptors of the load's own, beside its connections.
const OWN_DESCRIPTORS: usize = 64;

/// What to measure.
pub(crate) struct Plan {
    pub(crate) loads: Vec<Load>,
    pub(crate) rounds: usize,
    pub(crate) times: Times,
    /// How many idle clients to weigh; none, to leave that out.
    pub(crate) idle: usize,
    pub(crate) seed: u64,
    /// How long no byte must come for a server to be given up.
    pub(crate) patience: Duration,
}

/// How many connections may be open here at once.
pub(crate) fn most_connections() -> usize {
    let limit = usize::try_from(subject::descriptor_limit()).unwrap_or(usize::MAX);
    limit.saturating_sub(OWN_DESCRIPTORS)
}

/// Are there enough descriptors for the largest load?
pub(crate) fn check_descriptors(plan: &Plan) -> Result<()> {
    let loads = plan.loads.iter().map(Load::all_connections);
    let most = loads.chain([plan.idle + 1]).max().unwrap_or_default();
    let needed = most + OWN_DESCRIPTORS;
    let limit = subject::descriptor_limit();
    ensure!(
        most <= most_connections(),
        "{most} connections need {needed} open descriptors, and {limit} are allowed here \
         (`ulimit -n`); ask for fewer connections, or raise the hard limit first: \
         sudo prlimit --pid $$ --nofile={needed}:{needed}"
    );
    Ok(())
}

/// `versus A B …`: measures as planned, and reports even what was cut short.
pub(crate) fn versus(
    terminal: &Terminal,
    names: &[String],
    mine: bool,
    plan: &Plan,
    report: Report,
) -> Result<()> {
    check_descriptors(plan)?;
    // Before anything is pinned: afterwards there would seem to be a single core.
    let machine = Machine::this();
    let cores = Cores::choose();
    report.begin()?;
    let report = report.shared();
    report.report_on_interrupt(terminal)?;
    let contestants =
        contestant::find_all(terminal, names, mine).inspect_err(|_| report.leave_to_interrupt())?;
    report.set(Results {
        machine,
        cores,
        rounds: plan.rounds,
        times: plan.times,
        seed: plan.seed,
        programs: contestants.iter().map(|it| it.name.clone()).collect(),
        loads: plan
            .loads
            .iter()
            .map(|load| (*load, rows(&contestants)))
            .collect(),
        memory: (plan.idle > 0).then(|| (plan.idle, rows(&contestants))),
        paces: Vec::new(),
        complete: false,
    });
    let measured = Run {
        terminal,
        contestants: &contestants,
        cores,
        plan,
        report: &report,
    }
    .run();
    report.finish(terminal, measured.is_ok())?;
    measured
}

fn rows<T>(contestants: &[Contestant]) -> Vec<Row<T>> {
    let out = contestants
        .iter()
        .map(|it| it.program.as_ref().err().cloned());
    out.map(Row::new).collect()
}

struct Run<'a> {
    terminal: &'a Terminal,
    contestants: &'a [Contestant],
    cores: Option<Cores>,
    plan: &'a Plan,
    report: &'a Shared,
}

impl Run<'_> {
    fn run(&self) -> Result<()> {
        let all = self.contestants.len();
        let rounds = self.plan.rounds * self.plan.loads.len() * all;
        let weighings = if self.plan.idle > 0 { all } else { 0 };
        let what = self.terminal.say("measuring", "正在测量");
        let bar = self.terminal.still_bar(what, rounds + weighings);
        let done = self.rounds(&bar).and_then(|()| self.weigh(&bar));
        bar.finish_and_clear();
        done
    }

    fn rounds(&self, bar: &ProgressBar) -> Result<()> {
        let all = self.contestants.len();
        for round in 0..self.plan.rounds {
            for (place, load) in self.plan.loads.iter().enumerate() {
                let lines = Lines::new(load, self.plan.seed.wrapping_add(round as u64));
                for turn in 0..all {
                    // Nobody always comes first, nor always after the same neighbour's heat.
                    let index = (turn + round) % all;
                    let name = &self.contestants[index].name;
                    bar.set_message(format!("{load} · {name}"));
                    let row = |results: &Results| results.loads[place].1[index].out.is_none();
                    if self.report.get(row).unwrap_or(false) {
                        let measured = self.round(index, load, &lines)?;
                        self.report.update(|results| {
                            note(&mut results.loads[place].1[index], measured);
                        });
                    }
                    bar.inc(1);
                }
            }
        }
        Ok(())
    }

    /// One program under one load. `Err` in it: it does not serve as many clients.
    fn round(&self, index: usize, load: &Load, lines: &Lines) -> Result<Result<Measured, Trouble>> {
        let server = self.start(index)?;
        let measured = self.gather(&server, load).and_then(|crowd| {
            let clocks = server.pid().ok().and_then(Clocks::of);
            crowd.speak(load, lines, &self.plan.times, || Reading {
                cpu: clocks.as_ref().and_then(Clocks::read),
                waited: cpu::waited(),
            })
        });
        self.sift(index, &load.to_string(), measured)
    }

    fn gather(&self, server: &Server, load: &Load) -> Result<Crowd, Trouble> {
        let patience = self.plan.patience;
        Crowd::gather(server.address(), load.connections, load.idle, patience)
    }

    /// What an idle client holds: once for each program, as it does not change.
    fn weigh(&self, bar: &ProgressBar) -> Result<()> {
        if self.plan.idle == 0 {
            return Ok(());
        }
        for (index, contestant) in self.contestants.iter().enumerate() {
            bar.set_message(format!("{} idle · {}", self.plan.idle, contestant.name));
            if contestant.program.is_ok() {
                let server = self.start(index)?;
                let held = memory::measure(&server, self.plan.idle, self.plan.patience);
                let held = self.sift(index, &format!("--idle {}", self.plan.idle), held)?;
                self.report.update(|results| {
                    if let (Some((_, rows)), Some(held)) = (&mut results.memory, held.transpose()) {
                        note(&mut rows[index], held);
                    }
                });
            }
            bar.inc(1);
        }
        Ok(())
    }

    /// A server on its own core; what follows runs on the other one.
    fn start(&self, index: usize) -> Result<Server> {
        let Contestant { name, program } = &self.contestants[index];
        let program = program
            .as_ref()
            .map_err(|why| anyhow!("{name}: {}", why.en))?;
        if let Some(cores) = self.cores {
            Cores::move_to(cores.server).context("cannot move to the server's core")?;
        }
        let pace = machine::pace();
        self.report.update(|results| results.paces.push(pace));
        let server = self.start_here(name, program);
        if let Some(cores) = self.cores {
            Cores::move_to(cores.load).context("cannot move to the load's core")?;
        }
        server
    }

    fn start_here(&self, name: &str, program: &Program) -> Result<Server> {
        let language = self.terminal.language;
        Server::start(program).map_err(|trouble| anyhow!("{name}: {}", explain(trouble, language)))
    }

    /// A server that does not take so many clients is out of this load. Whatever else goes wrong
    /// ends the run: of a server that answers wrongly, nothing is worth a number.
    fn sift<T>(
        &self,
        index: usize,
        load: &str,
        measured: Result<T, Trouble>,
    ) -> Result<Result<T, Trouble>> {
        match measured {
            Err(trouble) if !trouble.is_of_number() => {
                let name = &self.contestants[index].name;
                let seed = self.plan.seed;
                let told = trouble.text();
                let told = told.get(self.terminal.language);
                Err(anyhow!("{name}, load {load}, seed {seed}: {told}"))
            }
            sifted => Ok(sifted),
        }
    }
}

fn note<T>(row: &mut Row<T>, measured: Result<T, Trouble>) {
    match measured {
        Ok(measured) => row.rounds.push(measured),
        Err(trouble) => row.out = Some(trouble.text()),
    }
}

/// Why a server does not start, with what it said on its standard error.
fn explain(trouble: grader::Trouble, language: Language) -> String {
    let failure = match trouble {
        grader::Trouble::Skipped(reason) => return reason.get(language).to_owned(),
        grader::Trouble::Failed(failure) => failure,
    };
    let mut parts = match &failure.evidence {
        Evidence::Note(note) => vec![note.get(language).to_owned()],
        Evidence::Finding { expected, found } => {
            let (expected, found) = (expected.get(language), found.get(language));
            vec![match language {
                Language::English => format!("expected {expected}, found {found}"),
                Language::Chinese => format!("应为“{expected}”，实为“{found}”"),
            }]
        }
        Evidence::Exchange(_) => Vec::new(),
    };
    parts.extend(
        failure
            .notes
            .iter()
            .map(|note| note.get(language).to_owned()),
    );
    parts.join("; ")
}
