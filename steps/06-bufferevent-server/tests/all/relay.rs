//! Bufferevents that pass on to each other what they receive, and hold each other back.

use crate::peer::{Peer, narrow_pair, pair};
use crate::support::{Base, base, turn};
use bufferevent_server::{BevEvent, BufferEvent, Callbacks, Handle, RECEIVE_SIZE};
use event_loop_server::{EventBase, What};
use socket2::Socket;
use std::cell::{Cell, RefCell};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::rc::Rc;

/// From so many unsent bytes on, the other side is not listened to.
const HIGH_WATER: usize = 20_000;
/// When no more than so many are left, it is again.
const LOW_WATER: usize = 5_000;

/// One side of a relay.
struct Side {
    /// The other one, as soon as it is there.
    other: Rc<RefCell<Option<Handle>>>,
    /// The most that was ever unsent.
    most: Rc<Cell<usize>>,
    /// How often the other one was told to wait.
    waits: Rc<Cell<usize>>,
}

impl Side {
    fn with_other<T>(
        &self,
        base: &mut EventBase,
        act: impl FnOnce(&mut BufferEvent) -> T,
    ) -> Option<T> {
        let other = self.other.borrow();
        other.as_ref().and_then(|other| other.with(base, act))
    }
}

impl Callbacks for Side {
    fn read(&mut self, base: &mut EventBase, bev: &mut BufferEvent) {
        self.with_other(base, |other| other.output.add(bev.input.peek()));
        bev.input.drain(usize::MAX);
        // What there was room for has been sent by now.
        let unsent = self
            .with_other(base, |other| other.output.len())
            .unwrap_or(0);
        self.most.update(|most| most.max(unsent));
        if unsent >= HIGH_WATER {
            self.waits.update(|it| it + 1);
            bev.disable(What::READ);
        }
    }

    fn write(&mut self, base: &mut EventBase, _: &mut BufferEvent) {
        self.with_other(base, |other| other.enable(What::READ));
    }

    fn event(&mut self, base: &mut EventBase, bev: &mut BufferEvent, what: BevEvent) {
        assert_eq!(what, BevEvent::EOF | BevEvent::READING);
        self.with_other(base, BufferEvent::free_when_flushed);
        bev.free_when_flushed();
    }
}

/// What a relay has seen.
#[derive(Default)]
struct Seen {
    most: Rc<Cell<usize>>,
    waits: Rc<Cell<usize>>,
}

/// Passes on what either of two sockets receives to the other.
fn relay(base: &mut Base, seen: &Seen, sockets: [Socket; 2]) {
    let places: [Rc<RefCell<Option<Handle>>>; 2] = Default::default();
    for (number, socket) in sockets.into_iter().enumerate() {
        let mut bev = BufferEvent::socket_new(socket).expect("a socket");
        bev.setcb(Side {
            other: Rc::clone(&places[1 - number]),
            most: Rc::clone(&seen.most),
            waits: Rc::clone(&seen.waits),
        });
        bev.setwatermark(What::WRITE, LOW_WATER, 0);
        bev.enable(What::READ);
        let handle = bev.base_set(base).expect("it can be watched");
        *places[number].borrow_mut() = Some(handle);
    }
}

/// Says all of `said`, as it fits; then has said all.
struct Speaker<'a> {
    peer: &'a Peer,
    unsaid: &'a [u8],
    has_finished: bool,
}

impl Speaker<'_> {
    fn say(&mut self) {
        let said = self.peer.say_what_fits(self.unsaid);
        self.unsaid = &self.unsaid[said..];
    }

    fn finish(&mut self) {
        if self.unsaid.is_empty() && !self.has_finished {
            self.has_finished = true;
            self.peer.finish();
        }
    }
}

fn words(seed: usize, length: usize) -> Vec<u8> {
    (0..length)
        .map(|at| ((at + seed) ^ ((at >> 8) * 31)) as u8)
        .collect()
}

#[test]
fn a_chain_of_relays_passes_on_every_byte_both_ways_and_keeps_little() {
    let (mut base, seen) = (base(), Seen::default());
    // Client, three relays, server: four wires of little room.
    let (first, client) = narrow_pair();
    let (second, third) = narrow_sockets();
    let (fourth, fifth) = narrow_sockets();
    let (sixth, server) = narrow_pair();
    for sockets in [[first, second], [third, fourth], [fifth, sixth]] {
        relay(&mut base, &seen, sockets);
    }
    let (there, back) = (words(1, 300_000), words(2, 200_000));
    let mut question = Speaker {
        peer: &client,
        unsaid: &there,
        has_finished: false,
    };
    let mut answer = Speaker {
        peer: &server,
        unsaid: &back,
        has_finished: false,
    };
    let (mut at_server, mut at_client) = (Vec::new(), Vec::new());
    let mut turns = 0;
    while at_server.len() < there.len() || at_client.len() < back.len() {
        question.say();
        answer.say();
        turn(&mut base);
        turns += 1;
        assert!(turns < 100_000, "it has come to a standstill");
        // Each of them is busy with something else now and then.
        if turns % 7 != 0 {
            at_client.extend(client.hear());
        }
        if turns % 20 > 10 {
            at_server.extend(server.hear());
        }
    }
    assert!(at_server == there && at_client == back);
    assert!(
        seen.waits.get() > 10,
        "nobody was held back: {}",
        seen.waits.get()
    );
    let most = seen.most.get();
    assert!(most < HIGH_WATER + RECEIVE_SIZE, "{most} bytes unsent");
    // The end of one connection goes through all of them, and is the end of the loop.
    question.finish();
    base.dispatch().expect("it ends by itself");
    assert!(client.sees_the_end() && server.sees_the_end());
}

/// Two sockets, connected, with next to no room both ways.
fn narrow_sockets() -> (Socket, Socket) {
    let (one, other) = UnixStream::pair().expect("there are descriptors");
    let [one, other] = [one, other].map(|socket| Socket::from(OwnedFd::from(socket)));
    for socket in [&one, &other] {
        let set = socket.set_send_buffer_size(1);
        set.expect("any size will do");
    }
    (one, other)
}

#[test]
fn what_was_relayed_before_the_end_is_all_there() {
    let (mut base, seen) = (base(), Seen::default());
    let ((one, client), (other, server)) = (pair(), narrow_pair());
    relay(&mut base, &seen, [one, other]);
    let said = words(3, 60_000);
    let mut speaker = Speaker {
        peer: &client,
        unsaid: &said,
        has_finished: false,
    };
    let mut heard = Vec::new();
    while !speaker.unsaid.is_empty() {
        speaker.say();
        turn(&mut base);
        heard.extend(server.hear());
    }
    speaker.finish();
    while heard.len() < said.len() {
        turn(&mut base);
        heard.extend(server.hear());
    }
    assert!(heard == said);
    base.dispatch().expect("it ends by itself");
    assert!(client.sees_the_end() && server.sees_the_end());
}
