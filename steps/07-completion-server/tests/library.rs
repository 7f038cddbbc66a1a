//! The rings of this step, from outside, over real sockets. Each test is one that both must pass, or
//! one of what only the second can do.

#![cfg(target_os = "linux")]

// The ring of `single-shot-server` is no library: it is compiled here once more.
#[allow(unused, unfulfilled_lint_expectations, reason = "no test uses all")]
#[path = "../src/bin/single-shot-server/operation.rs"]
mod operation;
#[allow(unused, unfulfilled_lint_expectations, reason = "no test uses all")]
#[path = "../src/bin/single-shot-server/ring.rs"]
mod ring;

use io_uring::IoUring;
use nix::libc::ECANCELED;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long a test may take: a ring that tells nothing is to fail, not to hang.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs a test in a thread of its own, which is left alone when it does not end.
fn in_time(test: impl FnOnce() + Send + 'static) {
    let mut builder = IoUring::builder();
    builder.setup_single_issuer().setup_defer_taskrun();
    let uring: std::io::Result<IoUring> = builder.build(1);
    if let Err(error) = uring {
        let _ = writeln!(std::io::stderr(), "skipped: there is no io_uring: {error}");
        return;
    }
    let (done, ended) = mpsc::channel::<()>();
    let test = thread::spawn(move || {
        let _done = done;
        test();
    });
    // It sends nothing: it hangs up.
    let ended = ended.recv_timeout(PATIENCE);
    assert_eq!(
        ended,
        Err(mpsc::RecvTimeoutError::Disconnected),
        "it has not ended"
    );
    assert!(test.join().is_ok(), "it has failed, as is told above");
}

/// A socket and its peer.
fn pair() -> (Rc<TcpStream>, TcpStream) {
    let listener = listener();
    let peer = connect(&listener);
    let (socket, _) = listener.accept().expect("somebody has connected");
    (Rc::new(socket), peer)
}

fn listener() -> Rc<TcpListener> {
    Rc::new(TcpListener::bind("127.0.0.1:0").expect("there are ports"))
}

fn connect(listener: &TcpListener) -> TcpStream {
    let address = listener.local_addr().expect("it is bound");
    TcpStream::connect(address).expect("it listens")
}

/// Reads exactly so many bytes.
fn read(mut from: &TcpStream, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    from.read_exact(&mut bytes).expect("so many come");
    bytes
}

/// Sends until the kernel has room for nothing more.
fn fill(mut socket: &TcpStream) {
    socket.set_nonblocking(true).expect("a socket");
    while socket.write(&[b'x'; 64 << 10]).is_ok() {}
    socket.set_nonblocking(false).expect("a socket");
}

/// The same tests for either ring, which have the same names.
macro_rules! both_rings {
    ($($test:item)*) => {
        mod single_shot {
            use super::*;
            use crate::operation::Completion;

            type Ring = crate::ring::Ring<&'static str>;
            $($test)*
        }

        mod provided {
            use super::*;
            use completion_server::Completion;

            type Ring = completion_server::Ring<&'static str>;
            $($test)*
        }
    };
}

