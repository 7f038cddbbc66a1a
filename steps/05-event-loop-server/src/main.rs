// ANCHOR: head
//! `event-loop-server [--listen ADDR]`: one thread, called back by an event loop.

use busy_poll_server::{on_readable, on_writable, prepare};
use conversation::{Conversation, RECEIVE_SIZE};
use event_loop_server::{Event, EventBase, What, end_by_signal};
use shared::server::{self, ACCEPTS_PER_TURN, REST, must_rest};
use std::cell::RefCell;
use std::io;
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::rc::Rc;

const NAME: &str = "event-loop-server";

/// What is received into: every callback holds a share of it, and borrows it while it runs.
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
    let accepting = base.event_new(
        source,
        What::READ | What::PERSIST,
        move |base, accepting, _| accept(base, accepting, &listener, &buffer),
    );
    base.event_add(accepting, None)?;
    server::announce(address)?;
    base.dispatch()
}
// ANCHOR_END: serve

// ANCHOR: accept
/// Accepts clients who wait, until there are no more, or enough for one turn.
fn accept(base: &mut EventBase, accepting: Event, listener: &TcpListener, buffer: &Buffer) {
    for _ in 0..ACCEPTS_PER_TURN {
        let stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(error) => {
                if must_rest(&error) {
                    base.event_del(accepting);
                    resume_after_rest(base, accepting);
                }
                return;
            }
        };
        // A client may have left while it waited.
        if prepare(&stream).is_ok() {
            converse(base, stream, Rc::clone(buffer));
        }
    }
}
// ANCHOR_END: accept

// ANCHOR: converse
/// Has the conversation go on whenever it can.
fn converse(base: &mut EventBase, stream: TcpStream, buffer: Buffer) {
    let mut conversation = Conversation::new();
    let stream = Rc::new(stream);
    let source = Rc::clone(&stream);
    let wanted = interest(&conversation);
    let event = base.event_new(source, wanted, move |base, event, what| {
        if what.contains(What::READ) {
            on_readable(&stream, &mut conversation, &mut buffer.borrow_mut());
        }
        if what.contains(What::WRITE) {
            on_writable(&stream, &mut conversation);
        }
        let wanted = interest(&conversation);
        if conversation.is_done() || base.event_change(event, wanted).is_err() {
            base.event_free(event);
        }
    });
    // A client that the kernel cannot watch cannot be served.
    if base.event_add(event, None).is_err() {
        base.event_free(event);
    }
}

/// What a conversation waits for.
fn interest(conversation: &Conversation) -> What {
    let mut what = What::PERSIST;
    what.set(What::READ, conversation.wants_read());
    what.set(What::WRITE, conversation.wants_write());
    what
}
// ANCHOR_END: converse

// ANCHOR: rest
/// Watches the listener again after a while. Before, its client could be neither accepted nor sent
/// away, and the loop would call back again and again.
fn resume_after_rest(base: &mut EventBase, accepting: Event) {
    base.once(REST, move |base| {
        if base.event_add(accepting, None).is_err() {
            resume_after_rest(base, accepting);
        }
    });
}
// ANCHOR_END: rest
