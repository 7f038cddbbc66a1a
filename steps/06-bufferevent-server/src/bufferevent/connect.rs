// ANCHOR: head
use super::{BufferEvent, State};
use crate::BevEvent;
use event_loop_server::EventBase;
use nix::errno::Errno::{EINPROGRESS, EINTR};
use socket2::{Domain, Socket, Type};
use std::io;
use std::net::SocketAddr;

// ANCHOR_END: head

// ANCHOR: connect
impl BufferEvent {
    /// Begins to connect to `address`: `bufferevent_socket_connect`. How that ends is reported to the
    /// event callback.
    ///
    /// # Errors
    ///
    /// When the attempt ends before it has begun: there are no descriptors left (`socket(2)`), or the
    /// network cannot be reached (`connect(2)`).
    pub fn connect(address: SocketAddr) -> io::Result<BufferEvent> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        let mut bev = BufferEvent::socket_new(socket)?;
        match bev.socket.connect(&address.into()) {
            Err(error) if !is_under_way(&error) => return Err(error),
            _ => bev.state = State::Connecting,
        }
        Ok(bev)
    }

    /// Is it not connected yet?
    pub fn is_connecting(&self) -> bool {
        matches!(self.state, State::Connecting)
    }

    /// The socket is writable: the kernel is done with connecting, one way or the other (`connect(2)`).
    pub(super) fn finish_connecting(&mut self, base: &mut EventBase) {
        match self.socket.take_error() {
            Ok(None) => {
                self.state = State::Open;
                self.run_eventcb(base, BevEvent::CONNECTED);
            }
            Ok(Some(error)) | Err(error) => self.fail(base, BevEvent::WRITING, error),
        }
    }
}

// ANCHOR_END: connect

// ANCHOR: under-way
/// Does connecting go on without us? It does after EINPROGRESS, and when a signal has interrupted the
/// call (`connect(2)`, EINTR). EAGAIN is a failure, there and nowhere else: what connecting takes is
/// used up.
fn is_under_way(error: &io::Error) -> bool {
    let errno = error.raw_os_error();
    errno == Some(EINPROGRESS as i32) || errno == Some(EINTR as i32)
}
// ANCHOR_END: under-way
