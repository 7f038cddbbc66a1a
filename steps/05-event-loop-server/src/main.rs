// ANCHOR: head
//! `event-loop-server [--listen ADDR]`: one thread, called back by an event loop.

use busy_poll_server::{ACCEPTS_PER_TURN, Connection, RECEIVE_SIZE};
use event_loop_server::{Event, EventBase, What, end_by_signal};
use shared::server::{self, REST, must_rest};
use std::cell::RefCell;
use std::io;
use std::net::TcpListener;
use std::process::ExitCode;
use std::rc::Rc;

const NAME: &str = "event-loop-server";

/// What is received into, lent to whoever is called back.
type Buffer = Rc<RefCell<Vec<u8>>>;

fn main() -> ExitCode {
    let about = "Answers every line with its ROT13: one thread, called back by an event loop";
    server::main(NAME, about, serve)
}
// ANCHOR_END: head

// ANCHOR: serve
fn serve(listener: TcpListener) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let listener = Rc::new(listener);
    let buffer: Buffer = Rc::new(RefCell::new(vec![0; RECEIVE_SIZE]));
    let mut base = EventBase::new()?;
    end_by_signal(&mut base)?;
    let source = Rc::clone(&listener);
    let clients = base.event_new(
        source,
        What::READ | What::PERSIST,
        move |base, clients, _| {
            if accept(base, &listener, &buffer).is_err_and(|error| must_rest(&error)) {
                base.event_del(clients);
                resume_after_rest(base, clients);
            }
        },
    );
    base.event_add(clients, None)?;
    server::announce(address)?;
    base.dispatch()
}
// ANCHOR_END: serve

// ANCHOR: accept
/// Accepts clients who wait, until there are no more, or enough for one turn.
fn accept(base: &mut EventBase, listener: &TcpListener, buffer: &Buffer) -> io::Result<()> {
    for _ in 0..ACCEPTS_PER_TURN {
        let (stream, _) = listener.accept()?;
        // A client may have left while it waited.
        if let Ok(connection) = Connection::new(stream) {
            converse(base, connection, Rc::clone(buffer));
        }
    }
    Ok(())
}
// ANCHOR_END: accept

// ANCHOR: converse
/// Has the conversation go on whenever it can.
fn converse(base: &mut EventBase, mut connection: Connection, buffer: Buffer) {
    let source = connection.source();
    let event = base.event_new(source, wanted(&connection), move |base, event, what| {
        if what.contains(What::READ) {
            connection.on_readable(&mut buffer.borrow_mut());
        }
        if what.contains(What::WRITE) {
            connection.on_writable();
        }
        if connection.is_done() || base.event_change(event, wanted(&connection)).is_err() {
            base.event_free(event);
        }
    });
    // A client that the kernel cannot watch cannot be served.
    if base.event_add(event, None).is_err() {
        base.event_free(event);
    }
}

/// What a conversation waits for.
fn wanted(connection: &Connection) -> What {
    let mut what = What::PERSIST;
    what.set(What::READ, connection.wants_read());
    what.set(What::WRITE, connection.wants_write());
    what
}
// ANCHOR_END: converse

// ANCHOR: rest
/// Out of descriptors, the client at the listener can be neither accepted nor sent away, and the
/// loop would call back at once, again and again: the listener is left alone for a while.
fn resume_after_rest(base: &mut EventBase, clients: Event) {
    base.once(REST, move |base| {
        if base.event_add(clients, None).is_err() {
            resume_after_rest(base, clients);
        }
    });
}
// ANCHOR_END: rest
