//! Freed: by one of its own callbacks, by somebody else's, before it had a base, and with its base.

use crate::calls::{Calls, Told};
use crate::peer::{Peer, given, narrow_pair, pair};
use crate::support::{Base, Log, base, turn};
use bufferevent_server::{BevEvent, BufferEvent, Handle};
use event_loop_server::What;
use socket2::Socket;
use std::rc::{Rc, Weak};
use std::time::Duration;

/// A bufferevent whose `calls` own something besides, and the proof that they do.
fn owning(
    base: &mut Base,
    socket: Socket,
    calls: impl FnOnce(Rc<()>) -> Calls,
) -> (Handle, Weak<()>) {
    let owned = Rc::new(());
    let watched = Rc::downgrade(&owned);
    let handle = given(base, socket, calls(owned), |bev| bev.enable(What::READ));
    (handle, watched)
}

/// Its callbacks and its socket are gone, its name names nothing, nothing is waited for.
fn assert_gone(base: &mut Base, handle: &Handle, owned: &Weak<()>, peer: &Peer) {
    assert!(owned.upgrade().is_none(), "its callbacks outlive it");
    assert!(peer.sees_the_end(), "its socket outlives it");
    assert_eq!(handle.with(base, |_| ()), None);
    base.dispatch().expect("nothing to wait for");
}

/// Frees it, after asking for all kinds of things, and after it wants them as well.
fn free_among_much_else(bev: &mut BufferEvent, owned: &Rc<()>) {
    bev.output.add(b"This is not sent.");
    bev.enable(What::READ | What::WRITE);
    bev.free();
    bev.free_when_flushed();
    bev.enable(What::READ);
    bev.set_timeouts(Some(Duration::ZERO), Some(Duration::ZERO));
    bev.output.add(b"Nor is this.");
    assert_eq!(Rc::strong_count(owned), 1, "it is still the callback's");
}

#[test]
fn a_read_callback_may_free_it() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), pair());
    let (handle, owned) = owning(&mut base, socket, |owned| {
        Calls::noting(&log).on_read(move |_, bev| free_among_much_else(bev, &owned))
    });
    peer.say(b"abc");
    peer.finish();
    turn(&mut base);
    assert_eq!(log.take(), [Told::Read(3)]);
    assert_gone(&mut base, &handle, &owned, &peer);
}

#[test]
fn a_write_callback_may_free_it() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), pair());
    let (handle, owned) = owning(&mut base, socket, |owned| {
        Calls::noting(&log).on_write(move |_, bev| free_among_much_else(bev, &owned))
    });
    handle.with(&mut base, |bev| bev.output.add(b"abc"));
    turn(&mut base);
    assert_eq!(peer.hear(), b"abc");
    assert_eq!(log.take(), [Told::Write(0)]);
    assert_gone(&mut base, &handle, &owned, &peer);
}

#[test]
fn an_event_callback_may_free_it() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), pair());
    let (handle, owned) = owning(&mut base, socket, |owned| {
        Calls::noting(&log).on_event(move |_, bev, _| free_among_much_else(bev, &owned))
    });
    peer.finish();
    turn(&mut base);
    let ended = BevEvent::EOF | BevEvent::READING;
    assert_eq!(log.take(), [Told::Event(ended)]);
    assert_gone(&mut base, &handle, &owned, &peer);
}

#[test]
fn an_event_callback_may_free_it_at_a_time_out() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), narrow_pair());
    let (handle, owned) = owning(&mut base, socket, |owned| {
        Calls::noting(&log).on_event(move |_, bev, _| free_among_much_else(bev, &owned))
    });
    let length = handle.with(&mut base, |bev| {
        bev.output.add(&[0; 50_000]);
        // Both pass at the same time; of the second nothing is told.
        let soon = Some(Duration::from_millis(20));
        bev.set_timeouts(soon, soon);
        bev.output.len()
    });
    assert_eq!(length, Some(50_000));
    base.dispatch().expect("it ends by itself");
    let first = BevEvent::TIMEOUT | BevEvent::READING;
    assert_eq!(log.take(), [Told::Event(first)]);
    assert!(peer.hear().len() < 50_000);
    assert_gone(&mut base, &handle, &owned, &peer);
}

#[test]
fn somebody_else_may_free_it() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), pair());
    let (handle, owned) = owning(&mut base, socket, |owned| {
        Calls::noting(&log).on_read(move |_, _| {
            let _keep = &owned;
        })
    });
    peer.say(b"abc");
    handle.with(&mut base, |bev| {
        bev.output.add(b"This is not sent.");
        bev.free();
    });
    assert_gone(&mut base, &handle, &owned, &peer);
    assert_eq!(log.take(), []);
}

