//! The bufferevents, from outside: what a copy's tasks are judged by where no client can tell. Each test
//! stands by itself; what they have in common is at the end.
//! `cargo test --test library`

#![cfg(unix)]

use bufferevent_server::{BevEvent, BufferEvent, Callbacks, Handle, RECEIVE_SIZE};
use event_loop_server::{EventBase, Loop, What};
use socket2::{SockRef, Socket};
use std::cell::RefCell;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::sync::mpsc;
use std::time::Duration;
use std::{mem, thread};

// The marks.

#[test]
fn the_input_holds_as_much_as_the_high_mark_and_not_a_byte_more() {
    for high in [1, 10, RECEIVE_SIZE, RECEIVE_SIZE + 1] {
        let (mut base, (socket, mut peer)) = (base(), pair());
        let (told, handle) = given(&mut base, socket, |bev| {
            bev.setwatermark(What::READ, 0, high);
            bev.enable(What::READ);
        });
        peer.write_all(&vec![b'x'; 2 * high])
            .expect("there is room");
        turns(&mut base);
        assert_eq!(input(&handle, &mut base), high);
        assert!(matches!(told.take()[..], [.., Told::Read(length)] if length == high));
        // What is taken out makes room for as much.
        handle.with(&mut base, |bev| bev.input.drain(1));
        turns(&mut base);
        assert_eq!(told.take(), [Told::Read(high)]);
    }
}

#[test]
fn a_callback_that_makes_room_is_called_again() {
    let (mut base, (socket, mut peer)) = (base(), pair());
    let taken = Rc::new(RefCell::new(Vec::new()));
    let noted = Rc::clone(&taken);
    given(&mut base, socket, |bev| {
        bev.setwatermark(What::READ, 0, 4);
        bev.enable(What::READ);
        bev.setcb(Taking(noted));
    });
    peer.write_all(b"abcdefghij").expect("there is room");
    turns(&mut base);
    assert_eq!(taken.take(), [&b"abcd"[..], b"efgh", b"ij"]);
}

// The client.

#[test]
fn the_client_gives_up_a_server_that_answers_nothing_when_all_has_been_said() {
    let server = TcpListener::bind("127.0.0.1:0").expect("there are ports");
    let address = server.local_addr().expect("it is bound").to_string();
    let client = Command::new(env!("CARGO_BIN_EXE_bufferevent-client"))
        .args(["--timeout", "1", &address])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let mut client = client.expect("it can be started");
    let (mut input, mut complaints) = (
        client.stdin.take().expect("piped"),
        client.stderr.take().expect("piped"),
    );
    // A server that hears all, and says nothing for as long as this process runs.
    thread::spawn(move || {
        let (mut peer, _) = server.accept().expect("somebody comes");
        input.write_all(b"Hello\n").expect("it is read");
        let heard = peer.read_exact(&mut [0; 6]);
        mem::forget((peer, server));
        heard.expect("it is said");
        drop(input); // only now standard input ends
    });
    let (told, ended) = mpsc::channel();
    thread::spawn(move || {
        let mut all = String::new();
        let _ = complaints.read_to_string(&mut all);
        let _ = told.send(all);
    });
    let complaints = ended.recv_timeout(PATIENCE).inspect_err(|_| {
        let _ = client.kill();
    });
    let status = client.wait().expect("it is our child");
    let complaints = complaints.expect("it waits for ever");
    let is_told = complaints.contains("it has answered nothing for 1s");
    assert!(is_told && complaints.lines().count() == 1, "{complaints}");
    assert_eq!(status.code(), Some(1));
}

// The end, and errors.

