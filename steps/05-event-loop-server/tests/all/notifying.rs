//! What ends the sleep of a loop from another thread.

use crate::support::asleep::ThisThread;
use crate::support::{LONG, Log, base, sees_the_end, silent};
use event_loop_server::{EventBase, Loop, What};
use std::rc::Rc;
use std::thread;
use std::time::Duration;

fn run(base: &mut EventBase, how: Loop) {
    base.run_loop(how).expect("it can wait");
}

/// Runs the loop in this way, and has another thread notify it once it sleeps.
fn run_and_notify(base: &mut EventBase, how: Loop) {
    let (the_loop, notifier) = (ThisThread::current(), base.notifier());
    thread::scope(|scope| {
        scope.spawn(move || {
            the_loop.until_asleep();
            notifier.notify().expect("it is open");
        });
        run(base, how);
    });
}

#[test]
fn another_thread_ends_a_sleep_that_waits_for_nothing() {
    let mut base = base();
    for _ in 0..3 {
        run_and_notify(&mut base, Loop::ONCE | Loop::NO_EXIT_ON_EMPTY);
    }
}

#[test]
fn another_thread_ends_a_sleep_that_waits_for_others_who_are_not_told() {
    let mut base = base();
    let (socket, _peer) = silent();
    let event = base.event_new(socket, What::READ, |_, _, _| panic!("it is silent"));
    base.event_add(event, Some(LONG))
        .expect("it can be watched");
    run_and_notify(&mut base, Loop::ONCE);
    assert!(base.is_pending(event));
}

#[test]
fn who_notifies_a_loop_that_is_awake_ends_its_next_sleep_and_no_other() {
    let mut base = base();
    let forever = Loop::ONCE | Loop::NO_EXIT_ON_EMPTY;
    let notifier = base.notifier();
    // As often as one likes: it is one and the same news.
    for notifier in [&notifier, &notifier.clone(), &base.notifier()] {
        notifier.notify().expect("it is open");
    }
    run(&mut base, forever);
    run_and_notify(&mut base, forever);
    // And from a callback.
    base.once(Duration::ZERO, move |_| {
        notifier.notify().expect("it is open");
    });
    run(&mut base, Loop::ONCE);
    run(&mut base, forever);
    run_and_notify(&mut base, forever);
}

#[test]
fn a_loop_that_runs_on_is_ended_by_no_notifier() {
    let (mut base, log) = (base(), Log::new());
    let notifier = base.notifier();
    notifier.notify().expect("it is open");
    let noted = log.clone();
    base.once(Duration::from_millis(20), move |_| noted.note(()));
    base.dispatch().expect("it can wait");
    assert_eq!(log.take(), [()], "it ended too early");
}

#[test]
fn a_notifier_may_outlive_its_base() {
    let notifier = base().notifier();
    let other = thread::spawn(move || notifier.notify());
    let told = other.join().expect("it does not panic");
    told.expect("it is open as long as the notifier is");
}

#[test]
fn a_source_is_kept_by_its_event_and_not_by_a_notifier() {
    let (socket, peer) = silent();
    let watched = Rc::downgrade(&socket);
    let mut base = base();
    let notifier = base.notifier();
    let event = base.event_new(socket, What::READ, |_, _, _| {});
    base.event_add(event, None).expect("it can be watched");
    drop(base);
    assert!(watched.upgrade().is_none(), "it is open");
    assert!(sees_the_end(&peer));
    drop(notifier);
}
