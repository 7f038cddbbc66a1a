//! The enum and the compiler's future are told the same, and answer the same, at every poll.

use super::*;
use proptest::collection::{vec, vec_deque};
use proptest::option;
use proptest::prelude::*;
use std::pin::pin;
use std::task::Waker;

/// What it has answered at each poll, and what was sent by then.
fn answers(future: impl Future<Output = io::Result<Connection>>) -> (usize, Box<Script>) {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    let mut waits = 0;
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Pending => waits += 1,
            Poll::Ready(connection) => return (waits, connection.expect("nothing breaks").script),
        }
    }
}

fn script() -> impl Strategy<Value = Script> {
    // Few values, so that many lines end; and sizes beyond the longest line.
    let byte = prop_oneof![4 => any::<u8>(), 1 => Just(b'\n')];
    let bytes = prop_oneof![8 => vec(byte, 1..40), 1 => vec(Just(b'x'), 1..40_000)];
    let incoming = vec_deque(option::of(bytes), 0..20);
    let room = vec_deque(0_usize..50, 0..40);
    (incoming, room).prop_map(|(incoming, room)| Script {
        incoming,
        room,
        ..Script::default()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn however_the_bytes_are_cut_both_answer_the_same(script in script()) {
        let by_hand = answers(Converse::Start(Connection::new(script.clone())));
        let compiled = answers(converse(Connection::new(script)));
        prop_assert_eq!(by_hand, compiled);
    }
}

#[test]
fn a_line_in_pieces_is_answered_and_so_is_a_tail() {
    let script = Script {
        incoming: [Some("Hel"), None, Some("lo\nabc"), None]
            .map(|it| it.map(|bytes| bytes.as_bytes().to_vec()))
            .into(),
        room: [0, 2, 0].into(),
        ..Script::default()
    };
    let (waits, script) = answers(Converse::Start(Connection::new(script)));
    assert_eq!(waits, 4);
    assert_eq!(script.sent, b"Uryyb\nnop");
}

#[test]
#[cfg(target_pointer_width = "64")]
fn what_the_compiler_keeps_besides_is_told_to_within_a_word() {
    let connection = Connection::new(Script::default());
    let compiled = size_of_val(&converse(connection));
    let told: usize = kept_besides().iter().map(|(_, size)| size).sum();
    let told = size_of::<Converse>() + told;
    assert!(
        compiled.abs_diff(told) <= 8,
        "{compiled}, and {told} were told"
    );
}