#[test]
fn the_end_is_told_once_and_the_peer_can_still_be_answered() {
    let (mut base, (socket, mut peer)) = (base(), pair());
    let (told, handle) = given(&mut base, socket, |bev| bev.enable(What::READ));
    peer.write_all(b"abc").expect("there is room");
    peer.shutdown(Shutdown::Write).expect("it is open");
    turns(&mut base);
    assert_eq!(told.take(), [Told::Read(3), ENDED]);
    let length = handle.with(&mut base, |bev| {
        bev.enable(What::READ);
        bev.output.add(b"def");
        bev.input.len()
    });
    assert_eq!(length, Some(3), "what was received is still there");
    turns(&mut base);
    assert_eq!(told.take(), [Told::Write(0)]);
    assert_eq!(hear(&peer), (b"def".to_vec(), Ends::No));
}

#[test]
fn the_end_is_told_below_the_low_mark_too() {
    let (mut base, (socket, mut peer)) = (base(), pair());
    let (told, _) = given(&mut base, socket, |bev| {
        bev.setwatermark(What::READ, 100, 0);
        bev.enable(What::READ);
    });
    peer.write_all(b"abc").expect("there is room");
    peer.shutdown(Shutdown::Write).expect("it is open");
    turns(&mut base);
    assert_eq!(told.take(), [ENDED]);
}

#[test]
fn a_reset_is_told_once_with_its_reason_and_nothing_goes_either_way() {
    let mut base = base();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let socket = TcpStream::connect(address).expect("it listens");
    let (peer, _) = listener.accept().expect("one has connected");
    let (told, handle) = given(&mut base, socket, |bev| bev.enable(What::READ));
    // To close it sends a reset instead of an end (socket(7)).
    let linger = SockRef::from(&peer).set_linger(Some(Duration::ZERO));
    linger.expect("it has the option");
    drop(peer);
    run_until_told(&mut base, &told);
    let reading = BevEvent::ERROR | BevEvent::READING;
    assert_eq!(told.take(), [Told::Event(reading)]);
    let state = handle.with(&mut base, |bev| {
        let state = (bev.error().map(|error| error.kind()), bev.enabled());
        bev.enable(What::READ | What::WRITE);
        bev.output.add(b"Anybody?");
        state
    });
    let reset = Some(ErrorKind::ConnectionReset);
    assert_eq!(state, Some((reset, What::empty())));
    turns(&mut base);
    assert_eq!(told.take(), []);
}

#[test]
fn a_peer_that_has_gone_is_told_of_when_something_is_sent() {
    for by_handle in [false, true] {
        let (mut base, (socket, peer)) = (base(), pair());
        drop(peer);
        let (told, handle) = given(&mut base, socket, |bev| {
            if !by_handle {
                bev.output.add(b"abc");
            }
        });
        if by_handle {
            handle.with(&mut base, |bev| bev.output.add(b"abc"));
        }
        assert_eq!(told.take(), [], "nobody is called before the loop runs");
        turns(&mut base);
        let writing = BevEvent::ERROR | BevEvent::WRITING;
        assert_eq!(told.take(), [Told::Event(writing)]);
        let kept = handle.with(&mut base, |bev| {
            (bev.output.len(), bev.error().map(|error| error.kind()))
        });
        assert_eq!(kept, Some((3, Some(ErrorKind::BrokenPipe))));
    }
}

#[test]
fn with_nothing_to_be_sent_it_is_freed_at_once() {
    let (mut base, (socket, peer)) = (base(), pair());
    let (told, handle) = given(&mut base, socket, |bev| bev.enable(What::READ));
    handle.with(&mut base, BufferEvent::free_when_flushed);
    assert_eq!(hear(&peer), (vec![], Ends::Yes));
    assert_eq!(handle.with(&mut base, |_| ()), None);
    turns(&mut base);
    assert_eq!(told.take(), []);
}

#[test]
fn what_there_is_room_for_takes_one_turn() {
    let (mut base, (socket, peer)) = (base(), pair());
    let (_, handle) = given(&mut base, socket, |_| {});
    handle.with(&mut base, |bev| {
        bev.output.add(b"abc");
        bev.free_when_flushed();
    });
    turn(&mut base);
    assert_eq!(hear(&peer), (b"abc".to_vec(), Ends::Yes));
    assert_eq!(handle.with(&mut base, |_| ()), None);
}

