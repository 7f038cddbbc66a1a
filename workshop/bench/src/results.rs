//! What came of a run, as it grows.

use crate::cores::Cores;
use crate::machine::Machine;
use load::statistics::Spread;
use load::{Load, Measured, Times};
use std::time::Duration;
use terminal::Text;

/// All of it.
#[derive(Clone, Debug)]
pub(crate) struct Results {
    pub(crate) machine: Machine,
    /// `None` where nothing was pinned.
    pub(crate) cores: Option<Cores>,
    pub(crate) rounds: usize,
    pub(crate) times: Times,
    pub(crate) seed: u64,
    /// The programs' names, in the order of all rows.
    pub(crate) programs: Vec<String>,
    pub(crate) loads: Vec<(Load, Vec<Row<Measured>>)>,
    /// How many idle clients there were, and what each program held for them.
    pub(crate) memory: Option<(usize, Vec<Row<Held>>)>,
    /// How long the same work took on the server's core before each round.
    pub(crate) paces: Vec<Duration>,
    /// Nothing ended the run before its time.
    pub(crate) complete: bool,
}

/// One program's rounds.
#[derive(Clone, Debug)]
pub(crate) struct Row<T> {
    pub(crate) rounds: Vec<T>,
    /// Why there are no more.
    pub(crate) out: Option<Text>,
}

/// What a server holds in memory, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    /// With one client.
    pub(crate) at_rest: u64,
    /// More with each idle one.
    pub(crate) per_client: f64,
}

impl<T> Row<T> {
    /// A row that waits for its rounds; or never will have any, and why.
    pub(crate) fn new(out: Option<Text>) -> Row<T> {
        Row {
            rounds: Vec::new(),
            out,
        }
    }
}

impl Row<Measured> {
    /// Processor time of the server per answered line, in microseconds.
    pub(crate) fn cpu_per_line(&self) -> Option<Spread> {
        Spread::of(self.rounds.iter().filter_map(per_line))
    }

    /// How that stands to the same rounds of `first`.
    ///
    /// Round by round: a machine whose pace changes within minutes, as that of a virtual one does,
    /// has changed little between two that stood next to each other.
    pub(crate) fn cpu_ratio(&self, first: &Row<Measured>) -> Option<Spread> {
        let pairs = self.rounds.iter().zip(&first.rounds);
        let ratios = pairs.filter_map(|(own, first)| Some(per_line(own)? / per_line(first)?));
        Spread::of(ratios.filter(|ratio| ratio.is_finite()))
    }

    pub(crate) fn lines_per_second(&self) -> Option<Spread> {
        self.spread(|round| round.lines as f64 / round.time.as_secs_f64())
    }

    /// The largest part of a round in which the load was kept from running.
    pub(crate) fn kept_waiting(&self) -> Option<f64> {
        let shares = self
            .rounds
            .iter()
            .filter_map(|round| Some(round.used.waited?.as_secs_f64() / round.time.as_secs_f64()));
        Some(Spread::of(shares)?.max)
    }

    /// In microseconds.
    pub(crate) fn p50(&self) -> Option<Spread> {
        self.spread(|round| micros(round.p50))
    }

    /// In microseconds.
    pub(crate) fn p99(&self) -> Option<Spread> {
        self.spread(|round| micros(round.p99))
    }

    fn spread(&self, value: impl Fn(&Measured) -> f64) -> Option<Spread> {
        Spread::of(self.rounds.iter().map(value))
    }
}

impl Row<Held> {
    pub(crate) fn at_rest(&self) -> Option<f64> {
        Some(self.rounds.first()?.at_rest as f64)
    }

    pub(crate) fn per_client(&self) -> Option<f64> {
        Some(self.rounds.first()?.per_client)
    }
}

/// Processor time of the server per answered line, in microseconds.
fn per_line(round: &Measured) -> Option<f64> {
    let cpu = micros(round.used.cpu?);
    (round.lines > 0).then(|| cpu / round.lines as f64)
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

#[cfg(test)]
mod tests {
    use super::*;
    use load::Reading;

    /// Rounds of a thousand lines that cost so many microseconds each.
    fn row(costs: &[u64]) -> Row<Measured> {
        let rounds = costs.iter().map(|&cost| Measured {
            lines: 1_000,
            time: Duration::from_secs(1),
            used: Reading {
                cpu: Some(Duration::from_micros(cost * 1_000)),
                waited: None,
            },
            p50: Duration::ZERO,
            p99: Duration::ZERO,
        });
        Row {
            rounds: rounds.collect(),
            out: None,
        }
    }

    #[test]
    fn a_machine_whose_pace_changes_does_not_change_the_ratio() {
        let (first, other) = (row(&[4, 4, 8, 8, 6]), row(&[8, 8, 16, 16, 6]));
        let ratio = other.cpu_ratio(&first).expect("both were measured");
        assert_eq!((ratio.median, ratio.min, ratio.max), (2.0, 1.0, 2.0));
        let cost = other.cpu_per_line().expect("it was measured");
        assert_eq!((cost.median, cost.min, cost.max), (8.0, 6.0, 16.0));
    }

    #[test]
    fn rounds_that_are_not_there_have_no_ratio() {
        let (first, other) = (row(&[4, 4, 8]), row(&[8]));
        assert_eq!(other.cpu_ratio(&first).map(|it| it.median), Some(2.0));
        assert_eq!(row(&[]).cpu_ratio(&first), None);
        assert_eq!(first.cpu_ratio(&row(&[])), None);
    }
}
