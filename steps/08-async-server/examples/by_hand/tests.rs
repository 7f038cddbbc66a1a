//! The enum and the compiler's future are told the same, and answer the same, at every poll.

use super::*;
use proptest::collection::{vec, vec_deque};
use proptest::option;
use proptest::prelude::*;
use std::cell::RefCell;
use std::io::ErrorKind;
use std::pin::pin;
use std::rc::Rc;
use std::task::Waker;

/// How often it has to wait, how it ends, and what was sent by then.
type Told = (usize, Result<(), ErrorKind>, Vec<u8>);

/// Plays `script` to what `converse` makes of the connection.
fn answers<F: Future<Output = io::Result<Connection>>>(
    script: &Script,
    converse: impl FnOnce(Connection) -> F,
) -> Told {
    let sent = Rc::new(RefCell::default());
    let mut future = pin!(converse(Connection::new(Script {
        sent: Rc::clone(&sent),
        ..script.clone()
    })));
    let mut context = Context::from_waker(Waker::noop());
    let mut waits = 0;
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Pending => waits += 1,
            Poll::Ready(ended) => {
                let ended = ended.map(drop).map_err(|error| error.kind());
                // The future is still there, the connection is not.
                assert_eq!(Rc::strong_count(&sent), 1, "it keeps the connection");
                return (waits, ended, sent.take());
            }
        }
    }
}

fn script() -> impl Strategy<Value = Script> {
    // Few values, so that many lines end; and sizes beyond the longest line.
    let byte = prop_oneof![4 => any::<u8>(), 1 => Just(b'\n')];
    let bytes = prop_oneof![8 => vec(byte, 1..40), 1 => vec(Just(b'x'), 1..40_000)];
    const BROKEN: ErrorKind = ErrorKind::BrokenPipe;
    let incoming = prop_oneof![30 => option::of(bytes).prop_map(Ok), 1 => Just(Err(BROKEN))];
    let incoming = vec_deque(incoming, 0..20);
    let room = vec_deque(
        prop_oneof![60 => (0_usize..50).prop_map(Ok), 1 => Just(Err(BROKEN))],
        0..40,
    );
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
        let by_hand = answers(&script, Converse::Start);
        let compiled = answers(&script, converse);
        prop_assert_eq!(by_hand, compiled);
    }
}

#[test]
fn a_line_in_pieces_is_answered_and_so_is_a_tail() {
    let script = Script {
        incoming: [Some("Hel"), None, Some("lo\nabc"), None]
            .map(|it| Ok(it.map(|bytes: &str| bytes.as_bytes().to_vec())))
            .into(),
        room: [0, 2, 0].map(Ok).into(),
        ..Script::default()
    };
    let told = answers(&script, Converse::Start);
    assert_eq!(told, (4, Ok(()), b"Uryyb\nnop".to_vec()));
}

#[test]
fn an_error_ends_both_wherever_it_comes() {
    let receiving = Script {
        incoming: [
            Ok(Some(b"Hi\n".to_vec())),
            Ok(None),
            Err(ErrorKind::ConnectionReset),
        ]
        .into(),
        ..Script::default()
    };
    let sending = Script {
        incoming: [Ok(Some(b"Hi\n".to_vec()))].into(),
        room: [Ok(1), Err(ErrorKind::BrokenPipe)].into(),
        ..Script::default()
    };
    let sending_last = Script {
        incoming: [Ok(Some(b"Hi".to_vec()))].into(),
        room: [Ok(0), Ok(1), Err(ErrorKind::BrokenPipe)].into(),
        ..Script::default()
    };
    let told = [
        (
            receiving,
            (1, Err(ErrorKind::ConnectionReset), &b"Uv\n"[..]),
        ),
        (sending, (0, Err(ErrorKind::BrokenPipe), b"U")),
        (sending_last, (1, Err(ErrorKind::BrokenPipe), b"U")),
    ];
    for (script, (waits, ended, sent)) in told {
        let told = (waits, ended, sent.to_vec());
        assert_eq!(answers(&script, Converse::Start), told);
        assert_eq!(answers(&script, converse), told);
    }
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
