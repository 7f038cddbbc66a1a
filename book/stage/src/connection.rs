//! A connection, as the two kernels hold it: what is on its way in each direction, and its ends.

use std::collections::VecDeque;

/// How many bytes a queue of a socket holds.
#[derive(Clone, Copy, Debug)]
pub struct Queues {
    /// What the server has not received yet.
    pub inbound: usize,
    /// What the client has not read yet, on both sides of the network.
    pub outbound: usize,
}

impl Queues {
    /// Small enough that a few clicks fill them.
    pub const SMALL: Queues = Queues {
        inbound: 64 * 1024,
        outbound: 64 * 1024,
    };
    /// So large that nothing a test says fills them, as those of the system are.
    pub const LARGE: Queues = Queues {
        inbound: 4 << 20,
        outbound: 4 << 20,
    };
}

/// A connection with one client.
#[derive(Debug)]
pub(crate) struct Connection {
    /// Its client, counted from 1.
    pub(crate) client: usize,
    limits: Queues,
    /// What the client says and the server's kernel has no room for: the client sleeps in `send`.
    stuck: VecDeque<u8>,
    inbound: VecDeque<u8>,
    outbound: VecDeque<u8>,
    /// The client says nothing more. The server learns of it when all is received.
    half_closed: bool,
    /// The client has broken it off, and the server has not been told yet.
    pub(crate) reset: bool,
    /// Nobody is at the client's end any more.
    pub(crate) abandoned: bool,
    /// The client reads what comes.
    pub(crate) reads: bool,
    /// What the client has read.
    pub(crate) heard: Vec<u8>,
    /// How many descriptors of the server stand for it; none before it is accepted.
    pub(crate) holders: usize,
    pub(crate) accepted: bool,
    /// What the server's program has received, and what its kernel has taken from it.
    pub(crate) received: usize,
    pub(crate) sent: usize,
}

impl Connection {
    pub(crate) fn new(client: usize, limits: Queues) -> Connection {
        Connection {
            client,
            limits,
            stuck: VecDeque::new(),
            inbound: VecDeque::new(),
            outbound: VecDeque::new(),
            half_closed: false,
            reset: false,
            abandoned: false,
            reads: true,
            heard: Vec::new(),
            holders: 0,
            accepted: false,
            received: 0,
            sent: 0,
        }
    }

    /// The client says this.
    pub(crate) fn say(&mut self, bytes: &[u8]) {
        self.stuck.extend(bytes);
        self.flow();
    }

    pub(crate) fn half_close(&mut self) {
        self.half_closed = true;
    }

    /// What has come by then can still be received, as Linux has it.
    pub(crate) fn break_off(&mut self) {
        self.reset = true;
        self.abandoned = true;
        self.stuck.clear();
        self.outbound.clear();
    }

    /// Nothing stands for it any more at the server: the client reads the end of the stream.
    pub(crate) fn is_closed(&self) -> bool {
        self.accepted && self.holders == 0
    }

    pub(crate) fn has_half_closed(&self) -> bool {
        self.half_closed
    }

    pub(crate) fn stuck(&self) -> usize {
        self.stuck.len()
    }

    pub(crate) fn inbound(&self) -> usize {
        self.inbound.len()
    }

    pub(crate) fn outbound(&self) -> usize {
        self.outbound.len()
    }

    /// The end of the stream has come, and all before it has been received.
    pub(crate) fn is_at_end(&self) -> bool {
        self.half_closed && self.stuck.is_empty() && self.inbound.is_empty()
    }

    pub(crate) fn is_readable(&self) -> bool {
        !self.inbound.is_empty() || self.is_at_end() || self.reset || self.abandoned
    }

    /// As Linux has it: not for a single byte's room, but from a third on.
    pub(crate) fn is_writable(&self) -> bool {
        self.outbound.len() <= self.limits.outbound / 3 * 2 || self.reset || self.abandoned
    }

    /// Moves what can move: a client that reads does so at once.
    pub(crate) fn flow(&mut self) {
        let room = self.limits.inbound - self.inbound.len();
        let comes = self.stuck.len().min(room);
        self.inbound.extend(self.stuck.drain(..comes));
        if self.reads {
            self.heard.extend(self.outbound.drain(..));
        }
        if self.is_closed() && self.outbound.is_empty() && self.reads {
            self.abandoned = true;
        }
    }

    /// What the server's program receives.
    pub(crate) fn receive(&mut self, size: usize) -> Vec<u8> {
        let count = self.inbound.len().min(size);
        let bytes: Vec<u8> = self.inbound.drain(..count).collect();
        self.received += count;
        self.flow();
        bytes
    }

    /// Takes what there is room for.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> usize {
        let room = self.limits.outbound - self.outbound.len();
        let taken = bytes.len().min(room);
        self.outbound.extend(&bytes[..taken]);
        self.sent += taken;
        self.flow();
        taken
    }

    /// What the server's program holds for it: received, and not sent yet.
    pub(crate) fn held(&self) -> usize {
        match self.accepted && self.holders > 0 {
            true => self.received.saturating_sub(self.sent),
            false => 0,
        }
    }
}
