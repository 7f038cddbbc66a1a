//! A callback that computes: as long as it does, nobody else is called back. `offload` shows the way
//! out.
//!
//! `cargo run -p event-loop-server --example slow_callback`

mod neighbours;

use {
    event_loop_server::{EventBase, What},
    neighbours::{AT_HAND, HARD, answer, compute, heard},
    std::{io, os::unix::net::UnixStream, rc::Rc},
};

fn main() -> io::Result<()> {
    neighbours::ask(serve)
}

// ANCHOR: serve
/// Answers whoever asks, in the callback.
fn serve(clients: Vec<UnixStream>) -> io::Result<()> {
    let mut base = EventBase::new()?;
    let wait = What::READ | What::PERSIST;

    for client in clients.into_iter().map(Rc::new) {
        let source = Rc::clone(&client);
        let event = base.event_new(source, wait, move |base, event, _| match heard(&client) {
            Some(HARD) => answer(&client, compute()),
            Some(_) => answer(&client, AT_HAND),
            None => base.event_free(event),
        });
        base.event_add(event, None)?;
    }
    base.dispatch()
}
// ANCHOR_END: serve
