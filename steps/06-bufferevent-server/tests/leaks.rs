//! However a bufferevent ends, its descriptor is given back.
//!
//! Descriptors are a matter of the whole process: this test is alone in its.

#![cfg(unix)]

#[path = "../../05-event-loop-server/tests/support/mod.rs"]
mod support;

use bufferevent_server::{BevEvent, BufferEvent, Callbacks, Handle, evconnlistener_new};
use event_loop_server::{EventBase, What};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::time::Duration;
use subject::processes;
use support::base;

/// Frees at whatever happens, in one way or the other.
struct Ending {
    when_flushed: bool,
}

impl Callbacks for Ending {
    fn write(&mut self, _: &mut EventBase, bev: &mut BufferEvent) {
        // Only those who were connected.
        if bev.input.is_empty() && bev.enabled() == What::WRITE {
            bev.free();
        }
    }

    fn event(&mut self, _: &mut EventBase, bev: &mut BufferEvent, what: BevEvent) {
        match (what, self.when_flushed) {
            (BevEvent::CONNECTED, _) => bev.output.add(b"abc"),
            (_, true) => bev.free_when_flushed(),
            (_, false) => bev.free(),
        }
    }
}

fn given(base: &mut EventBase, socket: UnixStream, when_flushed: bool) -> Handle {
    let mut bev = BufferEvent::socket_new(OwnedFd::from(socket)).expect("a socket");
    bev.setcb(Ending { when_flushed });
    bev.enable(What::READ);
    bev.base_set(base).expect("it can be watched")
}

fn connecting(base: &mut EventBase, address: SocketAddr) {
    let mut bev = BufferEvent::connect(address).expect("there are descriptors");
    bev.setcb(Ending { when_flushed: true });
    bev.base_set(base).expect("it can be watched");
}

/// Bufferevents that end in all kinds of ways.
fn live_and_die(round: usize) {
    let mut base = base();
    for when_flushed in [false, true] {
        // At the end, broken, too late, by somebody else; and before there is a base.
        let pair = || UnixStream::pair().expect("there are descriptors");
        let (socket, peer) = pair();
        given(&mut base, socket, when_flushed);
        drop(peer);
        let (socket, peer) = pair();
        let broken = given(&mut base, socket, when_flushed);
        drop(peer);
        broken.with(&mut base, |bev| bev.output.add(&[0; 100_000]));
        let (socket, _silent) = pair();
        let late = given(&mut base, socket, when_flushed);
        late.with(&mut base, |bev| {
            bev.output.add(&[0; 1_000_000]);
            let soon = Some(Duration::from_millis(5));
            bev.set_timeouts(soon, soon);
        });
        let (socket, _peer) = pair();
        let other = given(&mut base, socket, when_flushed);
        other.with(&mut base, |bev| match when_flushed {
            true => bev.free_when_flushed(),
            false => bev.free(),
        });
        let (socket, _peer) = pair();
        drop(BufferEvent::socket_new(OwnedFd::from(socket)).expect("a socket"));
        base.dispatch().expect("it ends by itself");
    }
    // Connected; then refused, as the listener was dropped.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    connecting(&mut base, address);
    base.dispatch().expect("it ends by itself");
    drop(listener);
    connecting(&mut base, address);
    base.dispatch().expect("it ends by itself");
    // And with the base, a listener among them.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let accepted = evconnlistener_new(&mut base, listener, |base, stream| {
        let bev = BufferEvent::socket_new(stream).expect("a socket");
        bev.base_set(base).expect("it can be watched");
    });
    accepted.expect("it can be watched");
    let _client = TcpStream::connect(address).expect("it listens");
    support::turn(&mut base);
    println!("round {round}");
}

#[test]
fn every_descriptor_is_given_back() {
    let me = std::process::id();
    live_and_die(0);
    let Ok(before) = processes::descriptors(me) else {
        println!("skipped: descriptors are counted in /proc");
        return;
    };
    for round in 1..5 {
        live_and_die(round);
        assert_eq!(
            processes::descriptors(me).ok(),
            Some(before),
            "round {round}"
        );
    }
}
