//! A machine that can be played forwards and back, and what a page shows of it.

use crate::action::{Act, Action};
use crate::connection::Queues;
use crate::draw;
use crate::machine::{Beat, Counters, Machine};
use crate::strategies::Strategy;
use crate::words::{self, Language};
use serde::Serialize;

/// What is played, from its beginning: as nothing in it is left to chance, a beat back is all but the last
/// again.
pub struct Show {
    strategy: Strategy,
    clients: usize,
    machine: Machine,
    played: Vec<Played>,
    last: Last,
}

#[derive(Clone, Copy)]
enum Played {
    Action(Action),
    Beat,
}

/// What has happened last.
#[derive(Clone, Default)]
pub(crate) enum Last {
    #[default]
    Nothing,
    Action(Action),
    Beat(Beat),
}

/// What a page shows.
#[derive(Debug, Serialize)]
pub struct View {
    /// The picture: an SVG.
    pub picture: String,
    /// What has just happened, in a sentence.
    pub said: String,
    /// What has been counted.
    pub counters: Counters,
    /// Where in the listing the processes and threads stand, whoever goes on next first.
    pub at: Vec<At>,
    /// Nothing more happens until a client does something.
    pub is_settled: bool,
    /// How many actions and calls there have been.
    pub played: usize,
    /// What each client can do now, by name.
    pub can: Vec<Vec<&'static str>>,
    /// From where to where in the picture something has just gone.
    pub flight: Option<draw::Flight>,
}

/// A process or thread in the listing.
#[derive(Debug, Serialize)]
pub struct At {
    /// The name of the place.
    pub at: &'static str,
    /// It sleeps there.
    pub sleeps: bool,
}

impl Show {
    /// Nobody has come.
    pub fn new(strategy: Strategy, clients: usize) -> Show {
        Show {
            strategy,
            clients,
            machine: Machine::new(strategy, clients, Queues::SMALL),
            played: Vec::new(),
            last: Last::Nothing,
        }
    }

    /// Does what the hand says, if it makes sense.
    pub fn act(&mut self, action: Action) -> bool {
        let acted = self.machine.act(action);
        if acted {
            self.played.push(Played::Action(action));
            self.last = Last::Action(action);
        }
        acted
    }

    /// One call; `false` when all sleep.
    pub fn beat(&mut self) -> bool {
        let beat = self.machine.beat();
        let is_one = beat.is_some();
        if let Some(beat) = beat {
            self.played.push(Played::Beat);
            self.last = Last::Beat(beat);
        }
        is_one
    }

    /// Calls until nothing more happens; `limit` at most.
    pub fn settle(&mut self, limit: usize) {
        for _ in 0..limit {
            if self.machine.is_settled() || !self.beat() {
                break;
            }
        }
    }

    /// Takes the last call or action back; `false` at the beginning.
    pub fn back(&mut self) -> bool {
        let mut played = std::mem::take(&mut self.played);
        let is_one = played.pop().is_some();
        *self = Show::new(self.strategy, self.clients);
        for it in played {
            match it {
                Played::Action(action) => _ = self.act(action),
                Played::Beat => _ = self.beat(),
            }
        }
        is_one
    }

    /// The scene itself.
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// What is to be seen now.
    pub fn view(&self, language: Language) -> View {
        View {
            picture: draw::picture(&self.machine, &self.last, language),
            ..self.brief(language)
        }
    }

    /// The same without the picture, which takes most of the time.
    pub fn brief(&self, language: Language) -> View {
        let machine = &self.machine;
        let said = match &self.last {
            Last::Nothing => words::of_rest(machine, language),
            Last::Action(action) => words::of_action(*action, language),
            Last::Beat(beat) => words::of_beat(machine, beat, language),
        };
        let said = match (&self.last, machine.is_settled()) {
            (Last::Beat(_), true) => {
                let space = language.choose(" ", "");
                format!("{said}{space}{}", words::of_rest(machine, language))
            }
            _ => said,
        };
        let can = (1..=self.clients).map(|client| {
            let acts = Act::ALL
                .iter()
                .filter(|(act, _)| machine.can(Action { client, act: *act }));
            acts.map(|it| it.1).collect()
        });
        View {
            picture: String::new(),
            said,
            counters: machine.counters(),
            at: machine.places(),
            is_settled: machine.is_settled(),
            played: self.played.len(),
            can: can.collect(),
            flight: draw::flight(&self.last),
        }
    }
}
