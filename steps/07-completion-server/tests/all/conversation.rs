//! A conversation is told what is done, and tells what is to be started: no socket is needed.

use completion_server::{Conversation, HIGH_WATER};
use grader::model;
use nix::libc;
use proptest::collection::vec;
use proptest::prelude::*;
use std::io::Error;

const NOTHING: Option<&[u8]> = None;

fn hears(conversation: &mut Conversation, bytes: &[u8]) {
    conversation.received(Ok(Some(bytes)));
}

fn fails(errno: i32) -> Error {
    Error::from_raw_os_error(errno)
}

#[test]
fn an_answer_is_given_away_once() {
    let mut conversation = Conversation::default();
    assert!(conversation.wants_more());
    assert_eq!(conversation.to_send(), None);
    hears(&mut conversation, b"Hello\nHow");
    assert_eq!(conversation.to_send(), Some(b"Uryyb\n".to_vec()));
    assert_eq!(conversation.to_send(), None);
    conversation.sent(b"Uryyb\n".to_vec(), Ok(6));
    assert_eq!(conversation.to_send(), None);
    assert!(conversation.wants_more());
}

#[test]
fn while_a_send_is_in_flight_answers_wait_and_keep_their_order() {
    let mut conversation = Conversation::default();
    hears(&mut conversation, b"a\n");
    let first = conversation.to_send().expect("it is owed");
    hears(&mut conversation, b"b\n");
    hears(&mut conversation, b"c\n");
    assert_eq!(conversation.to_send(), None, "one at a time");
    conversation.sent(first, Ok(2));
    assert_eq!(conversation.to_send(), Some(b"o\np\n".to_vec()));
}

#[test]
fn what_a_send_has_not_taken_goes_before_what_has_waited() {
    let mut conversation = Conversation::default();
    hears(&mut conversation, b"Hello\n");
    let first = conversation.to_send().expect("it is owed");
    hears(&mut conversation, b"you\n");
    conversation.sent(first, Ok(2));
    assert_eq!(conversation.to_send(), Some(b"yyb\nlbh\n".to_vec()));
}

#[test]
fn after_the_last_byte_the_rest_is_owed_and_nothing_more_is_wanted() {
    let mut conversation = Conversation::default();
    hears(&mut conversation, b"abc\ndef");
    conversation.received(Ok(NOTHING));
    assert!(!conversation.wants_more());
    assert_eq!(conversation.to_send(), Some(b"nop\nqrs".to_vec()));
    conversation.sent(b"nop\nqrs".to_vec(), Ok(3));
    assert_eq!(conversation.to_send(), Some(b"\nqrs".to_vec()));
    assert!(!conversation.is_gone(), "it may still listen");
}

#[test]
fn what_comes_to_nothing_is_started_again() {
    for errno in [libc::EINTR, libc::EAGAIN, libc::ENOBUFS] {
        let mut conversation = Conversation::default();
        conversation.received(Err::<Option<&[u8]>, _>(fails(errno)));
        assert!(conversation.wants_more() && !conversation.is_gone());
        hears(&mut conversation, b"Hello\n");
        let answers = conversation.to_send().expect("they are owed");
        conversation.sent(answers, Err(fails(errno)));
        assert_eq!(conversation.to_send(), Some(b"Uryyb\n".to_vec()));
        assert!(!conversation.is_gone());
    }
}

#[test]
fn when_a_send_fails_nobody_is_left_whatever_is_received_after_that() {
    let mut conversation = Conversation::default();
    hears(&mut conversation, b"a\n");
    let first = conversation.to_send().expect("it is owed");
    hears(&mut conversation, b"b\n");
    conversation.sent(first, Err(fails(libc::EPIPE)));
    assert!(conversation.is_gone() && !conversation.wants_more());
    assert_eq!(conversation.to_send(), None);
    // The receive that was in flight may still bring something, or the end.
    hears(&mut conversation, b"c\n");
    conversation.received(Ok(NOTHING));
    assert_eq!(conversation.to_send(), None);
    assert!(conversation.is_gone() && !conversation.wants_more());
}

#[test]
fn when_a_receive_fails_nobody_is_left_whatever_is_still_sent() {
    for taken in [Ok(1), Ok(2), Err(fails(libc::ECONNRESET))] {
        let mut conversation = Conversation::default();
        hears(&mut conversation, b"a\n");
        let first = conversation.to_send().expect("it is owed");
        hears(&mut conversation, b"b\n");
        conversation.received(Err::<Option<&[u8]>, _>(fails(libc::ECONNRESET)));
        assert!(conversation.is_gone() && !conversation.wants_more());
        conversation.sent(first, taken);
        assert_eq!(conversation.to_send(), None);
        assert!(conversation.is_gone() && !conversation.wants_more());
    }
}

#[test]
fn a_send_that_fails_may_be_given_no_more_than_what_was_unsent() {
    let mut conversation = Conversation::default();
    hears(&mut conversation, &[b'\n'; HIGH_WATER - 1]);
    let all = conversation.to_send().expect("they are owed");
    conversation.sent(all, Err(fails(libc::EINTR)));
    assert!(conversation.wants_more(), "the same is unsent as before");
    hears(&mut conversation, b"\n");
    assert!(!conversation.wants_more());
}

proptest! {
    /// However the bytes come, and however few of them go at a time.
    #[test]
    fn the_answers_are_those_of_the_model(
        pieces in vec((vec(prop_oneof![Just(b'\n'), any::<u8>()], 1..20), 1..400_usize), 0..40),
        shares in vec(0..=100_usize, 1..20),
        order in vec(any::<bool>(), 1..20),
    ) {
        let pieces: Vec<_> = pieces.iter().map(|(bytes, times)| bytes.repeat(*times)).collect();
        let mut conversation = Conversation::default();
        let (mut heard, mut in_flight) = (Vec::<u8>::new(), None::<Vec<u8>>);
        let (mut pieces_left, mut ended) = (pieces.iter(), false);
        let mut order = order.iter().cycle();
        let mut shares = shares.iter().cycle();
        loop {
            in_flight = in_flight.or_else(|| conversation.to_send());
            let may_receive = conversation.wants_more();
            let receives = may_receive && (in_flight.is_none() || *order.next().expect("it cycles"));
            if receives {
                conversation.received(Ok(pieces_left.next().map(Vec::as_slice)));
                ended |= !conversation.wants_more() && pieces_left.len() == 0;
            } else if let Some(bytes) = in_flight.take() {
                let share = shares.next().expect("it cycles");
                let taken = (bytes.len() * share).div_ceil(100).max(1);
                heard.extend(&bytes[..taken]);
                conversation.sent(bytes, Ok(taken));
            } else {
                break;
            }
        }
        prop_assert!(ended || pieces.is_empty());
        prop_assert_eq!(heard, model::owed(&pieces.concat(), true));
    }
}
