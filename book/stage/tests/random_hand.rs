//! Hands at random: whatever clients do, in whatever order, nothing panics, all settles, what the server
//! holds for them stays bounded, and a right one answers all. `SEED=7 cargo test -p stage --test
//! random_hand` plays the hand of one seed alone.

use conversation::{HIGH_WATER, LineCodec, MAX_LINE, RECEIVE_SIZE, RECEIVES_PER_TURN};
use fastrand::Rng;
use stage::{Act, Action, Machine, Queues, Strategy};
use std::hash::{DefaultHasher, Hash, Hasher};

const CLIENTS: usize = 4;
const ACTIONS: usize = 200;
const SEEDS: u64 = 50;
/// A block is some ten calls, and what had to wait for it may be a dozen blocks.
const BEATS: usize = 20_000;
/// What a server may hold for one client: a turn's receives beyond the mark, and a line that has begun.
const HELD: usize = HIGH_WATER + RECEIVES_PER_TURN * RECEIVE_SIZE + MAX_LINE;

/// What a client has said since it came, and whether it will say more.
#[derive(Clone, Default)]
struct Said {
    bytes: Vec<u8>,
    is_here: bool,
    has_finished: bool,
}

impl Said {
    fn note(&mut self, act: Act) {
        let is_in_a_line = self.bytes.last().is_some_and(|&it| it != b'\n');
        match act {
            Act::Connect => {
                *self = Said {
                    is_here: true,
                    ..Said::default()
                }
            }
            Act::Half => self.bytes.extend(b"Hel"),
            Act::Line if is_in_a_line => self.bytes.extend(b"lo\n"),
            Act::Line => self.bytes.extend(b"Hello\n"),
            Act::Burst => self.bytes.extend(b"one\ntwo\nthree\n"),
            Act::Block => {
                let line = [[b'x'; 63].as_slice(), b"\n"].concat();
                self.bytes.extend(line.repeat(1024));
            }
            Act::HalfClose => self.has_finished = true,
            Act::Reset => *self = Said::default(),
            Act::Pause | Act::Resume => {}
        }
    }

    fn answers(&self) -> Vec<u8> {
        let mut codec = LineCodec::new();
        let mut answers = codec.feed(&self.bytes);
        answers.extend(codec.finish());
        answers
    }
}

struct Play {
    machine: Machine,
    said: Vec<Said>,
    log: DefaultHasher,
    /// Whose, for a failure.
    of: String,
    is_right: bool,
}

impl Play {
    fn act(&mut self, action: Action) {
        if !self.machine.act(action) {
            return;
        }
        self.said[action.client - 1].note(action.act);
        for beat in self.machine.settle(BEATS) {
            format!("{beat:?}").hash(&mut self.log);
        }
        assert!(
            self.machine.is_settled(),
            "{}: it does not settle after {action}",
            self.of
        );
        let held = self.machine.counters().held;
        assert!(
            !self.is_right || held <= CLIENTS * HELD,
            "{}: {held} bytes are held after {action}",
            self.of
        );
    }
}

/// Plays a hand to its end, and tells all that has happened, as a number.
fn play(strategy: Strategy, name: &str, seed: u64) -> u64 {
    let mut rng = Rng::with_seed(seed);
    let mut play = Play {
        machine: Machine::new(strategy, CLIENTS, Queues::SMALL),
        said: vec![Said::default(); CLIENTS],
        log: DefaultHasher::new(),
        of: format!("{name}, seed {seed}"),
        is_right: !matches!(strategy, Strategy::EdgeOnce | Strategy::ForkForgets),
    };
    play.machine.settle(BEATS);
    for _ in 0..ACTIONS {
        let client = rng.usize(1..=CLIENTS);
        let (mut act, _) = Act::ALL[rng.usize(..Act::ALL.len())];
        // A block among four, and who breaks off has said something before: most hands are about words.
        if matches!(act, Act::Block | Act::Reset) && rng.u8(..4) > 0 {
            act = Act::Line;
        }
        play.act(Action { client, act });
    }
    // Everybody comes to an end: some servers serve one after the other.
    for act in [Act::Resume, Act::HalfClose] {
        for client in 1..=CLIENTS {
            play.act(Action { client, act });
        }
    }
    for (client, said) in (1..).zip(&play.said) {
        if play.is_right && said.is_here {
            let of = &play.of;
            assert!(said.has_finished, "{of}: client {client} speaks on");
            assert!(
                play.machine.heard(client) == said.answers(),
                "{of}: client {client} has read {} bytes of {}",
                play.machine.heard(client).len(),
                said.answers().len()
            );
            assert!(play.machine.is_closed(client), "{of}: client {client}");
        }
    }
    play.log.finish()
}

#[test]
fn whatever_a_hand_does_all_is_answered_and_comes_to_rest() {
    let seeds: Vec<u64> = match std::env::var("SEED") {
        Ok(seed) => vec![seed.parse().expect("a number")],
        Err(_) => (0..SEEDS).collect(),
    };
    for (strategy, name) in Strategy::ALL {
        for &seed in &seeds {
            play(strategy, name, seed);
        }
    }
}

#[test]
fn the_same_hand_has_the_same_log() {
    for (strategy, name) in Strategy::ALL {
        for seed in 0..5 {
            let of = format!("{name}, seed {seed}");
            assert_eq!(
                play(strategy, name, seed),
                play(strategy, name, seed),
                "{of}"
            );
        }
    }
}
