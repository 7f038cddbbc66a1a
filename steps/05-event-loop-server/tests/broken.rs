//! A connection that its peer has reset: the kernel reports it whether anybody has asked or not.

#![cfg(unix)]

mod support;

use event_loop_server::What;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{setsockopt, sockopt};
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::rc::Rc;
use support::asleep::run_until_asleep;
use support::{Log, base};

/// A connection whose peer has thrown it away, and the kernel knows.
fn reset() -> Rc<TcpStream> {
    let connect = || -> io::Result<TcpStream> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let socket = TcpStream::connect(listener.local_addr()?)?;
        let (peer, _) = listener.accept()?;
        // Linger with a time of zero: close(2) sends a reset instead of an end (socket(7)).
        let linger = nix::libc::linger {
            l_onoff: 1,
            l_linger: 0,
        };
        setsockopt(&peer, sockopt::Linger, &linger)?;
        drop(peer);
        // A broken connection is reported to whoever asks for nothing.
        let mut asked = [PollFd::new(socket.as_fd(), PollFlags::empty())];
        assert_eq!(poll(&mut asked, PollTimeout::from(10_000_u16))?, 1);
        Ok(socket)
    };
    Rc::new(connect().expect("a connection on this machine"))
}

#[test]
fn who_waits_to_read_is_told_so_and_finds_the_reset() {
    let (mut base, log) = (base(), Log::new());
    let (socket, noted) = (reset(), log.clone());
    let source = Rc::clone(&socket);
    let event = base.event_new(
        source,
        What::READ | What::PERSIST,
        move |base, event, what| {
            let error = socket.as_ref().read(&mut [0]).expect_err("it is broken");
            noted.note((what, error.kind()));
            base.event_free(event);
        },
    );
    base.event_add(event, None).expect("it can be watched");
    base.dispatch().expect("it can wait");
    assert_eq!(log.take(), [(What::READ, io::ErrorKind::ConnectionReset)]);
}

#[test]
fn who_waits_to_write_is_told_so_and_finds_the_reset() {
    let (mut base, log) = (base(), Log::new());
    let (socket, noted) = (reset(), log.clone());
    let source = Rc::clone(&socket);
    let event = base.event_new(
        source,
        What::WRITE | What::PERSIST,
        move |base, event, what| {
            assert!(socket.as_ref().write(b"!").is_err(), "it is broken");
            noted.note(what);
            base.event_free(event);
        },
    );
    base.event_add(event, None).expect("it can be watched");
    base.dispatch().expect("it can wait");
    assert_eq!(log.take(), [What::WRITE]);
}

#[test]
fn who_waits_for_both_is_told_both() {
    let (mut base, log) = (base(), Log::new());
    let noted = log.clone();
    let both = What::READ | What::WRITE;
    let event = base.event_new(reset(), both, move |_, _, what| noted.note(what));
    base.event_add(event, None).expect("it can be watched");
    base.dispatch().expect("it can wait");
    assert_eq!(log.take(), [both]);
}

#[test]
fn who_waits_for_nothing_is_told_nothing_and_the_loop_sleeps() {
    // Added so, and changed to it: the kernel gets to know of either in its own way.
    for first in [What::empty(), What::READ] {
        let mut base = base();
        let wait = first | What::PERSIST;
        let event = base.event_new(reset(), wait, |_, _, _| panic!("nobody asked"));
        base.event_add(event, None).expect("it can be watched");
        let nothing = base.event_change(event, What::PERSIST);
        nothing.expect("it may wait for nothing");
        run_until_asleep(&mut base);
        assert!(base.is_pending(event));
    }
}
