//! Receiving: when it is told, and when it stops and goes on.

use crate::calls::{Calls, Told};
use crate::peer::{Peer, babble, given, input, pair};
use crate::support::asleep::run_until_asleep;
use crate::support::{Base, Log, base, turn};
use bufferevent_server::{Handle, RECEIVE_SIZE};
use event_loop_server::What;

/// A bufferevent that receives, with these marks, and takes nothing out.
fn receiving(low: usize, high: usize) -> (Base, Handle, Peer, Log<Told>) {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), pair());
    let handle = given(&mut base, socket, Calls::noting(&log), |bev| {
        bev.setwatermark(What::READ, low, high);
        bev.enable(What::READ);
    });
    (base, handle, peer, log)
}

#[test]
fn what_comes_is_told_and_stays_until_it_is_taken_out() {
    let (mut base, handle, peer, log) = receiving(0, 0);
    peer.say(b"abc");
    turn(&mut base);
    assert_eq!(log.take(), [Told::Read(3)]);
    peer.say(b"de");
    turn(&mut base);
    assert_eq!(log.take(), [Told::Read(5)]);
    let taken = handle.with(&mut base, |bev| {
        assert_eq!(bev.input.peek(), b"abcde");
        let mut taken = [0; 8];
        (bev.input.remove(&mut taken), taken)
    });
    assert_eq!(taken, Some((5, *b"abcde\0\0\0")));
}

#[test]
fn what_is_left_is_not_told_again() {
    let (mut base, handle, peer, log) = receiving(0, 0);
    peer.say(b"abc");
    run_until_asleep(&mut base);
    assert_eq!(log.take(), [Told::Read(3)]);
    // Neither is it told to whoever asks for reading again.
    handle.with(&mut base, |bev| bev.disable(What::READ));
    handle.with(&mut base, |bev| bev.enable(What::READ));
    run_until_asleep(&mut base);
    assert_eq!(log.take(), []);
    assert_eq!(input(&handle, &mut base), 3);
}

#[test]
fn below_the_low_mark_nothing_is_told() {
    for low in [2, 10, RECEIVE_SIZE, RECEIVE_SIZE + 1, 3 * RECEIVE_SIZE] {
        let (mut base, handle, peer, log) = receiving(low, 0);
        peer.say(&babble(low - 1));
        run_until_asleep(&mut base);
        assert_eq!(log.take(), [], "{low}");
        assert_eq!(input(&handle, &mut base), low - 1);
        peer.say(b"!");
        turn(&mut base);
        assert_eq!(log.take(), [Told::Read(low)]);
    }
}

#[test]
fn the_low_mark_counts_what_was_left() {
    let (mut base, handle, peer, log) = receiving(4, 0);
    peer.say(b"abcdef");
    turn(&mut base);
    handle.with(&mut base, |bev| bev.input.drain(4));
    peer.say(b"g");
    turn(&mut base);
    assert_eq!(log.take(), [Told::Read(6)]);
    peer.say(b"h");
    turn(&mut base);
    assert_eq!(log.take(), [Told::Read(4)]);
}

#[test]
fn the_input_never_holds_more_than_the_high_mark() {
    let most = 2 * RECEIVE_SIZE;
    for high in [
        1,
        10,
        RECEIVE_SIZE - 1,
        RECEIVE_SIZE,
        RECEIVE_SIZE + 1,
        most,
    ] {
        let (mut base, handle, peer, log) = receiving(0, high);
        let said = babble(3 * high + 1);
        peer.say(&said);
        let mut taken = Vec::new();
        while taken.len() < said.len() {
            // Full, it receives nothing, and does not spin either, although more is there.
            run_until_asleep(&mut base);
            assert_eq!(
                input(&handle, &mut base),
                high.min(said.len() - taken.len())
            );
            let told = log.take();
            assert!(
                told.iter().all(|it| matches!(it, Told::Read(1..))),
                "{told:?}"
            );
            // What is taken out makes room for as much.
            handle.with(&mut base, |bev| {
                let some = high.div_ceil(3).min(bev.input.len());
                taken.extend_from_slice(&bev.input.peek()[..some]);
                bev.input.drain(some);
            });
        }
        assert!(taken == said, "{high}");
        assert_eq!(log.take(), []);
    }
}

#[test]
fn a_high_mark_below_what_it_holds_stops_it_until_it_holds_less() {
    let (mut base, handle, peer, log) = receiving(0, 0);
    peer.say(b"abcdef");
    turn(&mut base);
    handle.with(&mut base, |bev| bev.setwatermark(What::READ, 0, 3));
    peer.say(b"ghi");
    handle.with(&mut base, |bev| bev.input.drain(3));
    run_until_asleep(&mut base);
    assert_eq!(log.take(), [Told::Read(6)]);
    handle.with(&mut base, |bev| bev.input.drain(1));
    turn(&mut base);
    assert_eq!(log.take(), [Told::Read(3)]);
    handle.with(&mut base, |bev| bev.setwatermark(What::READ, 0, 0));
    turn(&mut base);
    assert_eq!(log.take(), [Told::Read(5)]);
}

#[test]
fn the_marks_of_one_direction_leave_those_of_the_other() {
    let (mut base, handle, peer, log) = receiving(2, 4);
    handle.with(&mut base, |bev| bev.setwatermark(What::WRITE, 0, 0));
    peer.say(b"a");
    turn(&mut base);
    assert_eq!(log.take(), []);
    peer.say(b"bcdef");
    turn(&mut base);
    assert_eq!(log.take(), [Told::Read(4)]);
}

#[test]
fn who_sends_much_has_one_receive_in_a_turn_like_everybody() {
    let (mut base, handle, peer, log) = receiving(0, 0);
    peer.say(&babble(2 * RECEIVE_SIZE + 5));
    for received in [RECEIVE_SIZE, 2 * RECEIVE_SIZE, 2 * RECEIVE_SIZE + 5] {
        turn(&mut base);
        assert_eq!(log.take(), [Told::Read(received)]);
    }
    turn(&mut base);
    let all = handle.with(&mut base, |bev| {
        bev.input.peek() == babble(2 * RECEIVE_SIZE + 5)
    });
    assert_eq!((log.take(), all), (vec![], Some(true)));
}