#[test]
fn one_of_two_that_are_ready_may_be_freed_by_the_other() {
    let (mut base, log) = (base(), Log::new());
    let handles: Log<Handle> = Log::new();
    let mut peers = Vec::new();
    for _ in 0..2 {
        let (socket, peer) = pair();
        let others = handles.clone();
        let calls = Calls::noting(&log).on_read(move |base, _| {
            let others = others.take();
            let freed = others
                .iter()
                .filter_map(|it| it.with(base, BufferEvent::free));
            assert_eq!(freed.count(), 1, "one of them is this one");
        });
        let handle = given(&mut base, socket, calls, |bev| bev.enable(What::READ));
        handles.note(handle);
        peer.say(b"abc");
        peers.push(peer);
    }
    turn(&mut base);
    turn(&mut base);
    assert_eq!(log.take(), [Told::Read(3)]);
    let closed = peers.iter().filter(|peer| peer.sees_the_end());
    assert_eq!(closed.count(), 1);
}

#[test]
fn whoever_was_freed_before_it_got_a_base_does_nothing_there() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), pair());
    peer.say(b"abc");
    let handle = given(&mut base, socket, Calls::noting(&log), |bev| {
        bev.output.add(b"This is not sent.");
        bev.enable(What::READ);
        bev.free();
    });
    assert!(peer.sees_the_end());
    assert_eq!(handle.with(&mut base, |_| ()), None);
    base.dispatch().expect("nothing to wait for");
    assert_eq!(log.take(), []);
}

#[test]
fn a_base_takes_its_bufferevents_with_it() {
    let (mut base, log, (socket, peer)) = (base(), Log::new(), pair());
    let (handle, owned) = owning(&mut base, socket, |owned| {
        Calls::noting(&log).on_read(move |_, bev| {
            let _keep = &owned;
            bev.set_timeouts(Some(Duration::from_secs(3600)), None);
        })
    });
    peer.say(b"abc");
    turn(&mut base);
    drop(base);
    assert!(owned.upgrade().is_none(), "its callbacks outlive it");
    assert!(peer.sees_the_end(), "its socket outlives it");
    assert_eq!(handle.with(&mut crate::support::base(), |_| ()), None);
}

#[cfg(target_os = "linux")]
#[test]
fn what_the_kernel_cannot_watch_is_refused_and_is_no_more() {
    let mut base = base();
    let file = std::fs::File::open(env!("CARGO_MANIFEST_PATH")).expect("it is there");
    let file = std::os::fd::OwnedFd::from(file);
    let mut bev = BufferEvent::socket_new(Socket::from(file)).expect("a descriptor");
    let owned = Rc::new(());
    let watched = Rc::downgrade(&owned);
    bev.setcb(Calls::noting(&Log::new()).on_read(move |_, _| {
        let _keep = &owned;
    }));
    bev.enable(What::READ);
    let error = bev.base_set(&mut base).err().expect("it is always ready");
    assert_eq!(
        error.kind(),
        std::io::ErrorKind::PermissionDenied,
        "{error}"
    );
    assert!(watched.upgrade().is_none(), "its callbacks outlive it");
    base.dispatch().expect("nothing to wait for");
}

/// The same when that is only wanted later, of somebody who is not to be called in between.
#[cfg(target_os = "linux")]
#[test]
fn what_the_kernel_cannot_watch_later_is_told_by_the_loop() {
    let (mut base, log) = (base(), Log::new());
    let file = std::fs::File::open(env!("CARGO_MANIFEST_PATH")).expect("it is there");
    let file = std::os::fd::OwnedFd::from(file);
    let calls = Calls::noting(&log).on_event(|_, bev, _| {
        let why = bev.error().map(std::io::Error::kind);
        assert_eq!(why, Some(std::io::ErrorKind::PermissionDenied));
        bev.enable(What::READ);
    });
    let handle = given(&mut base, Socket::from(file), calls, |_| {});
    handle.with(&mut base, |bev| bev.enable(What::READ));
    assert_eq!(log.take(), [], "whoever asks for it is not called");
    base.dispatch().expect("it ends by itself");
    let broken = BevEvent::ERROR | BevEvent::WRITING;
    assert_eq!(log.take(), [Told::Event(broken)]);
    assert_eq!(handle.with(&mut base, |_| ()), Some(()));
}
