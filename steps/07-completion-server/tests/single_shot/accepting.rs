use crate::support::{connect, listener, ring, sees_the_end};

#[test]
fn one_accept_brings_one_client_and_the_next_one_waits() {
    let Some(mut ring) = ring() else { return };
    let listener = listener();
    let clients = [connect(&listener), connect(&listener)];
    for client in clients {
        ring.start_accept(&listener);
        let (accepted, more) = ring.accepted();
        let accepted = accepted.expect("somebody has connected");
        assert!(!more, "it is to be started again");
        let both = (accepted.peer_addr(), client.local_addr());
        assert_eq!(both.0.expect("connected"), both.1.expect("connected"));
        drop(accepted);
        assert!(sees_the_end(&client), "it is nobody else's");
    }
    listener.set_nonblocking(true).expect("a socket");
    assert!(listener.accept().is_err(), "there were two");
}
