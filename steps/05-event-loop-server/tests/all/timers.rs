//! Time-outs: of timers, and of events that wait for a source. Nothing here asserts that something
//! happens soon, only that it does not happen too soon.

use crate::support::asleep::run_until_asleep;
use crate::support::{Log, assert_same_place, base, silent, speak, turn};
use event_loop_server::{Event, EventBase, What};
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::time::{Duration, Instant};

const SHORT: Duration = Duration::from_millis(20);

/// An event that notes what it is told; a timer if there is no socket. It is not added.
fn noting(
    base: &mut EventBase,
    socket: Option<Rc<UnixStream>>,
    what: What,
    log: &Log<What>,
) -> Event {
    let log = log.clone();
    let note = move |_: &mut EventBase, _, what| log.note(what);
    match socket {
        Some(socket) => base.event_new(socket, what, note),
        None => base.evtimer_new(what, note),
    }
}

fn break_after(base: &mut EventBase, time: Duration) {
    base.once(time, EventBase::loopbreak);
}

#[test]
fn once_calls_back_once_and_keeps_nothing() {
    let (mut base, log) = (base(), Log::new());
    let (owned, noted) = (Rc::new(()), log.clone());
    let before = base.evtimer_new(What::empty(), |_, _, _| {});
    base.event_free(before);
    let (start, watched) = (Instant::now(), Rc::downgrade(&owned));
    base.once(SHORT, move |_| {
        let _owned = owned;
        noted.note(start.elapsed() >= SHORT);
    });
    base.dispatch().expect("it can wait");
    base.dispatch().expect("nothing to wait for");
    assert_eq!(log.take(), [true]);
    assert!(watched.upgrade().is_none());
    // The next event gets the place that its timer had.
    let after = base.evtimer_new(What::empty(), |_, _, _| {});
    assert_same_place(before, after);
}

#[test]
fn a_time_beyond_all_clocks_never_comes() {
    // As much as the clock can tell, and more than it can.
    for time in [Duration::from_secs(1 << 60), Duration::MAX] {
        let (mut base, log) = (base(), Log::new());
        let timer = noting(&mut base, None, What::PERSIST, &log);
        base.event_add(timer, Some(time)).expect("a timer");
        base.once(time, |_| panic!("never"));
        let (socket, peer) = silent();
        let event = noting(&mut base, Some(socket), What::READ | What::PERSIST, &log);
        base.event_add(event, Some(time))
            .expect("it can be watched");
        break_after(&mut base, SHORT);
        base.dispatch().expect("it can wait");
        assert_eq!(log.take(), []);
        assert!(base.is_pending(timer) && base.is_pending(event));
        // And the loop can sleep for as long as that.
        run_until_asleep(&mut base);
        speak(&peer);
        turn(&mut base);
        assert_eq!(log.take(), [What::READ]);
    }
}
