//! The codec against the protocol's worked examples and against a model.

use crate::model::model;
use conversation::{LineCodec, MAX_LINE};
use proptest::collection::vec;
use proptest::prelude::*;

/// Feeds `input` in pieces of the given lengths, over and over, and finishes.
fn answer_in_pieces(input: &[u8], pieces: &[usize]) -> Vec<u8> {
    let mut codec = LineCodec::new();
    let mut answer = Vec::new();
    let mut rest = input;
    for &length in pieces.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, later) = rest.split_at(length.min(rest.len()));
        answer.extend(codec.feed(piece));
        rest = later;
    }
    answer.extend(codec.finish());
    answer
}

#[test]
fn worked_examples() {
    let b = |n| vec![b'b'; n];
    let o = |n| vec![b'o'; n];
    let line = |mut text: Vec<u8>| {
        text.push(b'\n');
        text
    };
    let cases: [(Vec<u8>, Vec<u8>); 7] = [
        (b"".to_vec(), b"".to_vec()),
        (b"Hello\n".to_vec(), b"Uryyb\n".to_vec()),
        (b"abc\ndef".to_vec(), b"nop\nqrs".to_vec()),
        (b"\n\n".to_vec(), b"\n\n".to_vec()),
        (line(b(MAX_LINE)), line(o(MAX_LINE))),
        (b(MAX_LINE), o(MAX_LINE)),
        (
            line(b(MAX_LINE + 1)),
            [line(o(MAX_LINE)), line(o(1))].concat(),
        ),
    ];
    for (sent, owed) in cases {
        for pieces in [&[usize::MAX][..], &[1], &[MAX_LINE], &[MAX_LINE + 1]] {
            assert!(answer_in_pieces(&sent, pieces) == owed, "pieces {pieces:?}");
        }
    }
}

#[test]
fn a_line_is_answered_when_it_is_complete_and_not_before() {
    let mut codec = LineCodec::new();
    assert_eq!(codec.feed(b"a"), b"");
    assert_eq!(codec.feed(b"b\n"), b"no\n");
    assert_eq!(
        codec.feed(&[b'c'; MAX_LINE]),
        b"",
        "exactly MAX_LINE bytes may still get their newline"
    );
    assert_eq!(
        codec.feed(b"c").len(),
        MAX_LINE + 1,
        "one more byte completes it"
    );
}

/// Bytes in which line ends are as rare as a random `rarity` makes them.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let length = prop_oneof![0..200_usize, 0..4 * MAX_LINE];
    (length, 1..40_000_u32).prop_flat_map(|(length, rarity)| {
        let byte = prop_oneof![1 => Just(b'\n'), rarity => any::<u8>()];
        vec(byte, length)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_in_any_cuts(input in bytes(), pieces in vec(1..3 * MAX_LINE, 1..20)) {
        prop_assert!(answer_in_pieces(&input, &pieces) == model(&input));
    }

    #[test]
    fn lengths_around_the_limit(lengths in vec(MAX_LINE - 2..=MAX_LINE + 2, 1..4), piece in 1..3 * MAX_LINE) {
        let input: Vec<u8> = lengths.iter().flat_map(|&n| [vec![b'x'; n], vec![b'\n']].concat()).collect();
        prop_assert!(answer_in_pieces(&input, &[piece]) == model(&input));
    }
}
