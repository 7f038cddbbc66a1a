//! The conversation with one client, driven by hand over sockets with next to no room.

mod pair;

use busy_poll_server::{on_readable, on_writable, prepare};
use conversation::{HIGH_WATER, LOW_WATER, MAX_LINE, RECEIVE_SIZE, RECEIVES_PER_TURN};
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::socket::{getsockopt, sockopt};
use pair::{Pair, babble, rotated};
use std::net::{TcpListener, TcpStream};

#[test]
fn a_line_is_answered_at_once_without_being_told_of_room() {
    let mut pair = Pair::new();
    pair.say(b"Hello\nHow");
    pair.on_readable(RECEIVE_SIZE);
    assert!(!pair.conversation.wants_write());
    assert_eq!(pair.hear(), b"Uryyb\n");
    pair.say(b" are you?\n");
    pair.on_readable(RECEIVE_SIZE);
    assert_eq!(pair.hear(), b"Ubj ner lbh?\n");
}

#[test]
fn readiness_that_is_none_changes_nothing() {
    let mut pair = Pair::new();
    for _ in 0..3 {
        pair.on_readable(16);
        pair.on_writable();
    }
    assert!(pair.conversation.wants_read() && !pair.conversation.wants_write());
    assert!(!pair.conversation.is_done());
    pair.say(b"Hello\n");
    pair.on_readable(16);
    assert_eq!(pair.hear(), b"Uryyb\n");
}

#[test]
fn what_comes_in_pieces_of_a_byte_is_answered_as_one() {
    let mut pair = Pair::new();
    for byte in b"Hello\n" {
        assert_eq!(pair.hear(), b"");
        pair.say(&[*byte]);
        pair.on_readable(RECEIVE_SIZE);
    }
    assert_eq!(pair.hear(), b"Uryyb\n");
}

#[test]
fn a_turn_goes_on_until_there_is_no_more() {
    let mut pair = Pair::new();
    pair.say(b"a\nb\nc\nd");
    pair.on_readable(2);
    assert_eq!(pair.hear(), b"n\no\np\n");
}

#[test]
fn a_greedy_client_has_one_turn_like_everybody() {
    let mut pair = Pair::new();
    pair.say(b"a\nb\nc\nd\ne\nf\n");
    pair.on_readable(2);
    assert_eq!(pair.hear().len(), 2 * RECEIVES_PER_TURN);
    pair.on_readable(2);
    assert_eq!(pair.hear(), b"r\ns\n");
}

#[test]
fn a_client_that_does_not_read_is_held_back_and_let_go_on() {
    let mut pair = Pair::new();
    let owed = rotated(&pair.say_until_held_back());
    assert!(pair.conversation.wants_write());
    let unsent = pair.conversation.unsent().len();
    let most = HIGH_WATER + RECEIVE_SIZE + MAX_LINE;
    assert!((HIGH_WATER..most).contains(&unsent), "{unsent} bytes");

    // What is told of a client that is held back does not matter: nothing is received from it.
    pair.say(b"more\n");
    pair.on_readable(RECEIVE_SIZE);
    assert_eq!(pair.conversation.unsent().len(), unsent);

    let mut heard = Vec::new();
    while !pair.conversation.wants_read() {
        let unsent = pair.conversation.unsent().len();
        assert!(unsent >= LOW_WATER, "{unsent} bytes, and still held back");
        heard.extend(pair.hear());
        pair.on_writable();
    }
    let unsent = pair.conversation.unsent().len();
    assert!((1..LOW_WATER).contains(&unsent), "{unsent} bytes");
    pair.on_readable(RECEIVE_SIZE);
    heard.extend(pair.hear_while_writable(owed.len() + 5 - heard.len()));
    assert!(heard == [owed, b"zber\n".to_vec()].concat());
}

#[test]
fn new_answers_go_behind_those_that_wait() {
    let mut pair = Pair::new();
    let mut said = Vec::new();
    for _ in 0..20 {
        let lines = babble(1_000);
        pair.say(&lines);
        pair.on_readable(RECEIVE_SIZE);
        said.extend(lines);
    }
    assert!(pair.conversation.wants_write(), "all of it was sent");
    assert!(pair.hear_while_writable(said.len()) == rotated(&said));
}

