//! Every strategy answers as the line protocol wants it, and rests when there is nothing to do.

use stage::{Machine, Queues, Strategy};

const ALL: fn(&Strategy) -> bool = |it| !matches!(it, Strategy::EdgeOnce | Strategy::ForkForgets);

fn play(machine: &mut Machine, hand: &[&str]) {
    for action in hand {
        assert!(
            machine.act(action.parse().expect("an action")),
            "{action} makes no sense"
        );
        machine.settle(10_000);
        assert!(machine.is_settled(), "it does not settle after {action}");
    }
}

fn right() -> impl Iterator<Item = (Strategy, &'static str)> {
    Strategy::ALL.into_iter().filter(|(it, _)| ALL(it))
}

#[test]
fn a_line_is_answered_and_a_half_close_is_the_end() {
    for (strategy, name) in right() {
        let mut machine = Machine::new(strategy, 2, Queues::SMALL);
        play(
            &mut machine,
            &[
                "connect 1",
                "half 1",
                "line 1",
                "burst 1",
                "half 1",
                "half-close 1",
            ],
        );
        assert_eq!(machine.heard(1), b"Uryyb\nbar\ngjb\nguerr\nUry", "{name}");
        assert!(machine.is_closed(1), "{name}");
        play(&mut machine, &["connect 2", "line 2", "half-close 2"]);
        assert_eq!(machine.heard(2), b"Uryyb\n", "{name}");
        assert!(machine.is_closed(2), "{name}");
        assert_eq!(machine.counters().held, 0, "{name}");
    }
}

#[test]
fn a_client_that_breaks_off_costs_its_own_connection_alone() {
    for (strategy, name) in right() {
        let mut machine = Machine::new(strategy, 2, Queues::SMALL);
        play(
            &mut machine,
            &[
                "connect 1",
                "half 1",
                "reset 1",
                "connect 2",
                "line 2",
                "half-close 2",
                "connect 1",
                "line 1",
            ],
        );
        assert_eq!(
            machine.heard(1),
            b"Uryyb\n",
            "{name}: {:?}",
            machine.sleeping_in()
        );
    }
}

#[test]
fn a_client_that_does_not_read_is_held_back_and_loses_nothing() {
    for (strategy, name) in right() {
        let mut machine = Machine::new(strategy, 1, Queues::SMALL);
        play(&mut machine, &["connect 1", "pause 1"]);
        for _ in 0..8 {
            play(&mut machine, &["block 1"]);
            assert!(machine.counters().held <= 128 * 1024 + 16 * 1024, "{name}");
        }
        play(&mut machine, &["resume 1", "half-close 1"]);
        assert_eq!(machine.heard(1).len(), 8 * 64 * 1024, "{name}");
        assert!(machine.is_closed(1), "{name}");
    }
}

#[test]
fn one_silent_client_keeps_others_waiting_in_turn_and_nowhere_else() {
    for (strategy, name) in right() {
        let mut machine = Machine::new(strategy, 2, Queues::SMALL);
        play(&mut machine, &["connect 1", "connect 2", "line 2"]);
        let is_heard = machine.heard(2) == b"Uryyb\n";
        assert_eq!(is_heard, strategy != Strategy::Sequential, "{name}");
    }
}

#[test]
fn known_bugs_show() {
    let mut machine = Machine::new(Strategy::EdgeOnce, 1, Queues::SMALL);
    play(&mut machine, &["connect 1", "block 1"]);
    assert!(machine.heard(1).len() < 64 * 1024);
    let mut machine = Machine::new(Strategy::ForkForgets, 1, Queues::SMALL);
    play(&mut machine, &["connect 1", "line 1", "half-close 1"]);
    assert!(!machine.is_closed(1));
}
