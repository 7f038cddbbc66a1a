//! What the tests of the event base have in common.

#![allow(dead_code, reason = "no test file uses all of it")]

pub(crate) mod asleep;

use event_loop_server::{Event, EventBase};
use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::ops::{Deref, DerefMut};
use std::os::unix::net::UnixStream;
use std::process::abort;
use std::rc::Rc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

/// How long a test may take: a loop that does not end is to fail, not to hang.
const PATIENCE: Duration = Duration::from_secs(20);

/// A time that does not pass in a test.
pub(crate) const LONG: Duration = Duration::from_secs(3600);

/// As long as it is there, a test must end in time. It is hung up when the test has ended.
pub(crate) struct Watchdog(#[expect(dead_code, reason = "dropped, it hangs up")] Sender<()>);

pub(crate) fn watchdog() -> Watchdog {
    let (watchdog, ended) = mpsc::channel();
    let test = thread::current().name().unwrap_or("a test").to_owned();
    thread::spawn(move || {
        if ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            // Nothing else ends a loop that spins in its own code. The test harness does not catch
            // what is written like this.
            let _ = writeln!(io::stderr(), "{test}: it has not ended within {PATIENCE:?}");
            abort();
        }
    });
    Watchdog(watchdog)
}

/// An event base for a test that must end in time.
pub(crate) struct Base {
    base: EventBase,
    _watchdog: Watchdog,
}

pub(crate) fn base() -> Base {
    Base {
        base: EventBase::new().expect("there are descriptors"),
        _watchdog: watchdog(),
    }
}

impl Deref for Base {
    type Target = EventBase;

    fn deref(&self) -> &EventBase {
        &self.base
    }
}

impl DerefMut for Base {
    fn deref_mut(&mut self) -> &mut EventBase {
        &mut self.base
    }
}

/// One turn of the loop, without sleep: all that is ready by now is told, once. The timer that ends
/// it is due at once, and timers are called back after sources.
pub(crate) fn turn(base: &mut EventBase) {
    base.once(Duration::ZERO, EventBase::loopbreak);
    base.dispatch().expect("it can wait");
}

/// What callbacks have noted, in order.
pub(crate) struct Log<T>(Rc<RefCell<Vec<T>>>);

impl<T> Log<T> {
    pub(crate) fn new() -> Log<T> {
        Log(Rc::default())
    }

    pub(crate) fn note(&self, what: T) {
        self.0.borrow_mut().push(what);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.borrow().len()
    }

    /// All that has been noted since it was taken last.
    pub(crate) fn take(&self) -> Vec<T> {
        self.0.take()
    }
}

impl<T> Clone for Log<T> {
    fn clone(&self) -> Log<T> {
        Log(Rc::clone(&self.0))
    }
}

/// A socket, to be watched, and its peer. It can be written to, and has nothing to be read.
pub(crate) fn silent() -> (Rc<UnixStream>, UnixStream) {
    let (socket, peer) = UnixStream::pair().expect("there are descriptors");
    socket.set_nonblocking(true).expect("a socket");
    (Rc::new(socket), peer)
}

/// The same, but its peer has said something.
pub(crate) fn spoken_to() -> (Rc<UnixStream>, UnixStream) {
    let (socket, peer) = silent();
    speak(&peer);
    (socket, peer)
}

pub(crate) fn speak(mut peer: &UnixStream) {
    peer.write_all(b"!").expect("there is room");
}

/// Reads all that has come.
pub(crate) fn drain(mut socket: &UnixStream) {
    while matches!(socket.read(&mut [0; 64]), Ok(1..)) {}
}

/// Does the peer of a closed socket see so?
pub(crate) fn sees_the_end(mut peer: &UnixStream) -> bool {
    peer.set_nonblocking(true).expect("a socket");
    matches!(peer.read(&mut [0; 64]), Ok(0))
}

/// Where the place of a freed event is the point of a test, the next event must have got it: a name
/// reads PLACEvTIMES.
pub(crate) fn assert_same_place(one: Event, other: Event) {
    let [one, other] = [one, other].map(|event| {
        let name = format!("{event:?}");
        let place = name.rsplit_once('v').map(|(place, _)| place.to_owned());
        place.expect("PLACEvTIMES")
    });
    assert_eq!(one, other);
}
