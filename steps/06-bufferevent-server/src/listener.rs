use event_loop_server::{Event, EventBase, What};
use shared::server::{ACCEPTS_PER_TURN, REST, must_rest};
use std::io;
use std::net::{TcpListener, TcpStream};
use std::rc::Rc;

/// Calls back with every client that connects: `evconnlistener_new`. Out of descriptors, it leaves
/// the listener alone for a while. Its event can be deleted, added again and freed like any other.
///
/// # Errors
///
/// When the listener cannot be made non-blocking, or the kernel can watch no more (`epoll_ctl(2)`).
pub fn evconnlistener_new(
    base: &mut EventBase,
    listener: TcpListener,
    mut accepted: impl FnMut(&mut EventBase, TcpStream) + 'static,
) -> io::Result<Event> {
    listener.set_nonblocking(true)?;
    let listener = Rc::new(listener);
    let source = Rc::clone(&listener);
    let event = base.event_new(source, What::READ | What::PERSIST, move |base, event, _| {
        for _ in 0..ACCEPTS_PER_TURN {
            match listener.accept() {
                Ok((stream, _)) => accepted(base, stream),
                Err(error) if must_rest(&error) => return rest(base, event),
                Err(_) => return,
            }
        }
    });
    base.event_add(event, None)
        .inspect_err(|_| base.event_free(event))?;
    Ok(event)
}

fn rest(base: &mut EventBase, event: Event) {
    base.event_del(event);
    base.once(REST, move |base| {
        // The kernel may have no memory to watch it; an event that has been freed is not added.
        if base.event_add(event, None).is_err() && base.has(event) {
            rest(base, event);
        }
    });
}
