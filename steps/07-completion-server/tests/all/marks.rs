//! A client that does not read is held back: at which byte, and until which.

use completion_server::{Conversation, HIGH_WATER, LOW_WATER};

/// A conversation that owes so many bytes: it has received as many newlines.
fn owing(count: usize) -> Conversation {
    let mut conversation = Conversation::default();
    conversation.received(Ok(Some(vec![b'\n'; count])));
    conversation
}

#[test]
fn it_is_held_back_from_the_high_mark_on() {
    assert!(owing(HIGH_WATER - 1).wants_more());
    assert!(!owing(HIGH_WATER).wants_more());
    assert!(!owing(HIGH_WATER + 1).wants_more());
}

#[test]
fn what_is_in_flight_counts_as_unsent() {
    let mut conversation = owing(HIGH_WATER - 1);
    let sending = conversation.to_send().expect("it is owed");
    assert_eq!(sending.len(), HIGH_WATER - 1);
    assert!(conversation.wants_more());
    conversation.received(Ok(Some(b"\n".as_slice())));
    assert!(!conversation.wants_more());
}

#[test]
fn it_goes_on_below_the_low_mark_and_not_at_it() {
    let mut conversation = owing(HIGH_WATER);
    let sending = conversation.to_send().expect("it is owed");
    conversation.sent(sending, Ok(HIGH_WATER - LOW_WATER));
    assert!(!conversation.wants_more(), "{LOW_WATER} are unsent");
    let sending = conversation.to_send().expect("it is owed");
    assert_eq!(sending.len(), LOW_WATER);
    conversation.sent(sending, Ok(1));
    assert!(conversation.wants_more(), "fewer are unsent");
}

#[test]
fn what_waits_behind_a_send_counts_when_it_is_done() {
    let mut conversation = owing(HIGH_WATER - 1);
    let sending = conversation.to_send().expect("it is owed");
    conversation.received(Ok(Some(vec![b'\n'; LOW_WATER])));
    assert!(!conversation.wants_more());
    let length = sending.len();
    conversation.sent(sending, Ok(length));
    assert!(!conversation.wants_more(), "{LOW_WATER} have waited");
    let sending = conversation.to_send().expect("it is owed");
    conversation.sent(sending, Ok(LOW_WATER));
    assert!(conversation.wants_more());
}

#[test]
fn a_client_that_was_never_held_back_goes_on_between_the_marks() {
    let mut conversation = owing(LOW_WATER + 1);
    let sending = conversation.to_send().expect("it is owed");
    conversation.sent(sending, Ok(1));
    assert!(conversation.wants_more());
}
