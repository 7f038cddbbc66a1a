//! Sending: what is sent at once, what waits for room, and when it is told.

use crate::calls::{Calls, Told};
use crate::peer::{babble, given, narrow_pair, output, pair};
use crate::support::asleep::run_until_asleep;
use crate::support::{Log, base, turn};
use event_loop_server::What;

/// More than there is room for in a narrow socket, many times over, in bytes.
const MUCH: usize = 50_000;

#[test]
fn what_was_added_before_it_has_a_base_is_sent_by_the_loop() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), pair());
    given(&mut base, socket, Calls::noting(&log), |bev| {
        bev.output.add(b"abc")
    });
    assert_eq!(peer.hear(), b"");
    assert_eq!(log.take(), [], "nobody is called before the loop runs");
    turn(&mut base);
    assert_eq!(peer.hear(), b"abc");
    assert_eq!(log.take(), [Told::Write(0)]);
    turn(&mut base);
    assert_eq!(log.take(), []);
}

#[test]
fn what_somebody_else_adds_is_sent_by_the_loop_and_told_once() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), pair());
    let handle = given(&mut base, socket, Calls::noting(&log), |_| {});
    for _ in 0..3 {
        let length = handle.with(&mut base, |bev| {
            bev.output.add(b"abc");
            bev.output.len()
        });
        assert_eq!((length, output(&handle, &mut base)), (Some(3), 3));
        assert_eq!(
            log.take(),
            [],
            "it is not called by the one who has added it"
        );
        turn(&mut base);
        assert_eq!(peer.hear(), b"abc");
        // Told once, and then nothing is waited for.
        run_until_asleep(&mut base);
        assert_eq!(log.take(), [Told::Write(0)]);
    }
}

#[test]
fn what_a_callback_adds_is_sent_in_the_same_turn() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), pair());
    let calls = Calls::noting(&log).on_read(|_, bev| {
        bev.output.add(b"I heard: ");
        bev.output.add(bev.input.peek());
        bev.input.drain(usize::MAX);
    });
    given(&mut base, socket, calls, |bev| bev.enable(What::READ));
    peer.say(b"abc");
    turn(&mut base);
    assert_eq!(peer.hear(), b"I heard: abc");
    assert_eq!(log.take(), [Told::Read(3), Told::Write(0)]);
    run_until_asleep(&mut base);
    assert_eq!(log.take(), []);
}

#[test]
fn what_two_have_added_is_sent_and_told_once() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), pair());
    let calls = Calls::noting(&log).on_read(|_, bev| bev.output.add(b"me too"));
    let handle = given(&mut base, socket, calls, |bev| bev.enable(What::READ));
    handle.with(&mut base, |bev| bev.output.add(b"I was first, "));
    peer.say(b"?");
    run_until_asleep(&mut base);
    assert_eq!(peer.hear(), b"I was first, me too");
    assert_eq!(log.take(), [Told::Read(1), Told::Write(0)]);
}

#[test]
fn what_has_no_room_is_sent_when_there_is_some_and_told_at_the_end() {
    for by_handle in [false, true] {
        let (mut base, log, (socket, peer)) = (base(), Log::new(), narrow_pair());
        let said = babble(MUCH);
        let handle = given(&mut base, socket, Calls::noting(&log), |bev| {
            if !by_handle {
                bev.output.add(&said);
            }
        });
        if by_handle {
            handle.with(&mut base, |bev| bev.output.add(&said));
        }
        let mut heard = Vec::new();
        loop {
            // It sleeps as long as nobody makes room.
            run_until_asleep(&mut base);
            let told = log.take();
            if output(&handle, &mut base) == 0 {
                assert_eq!(told, [Told::Write(0)]);
                break;
            }
            assert_eq!(told, []);
            let piece = peer.hear();
            assert!(!piece.is_empty(), "the rest does not come");
            heard.extend(piece);
        }
        heard.extend(peer.hear());
        assert!(heard == said);
        run_until_asleep(&mut base);
        assert_eq!(log.take(), []);
    }
}

/// How much is left of `MUCH` after each turn, while a peer takes all that it is sent; and with
/// which of that the write callback was called, if the low mark is `low`.
fn sent_in_turns(low: usize) -> (Vec<usize>, Vec<Told>) {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), narrow_pair());
    let handle = given(&mut base, socket, Calls::noting(&log), |bev| {
        bev.setwatermark(What::WRITE, low, usize::MAX);
        // The other direction has marks of its own.
        bev.setwatermark(What::READ, MUCH, MUCH);
        bev.output.add(&babble(MUCH));
    });
    let mut left = vec![output(&handle, &mut base)];
    while left.last().is_some_and(|&it| it > 0) {
        peer.hear();
        turn(&mut base);
        left.push(output(&handle, &mut base));
        assert!(left.len() < MUCH, "it is not sent");
    }
    (left, log.take())
}

#[test]
fn the_write_callback_comes_at_the_low_mark_and_not_above_it() {
    let (left, told) = sent_in_turns(0);
    assert!(left.len() > 5, "{left:?}");
    assert_eq!(told, [Told::Write(0)]);
    // The kernel takes the same pieces each time: a mark can be put where one of them ends.
    let third = left[left.len() - 3];
    let told_from = |place: usize| left[place..].iter().map(|&it| Told::Write(it));
    let (again, told) = sent_in_turns(third);
    assert_eq!(again, left);
    assert!(told.into_iter().eq(told_from(left.len() - 3)));
    let (_, told) = sent_in_turns(third - 1);
    assert!(told.into_iter().eq(told_from(left.len() - 2)));
}

#[test]
fn a_write_callback_that_adds_more_is_called_again() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), pair());
    let mut more = 3;
    let calls = Calls::noting(&log).on_write(move |_, bev| {
        more -= 1;
        if more > 0 {
            bev.output.add(b"more ");
        }
    });
    given(&mut base, socket, calls, |bev| bev.output.add(b"some "));
    run_until_asleep(&mut base);
    assert_eq!(peer.hear(), b"some more more ");
    assert_eq!(log.take(), [Told::Write(0); 3]);
}

#[test]
fn what_is_received_meanwhile_does_not_wait_for_what_cannot_be_sent() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), narrow_pair());
    let handle = given(&mut base, socket, Calls::noting(&log), |bev| {
        bev.output.add(&babble(MUCH));
        bev.enable(What::READ);
    });
    turn(&mut base);
    let unsent = output(&handle, &mut base);
    for length in 1..5 {
        peer.say(b"!");
        turn(&mut base);
        assert_eq!(log.take(), [Told::Read(length)]);
    }
    assert_eq!(output(&handle, &mut base), unsent);
}
