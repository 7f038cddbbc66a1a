//! What the tests of the ring have in common.

use crate::{Completion, Received, Ring};
use grader::Need;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::ops::{Deref, DerefMut};
use std::process::abort;
use std::rc::Rc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;
use terminal::Language;

/// How long a test may take: a ring that tells nothing is to fail, not to hang.
const PATIENCE: Duration = Duration::from_secs(20);

/// A ring for a test that must end in time. Operations are called by a word.
pub(crate) struct Tested {
    ring: Ring<&'static str>,
    /// Hung up when the test has ended.
    _watchdog: Sender<()>,
}

/// `None` where there is no io_uring: the test is skipped, and says so.
pub(crate) fn ring() -> Option<Tested> {
    let test = thread::current().name().unwrap_or("a test").to_owned();
    if let Some(reason) = Need::IoUring.missing() {
        let _ = writeln!(
            io::stderr(),
            "{test}: skipped: {}",
            reason.get(Language::English)
        );
        return None;
    }
    let (watchdog, ended) = mpsc::channel();
    thread::spawn(move || {
        if ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            // The test harness does not catch what is written like this.
            let _ = writeln!(io::stderr(), "{test}: it has not ended within {PATIENCE:?}");
            abort();
        }
    });
    Some(Tested {
        ring: Ring::new().expect("it is to be had"),
        _watchdog: watchdog,
    })
}

impl Tested {
    /// As `std::mem::forget` does it.
    pub(crate) fn forget(self) {
        std::mem::forget(self.ring);
    }

    /// The next thing done must be a receive.
    pub(crate) fn received(&mut self) -> (&'static str, io::Result<Option<Received>>) {
        match self.wait().expect("something is in flight") {
            Completion::Received { whose, bytes } => (whose, bytes),
            other => panic!("not received: {}", name(&other)),
        }
    }

    /// The next thing done must be a send.
    pub(crate) fn sent(&mut self) -> (&'static str, Vec<u8>, io::Result<usize>) {
        match self.wait().expect("something is in flight") {
            Completion::Sent {
                whose,
                bytes,
                taken,
            } => (whose, bytes, taken),
            other => panic!("not sent: {}", name(&other)),
        }
    }

    /// The next thing done must be an accept.
    pub(crate) fn accepted(&mut self) -> (io::Result<TcpStream>, bool) {
        match self.wait().expect("something is in flight") {
            Completion::Accepted { client, more } => (client, more),
            other => panic!("not accepted: {}", name(&other)),
        }
    }

    /// Hands over what has been started, and comes back although none of it is done.
    pub(crate) fn hand_over(&mut self) {
        self.start_timeout(Duration::ZERO);
        match self.wait().expect("something is in flight") {
            Completion::TimedOut => {}
            other => panic!("not timed out: {}", name(&other)),
        }
    }
}

impl Deref for Tested {
    type Target = Ring<&'static str>;

    fn deref(&self) -> &Self::Target {
        &self.ring
    }
}

impl DerefMut for Tested {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.ring
    }
}

fn name<T>(done: &Completion<T>) -> &'static str {
    match done {
        Completion::Accepted { .. } => "accepted",
        Completion::Received { .. } => "received",
        Completion::Sent { .. } => "sent",
        Completion::TimedOut => "timed out",
    }
}

/// A socket and its peer.
pub(crate) fn pair() -> (Rc<TcpStream>, TcpStream) {
    let listener = listener();
    let peer = connect(&listener);
    let (socket, _) = listener.accept().expect("somebody has connected");
    (Rc::new(socket), peer)
}

pub(crate) fn listener() -> Rc<TcpListener> {
    Rc::new(TcpListener::bind("127.0.0.1:0").expect("there are ports"))
}

pub(crate) fn connect(listener: &TcpListener) -> TcpStream {
    let address = listener.local_addr().expect("it is bound");
    let peer = TcpStream::connect(address).expect("it listens");
    peer.set_read_timeout(Some(PATIENCE)).expect("a socket");
    peer
}

/// Reads exactly so many bytes.
pub(crate) fn read(mut from: &TcpStream, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    from.read_exact(&mut bytes).expect("so many come");
    bytes
}

/// Nothing more comes, and the other end has closed.
pub(crate) fn sees_the_end(mut peer: &TcpStream) -> bool {
    matches!(peer.read(&mut [0; 64]), Ok(0))
}

/// Sends until the kernel has room for nothing more.
pub(crate) fn fill(mut socket: &TcpStream) {
    socket.set_nonblocking(true).expect("a socket");
    while socket.write(&[b'x'; 64 << 10]).is_ok() {}
    socket.set_nonblocking(false).expect("a socket");
}

/// More than any queue of the kernel's holds.
pub(crate) fn too_much() -> Vec<u8> {
    vec![b'x'; 32 << 20]
}

pub(crate) fn errno(error: &io::Error) -> i32 {
    error.raw_os_error().expect("it is the system's")
}