both_rings! {
    fn ring() -> Ring {
        Ring::new().expect("it is to be had")
    }

    /// Hands over what has been started, and comes back although none of it is done.
    fn hand_over(ring: &mut Ring) {
        ring.start_timeout(Duration::ZERO);
        let done = ring.wait().expect("something is in flight");
        assert!(matches!(done, Completion::TimedOut));
    }

    /// The next thing done must be a receive: whose it was, and what it brought, or why it failed.
    fn received(ring: &mut Ring) -> (&'static str, Result<Vec<u8>, Option<i32>>) {
        match ring.wait().expect("something is in flight") {
            Completion::Received { whose, bytes } => {
                let bytes = bytes.map(|bytes| bytes.map(|it| it.to_vec()).unwrap_or_default());
                (whose, bytes.map_err(|error| error.raw_os_error()))
            }
            _ => panic!("something else was done"),
        }
    }

    #[test]
    fn a_cancelled_receive_ends_and_takes_nothing_of_what_comes_later() {
        in_time(|| {
            let (mut ring, (socket, mut peer)) = (ring(), pair());
            let receive = ring.start_receive(&socket, "cancelled");
            hand_over(&mut ring);
            ring.cancel(receive);
            assert_eq!(Rc::strong_count(&socket), 2, "it is in flight until it is told");
            assert_eq!(received(&mut ring), ("cancelled", Err(Some(ECANCELED))));
            assert_eq!(Rc::strong_count(&socket), 1);
            peer.write_all(b"later").expect("it is open");
            assert_eq!(read(&socket, 5), b"later");
        });
    }

    #[test]
    fn an_operation_can_be_cancelled_before_the_kernel_has_heard_of_it() {
        in_time(|| {
            let (mut ring, (socket, _peer)) = (ring(), pair());
            let receive = ring.start_receive(&socket, "");
            ring.cancel(receive);
            assert_eq!(received(&mut ring).1, Err(Some(ECANCELED)));
        });
    }

    #[test]
    fn a_cancelled_send_gives_its_bytes_back() {
        in_time(|| {
            let (mut ring, (socket, _peer)) = (ring(), pair());
            fill(&socket);
            let send = ring.start_send(&socket, b"Hello".to_vec(), "");
            hand_over(&mut ring);
            ring.cancel(send);
            match ring.wait().expect("something is in flight") {
                Completion::Sent { bytes, taken, .. } => {
                    let error = taken.expect_err("it was cancelled");
                    assert_eq!((bytes, error.raw_os_error()), (b"Hello".to_vec(), Some(ECANCELED)));
                }
                _ => panic!("something else was done"),
            }
        });
    }

    #[test]
    fn the_name_of_an_operation_that_is_done_names_nothing() {
        in_time(|| {
            let (mut ring, (socket, mut peer)) = (ring(), pair());
            peer.write_all(b"first").expect("it is open");
            let first = ring.start_receive(&socket, "");
            assert_eq!(received(&mut ring).1, Ok(b"first".to_vec()));
            // The next one gets its place, and is not its business.
            let second = ring.start_receive(&socket, "");
            assert_ne!(first, second);
            ring.cancel(first);
            hand_over(&mut ring);
            peer.write_all(b"second").expect("it is open");
            assert_eq!(received(&mut ring).1, Ok(b"second".to_vec()));
        });
    }

    #[test]
    fn what_was_cancelled_too_late_is_told_as_done() {
        in_time(|| {
            let (mut ring, (socket, mut peer)) = (ring(), pair());
            peer.write_all(b"early").expect("it is open");
            let receive = ring.start_receive(&socket, "");
            // Both go at once, and the receive goes first: there is something to be received.
            ring.cancel(receive);
            assert_eq!(received(&mut ring).1, Ok(b"early".to_vec()));
        });
    }
}

#[test]
fn one_accept_is_told_of_every_client() {
    use completion_server::{Completion, Ring};

    in_time(|| {
        let (mut ring, listener) = (Ring::<()>::new().expect("it is to be had"), listener());
        ring.start_accept(&listener);
        for _ in 0..3 {
            let clients: Vec<_> = (0..4).map(|_| connect(&listener)).collect();
            for client in &clients {
                let Ok(Completion::Accepted {
                    client: accepted,
                    more,
                }) = ring.wait()
                else {
                    panic!("something else was done");
                };
                let accepted = accepted.expect("somebody has connected");
                assert!(more, "it goes on");
                let both = (accepted.peer_addr(), client.local_addr());
                assert_eq!(both.0.expect("connected"), both.1.expect("connected"));
            }
        }
        assert_eq!(Rc::strong_count(&listener), 2, "it is still accepting");
    });
}

#[test]
fn what_somebody_still_holds_is_not_written_to_when_others_come_back_before_it() {
    use completion_server::{BUFFERS, Completion, Ring};

    in_time(|| {
        let (mut ring, (socket, mut peer)) = (Ring::<()>::new().expect("it is to be had"), pair());
        let mut held = Vec::new();
        // Each buffer is wanted three times over, and two of them do not come back in turn.
        for number in 0..3 * BUFFERS {
            let said = format!("number {number}").into_bytes();
            peer.write_all(&said).expect("it is open");
            ring.start_receive(&socket, ());
            let Ok(Completion::Received { bytes, .. }) = ring.wait() else {
                panic!("something else was done");
            };
            let bytes = bytes.expect("it is open").expect("something has come");
            assert_eq!(*bytes, *said);
            if number % BUFFERS == 5 {
                held.push((bytes, said));
            }
            for (bytes, said) in &held {
                assert_eq!(**bytes, **said, "it was not given back");
            }
        }
    });
}
