//! The model's beats, as they are compared.

use crate::Lines;
use crate::script::CLIENTS;
use stage::{Beat, Machine};

/// More beats than any action takes.
const BEATS: usize = 10_000;

/// What is compared of a server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    /// Which thread serves a client is left open.
    pub(crate) by_client: bool,
    /// It never sleeps: calls in vain are left out, but for a last round of them.
    pub(crate) without_vain: bool,
}

impl Reading {
    /// Whose a call is: the first process or thread is number 1.
    pub(crate) fn whose(self, runner: usize, client: Option<usize>) -> String {
        match client {
            Some(client) if self.by_client && runner > 1 => format!("who serves {client}"),
            _ => format!("number {runner}"),
        }
    }

    pub(crate) fn leaves_out(self, line: &str) -> bool {
        self.without_vain && line.ends_with("= EAGAIN")
    }
}

/// Who never sleeps has asked everybody twice by then.
pub(crate) const VAIN: usize = 2 * (CLIENTS + 1) + 2;

/// The model's calls until it rests.
pub(crate) fn settle(machine: &mut Machine, reading: Reading) -> Lines {
    let beats = machine.settle(BEATS);
    assert!(machine.is_settled(), "the model does not settle");
    let mut lines = lines(&beats, reading);
    if reading.without_vain {
        let vain = (0..VAIN).filter_map(|_| machine.beat());
        let vain: Vec<String> = vain.map(|beat| line(&beat)).collect();
        add_round(&mut lines, &vain);
    }
    lines
}

/// Of many calls in vain, the last that are one round, from the listener to the listener.
pub(crate) fn add_round(lines: &mut Lines, vain: &[String]) {
    let mut rounds = vain.rsplitn(3, |line| line.starts_with("accept("));
    if let Some(round) = rounds.nth(1) {
        lines.insert("each round".to_owned(), round.to_vec());
    }
}

fn lines(beats: &[Beat], reading: Reading) -> Lines {
    let mut lines = Lines::new();
    for beat in beats.iter().filter(|it| it.name != "futex") {
        let line = line(beat);
        if !reading.leaves_out(&line) {
            let whose = reading.whose(beat.runner, beat.client);
            lines.entry(whose).or_default().push(line);
        }
    }
    lines
}

fn line(beat: &Beat) -> String {
    let Beat { call, answer, .. } = beat;
    let inside = || {
        let inside = call.split_once('(').expect("a call").1;
        inside.strip_suffix(')').expect("a call")
    };
    match beat.name {
        // Of what is handed over strace tells the number.
        "io_uring_enter" => {
            let started = inside().split(", ").filter(|it| !it.is_empty());
            format!("io_uring_enter({})", started.count())
        }
        // Its sets have no order.
        "select" => {
            let ready = answer.trim_matches(['[', ']']);
            format!("select({}) = [{}]", sorted(inside()), sorted(ready))
        }
        _ => format!("{call} = {answer}"),
    }
}

/// The same words in an order that does not depend on who came first.
pub(crate) fn sorted(words: &str) -> String {
    let mut words: Vec<&str> = words.split_whitespace().collect();
    words.sort_unstable();
    words.join(" ")
}
