//! Callbacks that note what they are told, and then do what a test wants.

use crate::support::Log;
use bufferevent_server::{BevEvent, BufferEvent, Callbacks};
use event_loop_server::EventBase;

/// What a bufferevent was told, and how much it held then: after receiving in its input, after
/// sending in its output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Read(usize),
    Write(usize),
    Event(BevEvent),
}

type Act = Box<dyn FnMut(&mut EventBase, &mut BufferEvent)>;
type EventAct = Box<dyn FnMut(&mut EventBase, &mut BufferEvent, BevEvent)>;

/// Unless told otherwise, they do nothing: not even at an error is anything freed.
pub(crate) struct Calls {
    log: Log<Told>,
    read: Act,
    write: Act,
    event: EventAct,
}

impl Calls {
    pub(crate) fn noting(log: &Log<Told>) -> Calls {
        Calls {
            log: log.clone(),
            read: Box::new(|_, _| {}),
            write: Box::new(|_, _| {}),
            event: Box::new(|_, _, _| {}),
        }
    }

    pub(crate) fn on_read(
        mut self,
        act: impl FnMut(&mut EventBase, &mut BufferEvent) + 'static,
    ) -> Calls {
        self.read = Box::new(act);
        self
    }

    pub(crate) fn on_write(
        mut self,
        act: impl FnMut(&mut EventBase, &mut BufferEvent) + 'static,
    ) -> Calls {
        self.write = Box::new(act);
        self
    }

    pub(crate) fn on_event(
        mut self,
        act: impl FnMut(&mut EventBase, &mut BufferEvent, BevEvent) + 'static,
    ) -> Calls {
        self.event = Box::new(act);
        self
    }
}

impl Callbacks for Calls {
    fn read(&mut self, base: &mut EventBase, bev: &mut BufferEvent) {
        self.log.note(Told::Read(bev.input.len()));
        (self.read)(base, bev);
    }

    fn write(&mut self, base: &mut EventBase, bev: &mut BufferEvent) {
        self.log.note(Told::Write(bev.output.len()));
        (self.write)(base, bev);
    }

    fn event(&mut self, base: &mut EventBase, bev: &mut BufferEvent, what: BevEvent) {
        self.log.note(Told::Event(what));
        (self.event)(base, bev, what);
    }
}