/// What a bufferevent was told, and how much its input or its output held then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Read(usize),
    Write(usize),
    Event(BevEvent),
}

const ENDED: Told = Told::Event(BevEvent::EOF.union(BevEvent::READING));

/// Callbacks that note what they are told, and do nothing: not even at an error is anything freed.
struct Noting(Rc<RefCell<Vec<Told>>>);

impl Callbacks for Noting {
    fn read(&mut self, _: &mut EventBase, bev: &mut BufferEvent) {
        self.0.borrow_mut().push(Told::Read(bev.input.len()));
    }

    fn write(&mut self, _: &mut EventBase, bev: &mut BufferEvent) {
        self.0.borrow_mut().push(Told::Write(bev.output.len()));
    }

    fn event(&mut self, _: &mut EventBase, _: &mut BufferEvent, what: BevEvent) {
        self.0.borrow_mut().push(Told::Event(what));
    }
}

/// Takes whatever has come out of the input, and notes it.
struct Taking(Rc<RefCell<Vec<Vec<u8>>>>);

impl Callbacks for Taking {
    fn read(&mut self, _: &mut EventBase, bev: &mut BufferEvent) {
        self.0.borrow_mut().push(bev.input.peek().to_vec());
        bev.input.drain(usize::MAX);
    }

    fn event(&mut self, _: &mut EventBase, _: &mut BufferEvent, _: BevEvent) {}
}

fn base() -> EventBase {
    EventBase::new().expect("there are descriptors")
}

/// A socket for a bufferevent, and its peer. What one of them sends, the other has at once.
fn pair() -> (OwnedFd, UnixStream) {
    let (socket, peer) = UnixStream::pair().expect("there are descriptors");
    peer.set_nonblocking(true).expect("a socket");
    (socket.into(), peer)
}

/// Makes a bufferevent of `socket`, prepares it, and gives it to `base`: what it is told from then on,
/// and its handle.
fn given(
    base: &mut EventBase,
    socket: impl Into<Socket>,
    prepare: impl FnOnce(&mut BufferEvent),
) -> (Rc<RefCell<Vec<Told>>>, Handle) {
    let told = Rc::default();
    let mut bev = BufferEvent::socket_new(socket).expect("a socket");
    bev.setcb(Noting(Rc::clone(&told)));
    prepare(&mut bev);
    (told, bev.base_set(base).expect("it can be watched"))
}

/// How much it holds: received, and not taken out.
fn input(handle: &Handle, base: &mut EventBase) -> usize {
    let length = handle.with(base, |bev| bev.input.len());
    length.expect("it has not been freed")
}

/// One turn of the loop, without sleep: all that is ready by now is told, once.
fn turn(base: &mut EventBase) {
    base.run_loop(Loop::NONBLOCK).expect("it can wait");
}

/// More of them than anything here needs.
fn turns(base: &mut EventBase) {
    for _ in 0..20 {
        turn(base);
    }
}

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs the loop until something has been told.
fn run_until_told(base: &mut EventBase, told: &RefCell<Vec<Told>>) {
    base.once(PATIENCE, |_| panic!("nothing is told"));
    while told.borrow().is_empty() {
        base.run_loop(Loop::ONCE).expect("it can wait");
    }
}

/// Does anything come after what has been heard?
#[derive(Debug, PartialEq, Eq)]
enum Ends {
    Yes,
    No,
}

/// All that has come, and whether that is the end of it.
fn hear(mut peer: &UnixStream) -> (Vec<u8>, Ends) {
    let mut heard = Vec::new();
    match peer.read_to_end(&mut heard) {
        Ok(_) => (heard, Ends::Yes),
        Err(error) if error.kind() == ErrorKind::WouldBlock => (heard, Ends::No),
        Err(error) => panic!("the peer cannot receive: {error}"),
    }
}
