// ANCHOR: callbacks
use crate::BufferEvent;
use event_loop_server::EventBase;

/// What is called when something has happened to a bufferevent, and what these calls share.
///
/// A callback may do anything to the bufferevent, free it included, and anything with the base but
/// run it. One that panics ends the loop, and nothing is called for its bufferevent any more.
pub trait Callbacks {
    /// Something was received, and the input holds at least as much as the low mark for reading.
    /// What is not taken out stays there, and is not reported again before more has come.
    fn read(&mut self, base: &mut EventBase, bev: &mut BufferEvent) {
        let _ = (base, bev);
    }

    /// Something was sent, and the output holds no more than the low mark for writing.
    fn write(&mut self, base: &mut EventBase, bev: &mut BufferEvent) {
        let _ = (base, bev);
    }

    /// Something else has happened. A bufferevent that is freed nowhere else is freed here: at its
    /// end, at an error, at a time-out. The end and an error are reported once.
    fn event(&mut self, base: &mut EventBase, bev: &mut BufferEvent, what: BevEvent);
}
// ANCHOR_END: callbacks

// ANCHOR: flags
bitflags::bitflags! {
    /// What has happened to a bufferevent besides bytes: Libevent's `BEV_EVENT_…` flags.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct BevEvent: u8 {
        /// It happened while receiving.
        const READING = 1 << 0;
        /// It happened while sending or connecting.
        const WRITING = 1 << 1;
        /// The peer has half-closed (`recv(2)` has returned 0). It may still read.
        const EOF = 1 << 4;
        /// The connection is broken, or was never made: [`BufferEvent::error`] says why.
        const ERROR = 1 << 5;
        /// Nothing could be received, or sent, for as long as the time-out says. While connecting,
        /// that is the end of it.
        const TIMEOUT = 1 << 6;
        /// It is connected: [`BufferEvent::connect`] has succeeded.
        const CONNECTED = 1 << 7;
    }
}
// ANCHOR_END: flags
