//! Scripts: actions at random that make sense, from a seed.

use fastrand::Rng;
use stage::{Act, Action, Machine};

/// How many clients there are.
pub(crate) const CLIENTS: usize = 4;
/// How many blocks a client may leave unread: the system's queues are never full.
const UNREAD: usize = 2;

/// How often each act is drawn.
const DRAWN: [(Act, usize); 9] = [
    (Act::Connect, 3),
    (Act::Half, 3),
    (Act::Line, 5),
    (Act::Burst, 3),
    (Act::Block, 2),
    (Act::Pause, 2),
    (Act::Resume, 2),
    (Act::HalfClose, 2),
    (Act::Reset, 1),
];

pub(crate) struct Hand {
    rng: Rng,
    at_once: usize,
    /// Of each client: whether it has paused, and how many blocks it has said since.
    unread: [Option<usize>; CLIENTS],
}

impl Hand {
    pub(crate) fn new(seed: u64, at_once: usize) -> Hand {
        Hand {
            rng: Rng::with_seed(seed),
            at_once,
            unread: [None; CLIENTS],
        }
    }

    /// Somebody can always do something: who is not there can come.
    pub(crate) fn next(&mut self, machine: &Machine) -> Action {
        loop {
            let client = self.rng.usize(1..=CLIENTS);
            let all = DRAWN.iter().flat_map(|&(act, times)| [act].repeat(times));
            let all: Vec<Act> = all.collect();
            let act = all[self.rng.usize(..all.len())];
            let action = Action { client, act };
            if machine.can(action) && (act != Act::Block || self.has_room(machine, client)) {
                self.note(action);
                return action;
            }
        }
    }

    fn note(&mut self, Action { client, act }: Action) {
        let unread = &mut self.unread[client - 1];
        match act {
            Act::Connect | Act::Resume => *unread = None,
            Act::Pause => *unread = Some(0),
            Act::Block => *unread = unread.map(|blocks| blocks + 1),
            _ => {}
        }
    }

    /// A block fits only where it is received, and its answers where they are not too many.
    fn has_room(&self, machine: &Machine, client: usize) -> bool {
        let is_here = |&client: &usize| {
            let act = Act::Reset;
            machine.can(Action { client, act })
        };
        (1..=CLIENTS).filter(is_here).count() <= self.at_once
            && self.unread[client - 1].is_none_or(|blocks| blocks < UNREAD)
    }
}
