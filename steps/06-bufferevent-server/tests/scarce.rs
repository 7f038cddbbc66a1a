//! Out of descriptors, a listener rests and comes back, and no connection can be begun.
//!
//! The limit is one of the whole process: this test is alone in its.

#![cfg(target_os = "linux")]

#[path = "../../05-event-loop-server/tests/support/mod.rs"]
mod support;

use bufferevent_server::{BufferEvent, evconnlistener_new};
use event_loop_server::EventBase;
use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage, setrlimit};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::time::Duration;
use support::{Log, base};

const CLIENTS: usize = 5;
/// Longer than a listener rests.
const LONG_ENOUGH: Duration = Duration::from_millis(350);

#[test]
fn out_of_descriptors_a_listener_rests_and_comes_back() {
    let (mut base, log) = (base(), Log::new());
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let noted = log.clone();
    let accepted = evconnlistener_new(&mut base, listener, move |base, stream| {
        noted.note(stream);
        if noted.len() == CLIENTS {
            base.loopbreak();
        }
    });
    accepted.expect("it can be watched");
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| TcpStream::connect(address).expect("it listens"))
        .collect();
    // New descriptors get the lowest free number. Below the last one's, none is free.
    let last = clients.last().expect("there are several").as_raw_fd();
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).expect("there is a limit");
    setrlimit(Resource::RLIMIT_NOFILE, last as u64 + 1, hard).expect("it is lowered");
    let error = BufferEvent::connect(address).err().expect("there is none");
    assert_eq!(
        error.raw_os_error(),
        Some(nix::errno::Errno::EMFILE as i32),
        "{error}"
    );

    let before = sleeps();
    base.once(LONG_ENOUGH, EventBase::loopbreak);
    base.dispatch().expect("it can wait");
    assert_eq!(log.len(), 0);
    // Without a rest it would try again and again, and never sleep.
    assert!(sleeps() > before, "it does not rest");

    setrlimit(Resource::RLIMIT_NOFILE, soft, hard).expect("it is what it was");
    base.dispatch().expect("it can wait");
    let mut served: Vec<_> = log.take().iter().map(|it| it.peer_addr().ok()).collect();
    let mut expected: Vec<_> = clients.iter().map(|it| it.local_addr().ok()).collect();
    served.sort();
    expected.sort();
    assert_eq!(served, expected);
    // And it goes on.
    drop(clients);
    let _late = TcpStream::connect(address).expect("it listens");
    base.once(LONG_ENOUGH, EventBase::loopbreak);
    base.dispatch().expect("it can wait");
    assert_eq!(log.take().len(), 1);
}

/// How often this thread has gone to sleep.
fn sleeps() -> i64 {
    let usage = getrusage(UsageWho::RUSAGE_THREAD).expect("there is one");
    usage.voluntary_context_switches()
}
