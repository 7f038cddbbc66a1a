// ANCHOR: head
mod turn;

use crate::clock::Clock;
use crate::{Callbacks, EvBuffer};
use event_loop_server::{Event, EventBase, What};
use socket2::{Domain, Socket, Type};
use std::cell::RefCell;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::rc::{Rc, Weak};
use std::time::{Duration, Instant};

// ANCHOR_END: head

// ANCHOR: bufferevent
/// A socket with a buffer on either side: `struct bufferevent`.
///
/// It is made, told what to do, and given to a base, which owns it from then on and lends it to its
/// callbacks. It can receive and send; receiving has to be enabled.
pub struct BufferEvent {
    /// What was received, and not taken out yet.
    pub input: EvBuffer,
    /// What was added, and not sent yet.
    pub output: EvBuffer,
    socket: Rc<Socket>,
    callbacks: Option<Box<dyn Callbacks>>,
    /// Which of receiving and sending it is to do.
    enabled: What,
    read_low: usize,
    read_high: usize,
    write_low: usize,
    timeouts: Option<Box<Timeouts>>,
    is_connecting: bool,
    /// The peer has said all.
    has_ended: bool,
    life: Life,
    /// The write callback has to be called, though nothing may be left to be sent.
    owes_write: bool,
    error: Option<io::Error>,
    /// The event callback has to be told of the error.
    owes_error: bool,
    /// Once it belongs to a base: its event there, and what that waits for.
    event: Event,
    watched: What,
    me: Weak<RefCell<BufferEvent>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    Lives,
    /// To be freed as soon as nothing is left to be sent.
    Closing,
    Freed,
}

/// Only those who want time-outs have memory for them.
#[derive(Default)]
struct Timeouts {
    read: Clock,
    write: Clock,
    timer: Event,
    /// When the timer wakes it, if it is pending.
    wakes: Option<Instant>,
}
// ANCHOR_END: bufferevent

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
        // Step 03 tells why. What is not TCP has no such delay, and what is broken will be told.
        let _ = socket.set_tcp_nodelay(true);
        Ok(BufferEvent::over(socket))
    }

    /// Begins to connect to `address`: `bufferevent_socket_connect`. How that ends is told to the
    /// event callback.
    ///
    /// # Errors
    ///
    /// When there are no descriptors left, or the system knows no such kind of address (`socket(2)`).
    pub fn socket_connect(address: SocketAddr) -> io::Result<BufferEvent> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        let mut bev = BufferEvent::socket_new(socket)?;
        match bev.socket.connect(&address.into()) {
            // On the same machine, a refusal may be there at once. It is told like one that takes
            // time.
            Err(error) if !is_under_way(&error) => bev.owe(error),
            _ => bev.is_connecting = true,
        }
        Ok(bev)
    }

    fn over(socket: Socket) -> BufferEvent {
        BufferEvent {
            input: EvBuffer::new(),
            output: EvBuffer::new(),
            socket: Rc::new(socket),
            callbacks: None,
            enabled: What::WRITE,
            read_low: 0,
            read_high: 0,
            write_low: 0,
            timeouts: None,
            is_connecting: false,
            has_ended: false,
            life: Life::Lives,
            owes_write: false,
            error: None,
            owes_error: false,
            event: Event::default(),
            watched: What::empty(),
            me: Weak::new(),
        }
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

    /// Which of receiving and sending it is to do: `bufferevent_get_enabled`.
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

    /// The longest time in which nothing comes, while it receives, and in which nothing can be sent,
    /// while something is there to be sent: `bufferevent_set_timeouts`. Then the event callback is
    /// told, and that direction is disabled. Both begin anew.
    pub fn set_timeouts(&mut self, read: Option<Duration>, write: Option<Duration>) {
        if self.timeouts.is_some() || read.is_some() || write.is_some() {
            let timeouts = self.timeouts.get_or_insert_default();
            (timeouts.read, timeouts.write) = (Clock::new(read), Clock::new(write));
        }
    }

    /// The socket, to ask it for its addresses or to half-close it: `bufferevent_getfd`.
    pub fn socket(&self) -> &Socket {
        &self.socket
    }

    /// Is it still on its way to the other side?
    pub fn is_connecting(&self) -> bool {
        self.is_connecting
    }

    /// Why it broke, if it did. From then on it does nothing any more.
    pub fn error(&self) -> Option<&io::Error> {
        self.error.as_ref()
    }

    /// It is no more: `bufferevent_free`. Nothing is called any more, and what was not sent is lost.
    pub fn free(&mut self) {
        self.life = Life::Freed;
    }

    /// Nothing is received any more, and as soon as all has been sent, or cannot be, it is no more.
    /// What the peer has said and nobody has received makes the kernel end with a reset (`close(2)`).
    pub fn free_when_flushed(&mut self) {
        if self.life == Life::Lives {
            self.enabled = What::WRITE;
            self.life = Life::Closing;
        }
    }
    // ANCHOR_END: settings

    // ANCHOR: base_set
    /// Gives it to a base: `bufferevent_base_set`. The handle need not be kept. From now on it stays
    /// where it is: whoever wants to connect anew makes another one, and frees this one.
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
        let event = base.event_new(source, What::PERSIST, move |base, event, what| {
            let mut bev = owner.borrow_mut();
            bev.turn(base, what);
            if bev.event != event {
                base.event_free(event); // somebody has put another one in its place
            }
        });
        let mut bev = bev.borrow_mut();
        bev.event = event;
        bev.watch(base).inspect_err(|_| bev.end(base))?;
        bev.flush(base);
        Ok(bev.handle())
    }

    /// A name for it that can be kept. Before it has been given to a base, it has none, and nobody
    /// answers to this one.
    pub fn handle(&self) -> Handle {
        Handle(Weak::clone(&self.me))
    }
}