#[test]
fn a_half_close_with_answers_outstanding_loses_none() {
    let mut pair = Pair::new();
    let mut said = pair.say_until_held_back();
    pair.say(b"the tail");
    said.extend(b"the tail");
    pair.finish();
    let mut heard = Vec::new();
    while !pair.conversation.is_done() {
        heard.extend(pair.hear());
        pair.on_writable();
        pair.on_readable(RECEIVE_SIZE);
    }
    heard.extend(pair.hear_to_the_end());
    assert!(heard == rotated(&said));
}

#[test]
fn after_a_half_close_only_room_is_waited_for() {
    let mut pair = Pair::new();
    let said = pair.say_until_held_back();
    pair.finish();
    let mut heard = Vec::new();
    while !pair.conversation.wants_read() {
        heard.extend(pair.hear());
        pair.on_writable();
    }
    pair.on_readable(RECEIVE_SIZE);
    assert!(!pair.conversation.wants_read() && pair.conversation.wants_write());
    assert!(!pair.conversation.is_done());
    heard.extend(pair.hear_while_writable(said.len() - heard.len()));
    assert!(pair.conversation.is_done());
}

#[test]
fn a_half_close_with_nothing_outstanding_is_the_end() {
    let mut pair = Pair::new();
    pair.say(b"abc\ndef");
    pair.finish();
    pair.on_readable(RECEIVE_SIZE);
    pair.on_readable(RECEIVE_SIZE);
    assert!(pair.conversation.is_done());
    assert!(!pair.conversation.wants_read() && !pair.conversation.wants_write());
    assert_eq!(pair.hear_to_the_end(), b"nop\nqrs");
}

#[test]
fn readable_and_writable_may_come_in_any_order() {
    let lines = babble(3 * HIGH_WATER);
    for order in ["rw", "wr", "rrw", "wwr", "rwwr", "wrrw"] {
        let mut pair = Pair::new();
        let (mut said, mut heard, mut turn) = (0, Vec::new(), 0);
        while heard.len() < lines.len() {
            said += pair.say_what_fits(&lines[said..]);
            for event in order.chars() {
                match event {
                    'r' => pair.on_readable(777),
                    _ => pair.on_writable(),
                }
            }
            // Half of the time the client is busy with something else.
            turn += 1;
            if turn % 2 == 0 {
                heard.extend(pair.hear());
            }
        }
        assert!(heard == rotated(&lines), "{order}");
    }
}

#[test]
fn a_reset_is_the_end_whatever_is_tried_next() {
    for event in ["receive", "send"] {
        let mut pair = Pair::new();
        pair.say_until_held_back();
        // Let go on, so that both are tried at all, and left with an answer that nobody reads.
        while !pair.conversation.wants_read() {
            pair.hear();
            pair.on_writable();
        }
        let (stream, mut conversation) = pair.reset();
        assert!(!conversation.is_done());
        match event {
            "receive" => on_readable(&stream, &mut conversation, &mut [0; 16]),
            _ => on_writable(&stream, &mut conversation),
        }
        // Nor does it mind to be told once more.
        for _ in 0..2 {
            assert!(conversation.is_done(), "{event}");
            assert!(!conversation.wants_read() && !conversation.wants_write());
            on_readable(&stream, &mut conversation, &mut [0; 16]);
            on_writable(&stream, &mut conversation);
        }
    }
}

#[test]
#[should_panic(expected = "room to receive")]
fn no_room_is_no_end_of_stream() {
    Pair::new().on_readable(0);
}

#[test]
fn a_connection_never_waits_nor_does_its_answer_and_other_flags_stay() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let stream = TcpStream::connect(address).expect("it listens");
    fcntl(&stream, FcntlArg::F_SETFL(OFlag::O_APPEND)).expect("a socket takes the flag");
    prepare(&stream).expect("it is connected");
    let flags = fcntl(&stream, FcntlArg::F_GETFL).expect("there are flags");
    let flags = OFlag::from_bits_truncate(flags);
    assert!(
        flags.contains(OFlag::O_NONBLOCK | OFlag::O_APPEND),
        "{flags:?}"
    );
    assert!(getsockopt(&stream, sockopt::TcpNoDelay).expect("it has the option"));
}
