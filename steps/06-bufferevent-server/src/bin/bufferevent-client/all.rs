use bufferevent_server::{BufferEvent, Handle};
use event_loop_server::EventBase;
use shared::Tally;
use std::cell::{Cell, RefCell};
use std::net::Shutdown;
use std::time::Duration;

/// When so many bytes wait for one of the servers, nothing more is read from standard input.
const HIGH_WATER: usize = 64 * 1024;

/// What all conversations share.
pub(crate) struct All {
    pub(crate) servers: RefCell<Vec<Handle>>,
    pub(crate) timeout: Duration,
    /// How many conversations have not ended.
    pub(crate) open: Cell<usize>,
    /// Has every server answered everything?
    pub(crate) is_well: Cell<bool>,
    /// What has been read from standard input.
    pub(crate) said: Cell<Tally>,
    pub(crate) input_has_ended: Cell<bool>,
}

impl All {
    pub(crate) fn new(timeout: Duration, conversations: usize) -> All {
        All {
            servers: RefCell::default(),
            timeout,
            open: Cell::new(conversations),
            is_well: Cell::new(true),
            said: Cell::default(),
            input_has_ended: Cell::new(false),
        }
    }

    /// One conversation less.
    pub(crate) fn conversation_ended(&self, well: bool) {
        self.open.update(|it| it - 1);
        self.is_well.set(self.is_well.get() && well);
    }

    /// Have all servers taken nearly all that was said?
    pub(crate) fn is_keeping_up(&self, base: &mut EventBase) -> bool {
        let servers = self.servers.borrow();
        let mut waiting = servers
            .iter()
            .filter_map(|server| server.with(base, |bev| bev.output.len()));
        waiting.all(|it| it < HIGH_WATER)
    }

    /// Half-closes when standard input has ended and a server has been sent all of it.
    pub(crate) fn half_close(&self, bev: &BufferEvent) {
        if self.input_has_ended.get() && bev.output.is_empty() && !bev.is_connecting() {
            let _ = bev.socket().shutdown(Shutdown::Write);
        }
    }
}
