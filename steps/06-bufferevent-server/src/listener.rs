use event_loop_server::{Event, EventBase, What};
use shared::server::{REST, must_rest};
use std::io;
use std::net::{TcpListener, TcpStream};
use std::rc::Rc;

/// How many clients are accepted before everybody else gets their turn.
const ACCEPTS_PER_TURN: usize = 64;

/// Calls back with every client that connects: `evconnlistener_new`. Out of descriptors, it leaves
/// the listener alone for a while.
///
/// # Errors
///
/// When the listener cannot be made non-blocking, or the kernel can watch no more (`epoll_ctl(2)`).
pub fn evconnlistener_new(
    base: &mut EventBase,
    listener: TcpListener,
    mut accepted: impl FnMut(&mut EventBase, TcpStream) + 'static,
) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = Rc::new(listener);
    let source = Rc::clone(&listener);
    let wait = What::READ | What::PERSIST;
    let clients = base.event_new(source, wait, move |base, clients, _| {
        let ended = (0..ACCEPTS_PER_TURN).try_for_each(|_| {
            let (stream, _) = listener.accept()?;
            accepted(base, stream);
            Ok(())
        });
        if ended.is_err_and(|error| must_rest(&error)) {
            base.event_del(clients);
            resume_after_rest(base, clients);
        }
    });
    base.event_add(clients, None)
        .inspect_err(|_| base.event_free(clients))
}

fn resume_after_rest(base: &mut EventBase, clients: Event) {
    base.once(REST, move |base| {
        if base.event_add(clients, None).is_err() {
            resume_after_rest(base, clients);
        }
    });
}
