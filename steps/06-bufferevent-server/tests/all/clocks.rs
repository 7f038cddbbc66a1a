//! A time-out begins anew with whatever comes. Asserted is only that it is not told too early: a test
//! that is kept from running fails nothing by it.

use crate::calls::{Calls, Told};
use crate::peer::{Peer, babble, given, narrow_pair};
use crate::support::{Base, Log, base};
use bufferevent_server::{BevEvent, BufferEvent, Handle};
use event_loop_server::{EventBase, What};
use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

const READING: BevEvent = BevEvent::TIMEOUT.union(BevEvent::READING);
const WRITING: BevEvent = BevEvent::TIMEOUT.union(BevEvent::WRITING);

const TIME: Duration = Duration::from_millis(60);
const TIMES: u32 = 5;

/// When something came last.
#[derive(Clone)]
struct Last(Rc<Cell<Instant>>);

impl Last {
    fn now() -> Last {
        Last(Rc::new(Cell::new(Instant::now())))
    }

    fn renew(&self) {
        self.0.set(Instant::now());
    }
}

/// A bufferevent that tells how long after `last` something has timed out, and whose peer takes next
/// to nothing. The event callback does `then`.
fn waiting(
    last: &Last,
    prepare: impl FnOnce(&mut BufferEvent),
    mut then: impl FnMut(&mut EventBase, &mut BufferEvent) + 'static,
) -> (Base, Handle, Rc<Peer>, Log<(BevEvent, Duration)>) {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), narrow_pair());
    let (heard, sent, told, noted) = (last.clone(), last.clone(), last.clone(), log.clone());
    let calls = Calls::noting(&Log::<Told>::new())
        .on_read(move |_, _| heard.renew())
        .on_write(move |_, _| sent.renew())
        .on_event(move |base, bev, what| {
            noted.note((what, told.0.get().elapsed()));
            then(base, bev);
        });
    let handle = given(&mut base, socket, calls, |bev| {
        bev.enable(What::READ);
        prepare(bev);
    });
    (base, handle, Rc::new(peer), log)
}

/// Does it so many times, a third of the time-out apart.
fn again_and_again(base: &mut EventBase, times: u32, act: impl Fn(&mut EventBase) + 'static) {
    if times > 0 {
        base.once(TIME / 3, move |base| {
            act(base);
            again_and_again(base, times - 1, act);
        });
    }
}

/// One time-out was told, when its time had passed and not before.
fn assert_in_time(log: &Log<(BevEvent, Duration)>, what: BevEvent) {
    let told = log.take();
    assert!(
        matches!(told[..], [(it, after)] if it == what && after >= TIME),
        "{told:?}"
    );
}

#[test]
fn the_time_to_receive_begins_anew_with_every_byte() {
    let last = Last::now();
    let (mut base, _handle, peer, log) =
        waiting(&last, |bev| bev.set_timeouts(Some(TIME), None), |_, _| {});
    let speaker = Rc::clone(&peer);
    again_and_again(&mut base, TIMES, move |_| speaker.say(b"!"));
    base.dispatch().expect("it ends by itself");
    assert_in_time(&log, READING);
}

#[test]
fn the_time_to_send_begins_anew_with_every_byte() {
    let last = Last::now();
    let (mut base, _handle, peer, log) = waiting(
        &last,
        |bev| {
            bev.set_timeouts(None, Some(TIME));
            bev.output.add(&babble(200_000));
            bev.disable(What::READ);
            // Every send is told.
            bev.setwatermark(What::WRITE, usize::MAX, 0);
        },
        |_, _| {},
    );
    // What the peer takes makes room, and with that something is sent.
    let hearer = Rc::clone(&peer);
    again_and_again(&mut base, TIMES, move |_| drop(hearer.hear()));
    base.dispatch().expect("it ends by itself");
    assert_in_time(&log, WRITING);
}

#[test]
fn time_outs_that_are_set_anew_begin_anew() {
    for both in [false, true] {
        let last = Last::now();
        let (mut base, handle, _peer, log) = waiting(
            &last,
            |bev| {
                bev.set_timeouts(Some(TIME), both.then_some(TIME));
                bev.output.add(&babble(200_000));
            },
            |_, bev| bev.free(),
        );
        again_and_again(&mut base, TIMES, move |base| {
            handle.with(base, |bev| {
                bev.set_timeouts(Some(TIME), both.then_some(TIME));
                last.renew();
            });
        });
        base.dispatch().expect("it ends by itself");
        assert_in_time(&log, READING);
    }
}

#[test]
fn receiving_that_is_enabled_again_has_all_its_time() {
    let last = Last::now();
    let renewed = last.clone();
    let mut times = 3;
    let (mut base, _handle, _peer, log) = waiting(
        &last,
        |bev| bev.set_timeouts(Some(TIME), None),
        move |_, bev| {
            times -= 1;
            if times > 0 {
                bev.enable(What::READ);
                renewed.renew();
            }
        },
    );
    base.dispatch().expect("it ends by itself");
    let told = log.take();
    let in_time = told
        .iter()
        .all(|&(it, after)| it == READING && after >= TIME);
    assert!(told.len() == 3 && in_time, "{told:?}");
}

#[test]
fn sending_that_is_enabled_again_has_all_its_time() {
    let last = Last::now();
    let renewed = last.clone();
    let mut times = 3;
    let (mut base, _handle, _peer, log) = waiting(
        &last,
        |bev| {
            bev.set_timeouts(None, Some(TIME));
            bev.output.add(&babble(200_000));
        },
        move |base, bev| {
            times -= 1;
            match times {
                0 => base.loopbreak(),
                _ => bev.enable(What::WRITE),
            }
            renewed.renew();
        },
    );
    base.dispatch().expect("it can wait");
    let told = log.take();
    let in_time = told
        .iter()
        .all(|&(it, after)| it == WRITING && after >= TIME);
    assert!(told.len() == 3 && in_time, "{told:?}");
}

#[test]
fn a_shorter_time_out_does_not_wait_for_the_longer_one_before_it() {
    // If it did, the watchdog would end this.
    let last = Last::now();
    let long = Some(Duration::from_secs(3600));
    let (mut base, handle, _peer, log) =
        waiting(&last, |bev| bev.set_timeouts(long, long), |_, _| {});
    base.once(Duration::ZERO, move |base| {
        handle.with(base, |bev| bev.set_timeouts(Some(TIME), None));
    });
    base.dispatch().expect("it ends by itself");
    let told = log.take();
    assert!(matches!(told[..], [(READING, _)]), "{told:?}");
}
