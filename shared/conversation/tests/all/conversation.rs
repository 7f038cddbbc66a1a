//! A conversation is told what has been received and sent, and says what it waits for.

use crate::model::model;
use conversation::{
    Conversation, HIGH_WATER, LOW_WATER, MAX_LINE, RECEIVE_SIZE, RECEIVES_PER_TURN,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// As many answers as this are unsent.
fn owing(bytes: usize) -> Conversation {
    let mut conversation = Conversation::new();
    conversation.receive(&vec![b'\n'; bytes]);
    conversation
}

#[test]
fn the_limits_are_those_of_the_protocol() {
    assert_eq!((HIGH_WATER, LOW_WATER), (64 * 1024, 16 * 1024));
    let turn = RECEIVES_PER_TURN * RECEIVE_SIZE;
    assert!(turn <= HIGH_WATER, "a turn alone must not go past the mark");
}

#[test]
fn an_answer_is_unsent_until_it_is_sent() {
    let mut conversation = Conversation::new();
    assert!(conversation.wants_read() && !conversation.wants_write());
    conversation.receive(b"Hello\nHow");
    assert!(conversation.wants_read() && conversation.wants_write());
    for _ in 0..2 {
        assert_eq!(conversation.unsent(), b"Uryyb\n");
    }
    conversation.sent(6);
    assert_eq!(conversation.unsent(), b"");
    assert!(conversation.wants_read() && !conversation.wants_write());
}

#[test]
fn new_answers_go_behind_what_is_unsent() {
    let mut conversation = Conversation::new();
    conversation.receive(b"Hello\n");
    conversation.sent(2);
    conversation.receive(b"you\n");
    assert_eq!(conversation.unsent(), b"yyb\nlbh\n");
    conversation.sent(0);
    assert_eq!(conversation.unsent(), b"yyb\nlbh\n");
}

#[test]
fn after_a_half_close_the_rest_is_owed_and_nothing_more_is_wanted() {
    let mut conversation = Conversation::new();
    conversation.receive(b"abc\ndef");
    conversation.finish();
    assert!(!conversation.wants_read() && !conversation.is_done());
    assert_eq!(conversation.unsent(), b"nop\nqrs");
    conversation.sent(3);
    assert_eq!(conversation.unsent(), b"\nqrs");
    assert!(!conversation.is_done(), "it may still listen");
    conversation.sent(4);
    assert!(conversation.is_done());
    assert!(!conversation.wants_read() && !conversation.wants_write());
}

#[test]
fn a_half_close_with_nothing_owed_is_the_end() {
    let mut conversation = Conversation::new();
    assert!(!conversation.is_done());
    conversation.finish();
    assert!(conversation.is_done());
}

#[test]
fn what_is_said_after_the_end_is_not_answered() {
    let mut conversation = Conversation::new();
    conversation.receive(b"abc");
    conversation.finish();
    conversation.receive(b"def\n");
    conversation.finish();
    assert_eq!(conversation.unsent(), b"nop");
}

/// A send may be under way while a receive fails, and the other way round (step 07).
#[test]
fn after_an_abort_nothing_that_is_reported_changes_anything() {
    let mut conversation = owing(HIGH_WATER);
    conversation.receive(b"abc");
    conversation.abort();
    for _ in 0..2 {
        assert!(conversation.is_done());
        assert!(!conversation.wants_read() && !conversation.wants_write());
        conversation.sent(5);
        conversation.receive(b"def\n");
        conversation.finish();
    }
}

#[test]
fn receiving_pauses_at_the_high_mark_and_goes_on_below_the_low_one() {
    let mut conversation = owing(HIGH_WATER - 1);
    assert!(conversation.wants_read());
    conversation.receive(b"\n");
    assert!(!conversation.wants_read(), "at the mark");
    conversation.sent(HIGH_WATER - LOW_WATER);
    assert_eq!(conversation.unsent().len(), LOW_WATER);
    assert!(!conversation.wants_read(), "at the other mark");
    conversation.sent(1);
    assert!(conversation.wants_read(), "below it");
    conversation.receive(b"\n");
    assert!(conversation.wants_read(), "between the marks");
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
        let most = pieces.iter().map(Vec::len).max().unwrap_or(0);
        let mut conversation = Conversation::new();
        let (mut heard, mut left) = (Vec::<u8>::new(), pieces.iter());
        let (mut order, mut shares) = (order.iter().cycle(), shares.iter().cycle());
        while !conversation.is_done() {
            let unsent = conversation.unsent();
            prop_assert!(unsent.len() < HIGH_WATER + MAX_LINE + most);
            prop_assert!(conversation.wants_read() || conversation.wants_write());
            let may_receive = conversation.wants_read();
            if may_receive && (unsent.is_empty() || *order.next().expect("it cycles")) {
                match left.next() {
                    Some(piece) => conversation.receive(piece),
                    None => conversation.finish(),
                }
            } else {
                let share = shares.next().expect("it cycles");
                let taken = (unsent.len() * share).div_ceil(100).max(1);
                heard.extend(&unsent[..taken]);
                conversation.sent(taken);
            }
        }
        prop_assert_eq!(heard, model(&pieces.concat()));
    }
}