/// The name of a bufferevent: it can be kept by anybody, also for longer than that lives.
#[derive(Clone)]
pub struct Handle(Weak<RefCell<BufferEvent>>);

impl Handle {
    /// Lends the bufferevent to `act`, tries to send what that has added, and returns what it
    /// returns. None, and `act` is not called: it has been freed, or one of its callbacks is running,
    /// which has it already, or `base` is not the one that it was given to.
    pub fn with<T>(
        &self,
        base: &mut EventBase,
        act: impl FnOnce(&mut BufferEvent) -> T,
    ) -> Option<T> {
        let bev = self.0.upgrade()?;
        let mut bev = bev.try_borrow_mut().ok()?;
        if bev.life == Life::Freed || !base.has(bev.event) {
            return None;
        }
        let result = act(&mut bev);
        bev.flush(base);
        Some(result)
    }

    /// Lends the bufferevent to be looked at, without a system call. None: as above.
    pub fn peek<T>(&self, look: impl FnOnce(&BufferEvent) -> T) -> Option<T> {
        let bev = self.0.upgrade()?;
        let bev = bev.try_borrow().ok()?;
        (bev.life != Life::Freed).then(|| look(&bev))
    }
}
// ANCHOR_END: base_set

// ANCHOR: errors
/// Did a call fail only because it would have had to sleep, or was interrupted by a signal?
fn comes_to_nothing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

/// Does connecting go on without us? It does after EINPROGRESS, and when a signal has interrupted the
/// call (`connect(2)`, EINTR). EAGAIN is a failure, there and nowhere else: what connecting takes is
/// used up.
#[cfg(unix)]
fn is_under_way(error: &io::Error) -> bool {
    use nix::errno::Errno::{EINPROGRESS, EINTR};
    let errno = error.raw_os_error();
    errno == Some(EINPROGRESS as i32) || errno == Some(EINTR as i32)
}

/// Does connecting go on without us? Windows says so with the error of a call that would have to wait
/// (`connect`, WSAEWOULDBLOCK).
#[cfg(not(unix))]
fn is_under_way(error: &io::Error) -> bool {
    error.kind() == ErrorKind::WouldBlock
}
// ANCHOR_END: errors
