//! The conversation against the protocol without any I/O, piece by piece.

use super::base;
use crate::{Conversation, answer};
use bufferevent_server::{BevEvent, BufferEvent, Callbacks, EvBuffer};
use conversation::{LineCodec, MAX_LINE};
use proptest::collection::vec;
use proptest::prelude::*;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

/// Bytes in which line ends are as rare as a random `rarity` makes them.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let length = prop_oneof![0..200_usize, 0..5 * MAX_LINE];
    (length, 1..40_000_u32).prop_flat_map(|(length, rarity)| {
        let byte = prop_oneof![1 => Just(b'\n'), rarity => any::<u8>()];
        vec(byte, length)
    })
}

/// Lines whose lengths are next to the limit, or next to a multiple of it.
fn lines_around_the_limit() -> impl Strategy<Value = Vec<u8>> {
    let length = (0..4_usize, 0..5_usize)
        .prop_map(|(times, more)| (times * MAX_LINE + more).saturating_sub(2));
    let line = (length, b'a'..=b'z', any::<bool>());
    vec(line, 1..5).prop_map(|lines| {
        let text = lines.into_iter().map(|(length, letter, ends)| {
            let mut line = vec![letter; length];
            line.extend(ends.then_some(b'\n'));
            line
        });
        text.flatten().collect()
    })
}

/// Lengths of pieces, to be used over and over.
fn pieces() -> impl Strategy<Value = Vec<usize>> {
    let length = prop_oneof![1..50_usize, MAX_LINE - 2..=MAX_LINE + 2, 1..3 * MAX_LINE,];
    // Not only tiny ones: that takes long.
    vec(length, 1..20).prop_filter("some are longer", |it| it.iter().sum::<usize>() > 200)
}

/// Has the conversation hear `said` piece by piece, with the end after it, while somebody takes some
/// of the answers now and then.
fn assert_answers(said: &[u8], pieces: &[usize]) -> Result<(), TestCaseError> {
    let mut base = base();
    let (socket, _client) = UnixStream::pair().expect("there are descriptors");
    let mut bev = BufferEvent::socket_new(OwnedFd::from(socket)).expect("a socket");
    let mut codec = LineCodec::new();
    let mut owed = Vec::new();
    let mut rest = said;
    for (number, &length) in pieces.iter().cycle().enumerate() {
        if rest.is_empty() {
            break;
        }
        let (piece, later) = rest.split_at(length.min(rest.len()));
        rest = later;
        bev.input.add(piece);
        Conversation.read(&mut base, &mut bev);
        owed.extend(codec.feed(piece));
        prop_assert!(
            bev.output.peek() == owed,
            "after {} bytes",
            said.len() - rest.len()
        );
        if number % 3 == 0 {
            let sent = length.min(owed.len());
            bev.output.drain(sent);
            owed.drain(..sent);
        }
    }
    Conversation.event(&mut base, &mut bev, BevEvent::EOF | BevEvent::READING);
    owed.extend(codec.finish());
    prop_assert!(bev.output.peek() == owed, "at the end");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(64)
    })]

    #[test]
    fn any_bytes_in_any_pieces(said in bytes(), pieces in pieces()) {
        assert_answers(&said, &pieces)?;
    }

    #[test]
    fn lengths_around_the_limit(said in lines_around_the_limit(), pieces in pieces()) {
        assert_answers(&said, &pieces)?;
    }
}

#[test]
fn what_waits_to_be_sent_is_not_rotated_again() {
    let (mut input, mut output) = (EvBuffer::new(), EvBuffer::new());
    output.add(b"Uryyb\n");
    input.add(b"Bye\nno");
    answer(&mut input, &mut output);
    assert_eq!(
        (input.peek(), output.peek()),
        (&b"no"[..], &b"Uryyb\nOlr\n"[..])
    );
}
