//! Accepting: started once, told again and again.

use crate::support::{connect, errno, listener, ring, sees_the_end};
use nix::libc;
use std::rc::Rc;

#[test]
fn when_accepting_is_over_it_says_so_and_can_be_started_again() {
    let Some(mut ring) = ring() else { return };
    let listener = listener();
    let accept = ring.start_accept(&listener);
    ring.hand_over();
    ring.cancel(accept);
    let (client, more) = ring.accepted();
    let error = client.expect_err("it was cancelled");
    assert_eq!((errno(&error), more), (libc::ECANCELED, false));
    assert_eq!(Rc::strong_count(&listener), 1);
    ring.start_accept(&listener);
    let _client = connect(&listener);
    assert!(ring.accepted().0.is_ok());
}

#[test]
fn accepted_sockets_do_not_outlive_an_exec() {
    let Some(mut ring) = ring() else { return };
    let listener = listener();
    ring.start_accept(&listener);
    let _client = connect(&listener);
    let (accepted, _) = ring.accepted();
    let accepted = accepted.expect("somebody has connected");
    let flags = nix::fcntl::fcntl(&accepted, nix::fcntl::FcntlArg::F_GETFD);
    assert_eq!(flags.expect("it is open"), libc::FD_CLOEXEC);
}

#[test]
fn clients_who_were_accepted_and_never_told_of_are_closed() {
    let Some(mut ring) = ring() else { return };
    let listener = listener();
    ring.start_accept(&listener);
    let clients: Vec<_> = (0..5).map(|_| connect(&listener)).collect();
    let _first = ring.accepted().0.expect("somebody has connected");
    drop(ring);
    let closed = clients.iter().skip(1).filter(|client| sees_the_end(client));
    assert_eq!(closed.count(), 4);
}
