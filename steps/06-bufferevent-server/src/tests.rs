//! The conversation with one client: what it answers, and when it does not listen.

use event_loop_server::{EventBase, Loop};

mod answers;
mod marks;

fn base() -> EventBase {
    EventBase::new().expect("there are descriptors")
}

/// One turn of the loop, without sleep: all that is ready by now is told, once.
fn turn(base: &mut EventBase) {
    base.run_loop(Loop::NONBLOCK).expect("it can wait");
}
