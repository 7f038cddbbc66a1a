// ANCHOR: head
mod clock;
mod connect;
mod handle;
mod ready;
mod timeouts;

use crate::{Callbacks, EvBuffer};
use event_loop_server::{Event, EventBase, What};
pub use handle::Handle;
use socket2::Socket;
use std::cell::RefCell;
use std::io;
use std::rc::{Rc, Weak};
use timeouts::Timeouts;

// ANCHOR_END: head

// ANCHOR: bufferevent
/// A socket with a buffer on either side: `struct bufferevent`.
///
/// It is made, configured, and given to a base, which owns it from then on and lends it to its
/// callbacks. It can receive and send; receiving has to be enabled.
pub struct BufferEvent {
    /// What was received, and not taken out yet.
    pub input: EvBuffer,
    /// What was added, and not sent yet.
    pub output: EvBuffer,
    socket: Rc<Socket>,
    callbacks: Option<Box<dyn Callbacks>>,
    state: State,
    life: Life,
    /// Which of receiving and sending the program wants.
    enabled: What,
    read_low: usize,
    read_high: usize,
    write_low: usize,
    timeouts: Option<Box<Timeouts>>,
    /// Once it belongs to a base: its event there, and what that waits for.
    event: Event,
    watched: What,
    /// For those who want to find it later.
    me: Weak<RefCell<BufferEvent>>,
}
// ANCHOR_END: bufferevent

// ANCHOR: state
/// What has become of the connection.
enum State {
    Connecting,
    /// Bytes may come and go.
    Open,
    /// The peer has half-closed: bytes may still go.
    HalfClosed,
    /// Nothing is received or sent any more.
    Broken(io::Error),
}

/// What the program wants with the bufferevent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Life {
    Kept,
    /// To be freed as soon as nothing is left to be sent.
    Flushing,
    Freed,
}
// ANCHOR_END: state

// ANCHOR: new
impl BufferEvent {
    /// Takes over a connected socket: `bufferevent_socket_new`.
    ///
    /// # Errors
    ///
    /// When it cannot be made non-blocking (`fcntl(2)`).
    pub fn socket_new(stream: impl Into<Socket>) -> io::Result<BufferEvent> {
        let socket = stream.into();
        socket.set_nonblocking(true)?;
        // Step 03 says why. What is not TCP has no such delay.
        let _ = socket.set_tcp_nodelay(true);
        Ok(BufferEvent {
            input: EvBuffer::new(),
            output: EvBuffer::new(),
            socket: Rc::new(socket),
            callbacks: None,
            state: State::Open,
            life: Life::Kept,
            enabled: What::WRITE,
            read_low: 0,
            read_high: 0,
            write_low: 0,
            timeouts: None,
            event: Event::default(),
            watched: What::empty(),
            me: Weak::new(),
        })
    }
    // ANCHOR_END: new

    // ANCHOR: settings
    /// What is to be called: `bufferevent_setcb`.
    pub fn setcb(&mut self, callbacks: impl Callbacks + 'static) {
        self.callbacks = Some(Box::new(callbacks));
    }

    /// Receive, send, or both, from now on: `bufferevent_enable`.
    pub fn enable(&mut self, what: What) {
        self.enabled |= what & (What::READ | What::WRITE);
    }

    /// Do not receive, not send, or neither, from now on: `bufferevent_disable`.
    pub fn disable(&mut self, what: What) {
        self.enabled &= !what;
    }

    /// Which of receiving and sending is enabled: `bufferevent_get_enabled`.
    pub fn enabled(&self) -> What {
        self.enabled
    }

    /// Sets the marks for reading, for writing, or for both, in bytes: `bufferevent_setwatermark`.
    ///
    /// For reading, the callback comes when the input holds at least `low`, and it never holds more
    /// than `high`: as long as it is full, nothing is received, so `low` must not be above it. 0
    /// stands for no limit. For writing, the callback comes when the output holds no more than
    /// `low`; `high` means nothing.
    pub fn setwatermark(&mut self, what: What, low: usize, high: usize) {
        if what.contains(What::READ) {
            (self.read_low, self.read_high) = (low, high);
        }
        if what.contains(What::WRITE) {
            self.write_low = low;
        }
    }

    /// The socket, to ask it for its addresses or to half-close it: `bufferevent_getfd`.
    pub fn socket(&self) -> &Socket {
        &self.socket
    }

    /// Why it broke, if it did.
    pub fn error(&self) -> Option<&io::Error> {
        match &self.state {
            State::Broken(error) => Some(error),
            _ => None,
        }
    }
    // ANCHOR_END: settings

    // ANCHOR: free
    /// It is no more: `bufferevent_free`. Nothing is called any more, and what was not sent is lost.
    pub fn free(&mut self) {
        self.life = Life::Freed;
    }

    /// Nothing is received any more, and as soon as all has been sent, or cannot be, it is no more.
    /// What has come and was not received makes the kernel end with a reset (`close(2)`).
    pub fn free_when_flushed(&mut self) {
        if self.life == Life::Kept {
            self.life = Life::Flushing;
            self.enabled = What::WRITE;
        }
    }
    // ANCHOR_END: free

    // ANCHOR: base_set
    /// Gives it to a base: `bufferevent_base_set`. The handle need not be kept.
    ///
    /// # Errors
    ///
    /// When the kernel can watch no more (`epoll_ctl(2)`). Then it is no more.
    pub fn base_set(mut self, base: &mut EventBase) -> io::Result<Handle> {
        let source = Rc::clone(&self.socket);
        let owner = Rc::new_cyclic(|me| {
            self.me = Weak::clone(me);
            RefCell::new(self)
        });
        let bev = Rc::clone(&owner);
        let event = base.event_new(source, What::PERSIST, move |base, event, ready| {
            let mut bev = owner.borrow_mut();
            bev.on_ready(base, ready);
            if bev.event != event {
                base.event_free(event); // `*bev = another`: this event has no bufferevent
            }
        });
        let mut bev = bev.borrow_mut();
        bev.event = event;
        bev.update(base, What::empty())
            .inspect_err(|_| bev.close(base))?;
        Ok(bev.handle())
    }
}
// ANCHOR_END: base_set
