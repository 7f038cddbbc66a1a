//! The model's beats, as they are compared.

use crate::Lines;
use stage::Beat;

/// What is compared of a server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    /// Which thread serves a client is left open.
    pub(crate) by_client: bool,
    /// Calls in vain are left out.
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

pub(crate) fn lines(beats: &[Beat], reading: Reading) -> Lines {
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
