//! The name of an event in the hands of another base: there, it names nothing.

#![cfg(unix)]

mod support;

use event_loop_server::What;
use std::io::ErrorKind;
use std::time::Duration;
use support::{LONG, Log, base, silent, spoken_to, turn};

#[test]
fn the_name_of_an_event_names_nothing_in_another_base() {
    let (mut mine, mut yours, log) = (base(), base(), Log::new());
    let (socket, _peer) = spoken_to();
    let (silent, _silent_peer) = silent();
    // The first of either, at the same place.
    let stranger = mine.event_new(silent, What::READ, |_, _, _| panic!("it is silent"));
    let noted = log.clone();
    let event = yours.event_new(socket, What::READ, move |_, _, what| noted.note(what));
    mine.event_add(stranger, Some(LONG)).expect("it may");
    yours.event_add(event, Some(LONG)).expect("it may");
    assert_ne!(stranger, event);
    assert!(mine.has(stranger) && yours.has(event));
    assert!(!yours.has(stranger) && !mine.has(event));

    assert!(!yours.is_pending(stranger));
    let added = yours.event_add(stranger, Some(Duration::ZERO));
    let changed = yours.event_change(stranger, What::WRITE);
    for result in [added, changed] {
        let error = result.expect_err("it is another base's");
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    }
    yours.event_remove_timer(stranger);
    yours.event_del(stranger);
    yours.event_free(stranger);
    assert!(yours.is_pending(event) && mine.is_pending(stranger));
    turn(&mut yours);
    assert_eq!(log.take(), [What::READ]);
}
