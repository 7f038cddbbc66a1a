// ANCHOR: head
use super::{BufferEvent, Life, State};
use crate::{BevEvent, Callbacks};
use event_loop_server::{EventBase, What};
use std::io::{self, ErrorKind};

// ANCHOR_END: head

// ANCHOR: ready
impl BufferEvent {
    /// The base calls: the socket is ready for `ready`.
    pub(super) fn on_ready(&mut self, base: &mut EventBase, ready: What) {
        if let State::Connecting = self.state {
            self.finish_connecting(base);
        }
        let mut done = What::empty();
        // Asked each time: a callback may have changed what is wanted.
        if (ready & self.interest()).contains(What::READ) {
            done.set(What::READ, self.receive(base));
        }
        if self.interest().contains(What::WRITE) {
            done.set(What::WRITE, self.send(base));
        }
        self.finish_turn(base, done);
    }

    /// What can be received or sent as soon as the kernel says so.
    fn interest(&self) -> What {
        let is_full = self.room() == 0;
        let possible = match (&self.state, self.life) {
            (State::Connecting | State::Broken(_), _) | (_, Life::Freed) => What::empty(),
            (State::Open, Life::Kept) if !is_full => What::READ | What::WRITE,
            (State::Open | State::HalfClosed, _) => What::WRITE,
        };
        let mut interest = possible & self.enabled;
        if self.output.is_empty() {
            interest.remove(What::WRITE);
        }
        interest
    }

    /// How much may be received before the input is full.
    fn room(&self) -> usize {
        match self.read_high {
            0 => usize::MAX,
            high => high.saturating_sub(self.input.len()),
        }
    }
    // ANCHOR_END: ready

    // ANCHOR: receive
    /// Receives once, and calls back. Has anything come?
    fn receive(&mut self, base: &mut EventBase) -> bool {
        match self.input.read(&self.socket, self.room()) {
            Ok(0) => {
                // ANCHOR: task-end
                self.state = State::HalfClosed;
                self.disable(What::READ);
                self.run_eventcb(base, BevEvent::EOF | BevEvent::READING);
                // ANCHOR_END: task-end
                false
            }
            Ok(_) => {
                if self.input.len() >= self.read_low {
                    self.call_back(base, |it, base, bev| it.read(base, bev));
                }
                true
            }
            Err(error) if is_transient(&error) => false,
            Err(error) => {
                self.fail(base, BevEvent::READING, error);
                false
            }
        }
    }
    // ANCHOR_END: receive

    // ANCHOR: send
    /// Sends once, and calls back. Was anything taken?
    fn send(&mut self, base: &mut EventBase) -> bool {
        match self.output.write(&self.socket) {
            Ok(_) => {
                if self.output.len() <= self.write_low {
                    self.call_back(base, |it, base, bev| it.write(base, bev));
                }
                true
            }
            Err(error) if is_transient(&error) => false,
            Err(error) => {
                self.fail(base, BevEvent::WRITING, error);
                false
            }
        }
    }
    // ANCHOR_END: send

    // ANCHOR: call_back
    /// Calls, unless the bufferevent has been freed. The callbacks are taken out of it while they
    /// run, as all of it is lent to them; if they have set others meanwhile, those stay.
    fn call_back(
        &mut self,
        base: &mut EventBase,
        call: impl FnOnce(&mut dyn Callbacks, &mut EventBase, &mut BufferEvent),
    ) {
        if self.life != Life::Freed
            && let Some(mut callbacks) = self.callbacks.take()
        {
            call(&mut *callbacks, base, self);
            self.callbacks.get_or_insert(callbacks);
        }
    }

    pub(super) fn run_eventcb(&mut self, base: &mut EventBase, what: BevEvent) {
        self.call_back(base, |it, base, bev| it.event(base, bev, what));
    }

    pub(super) fn fail(&mut self, base: &mut EventBase, direction: BevEvent, error: io::Error) {
        self.state = State::Broken(error);
        self.disable(What::READ | What::WRITE);
        self.run_eventcb(base, BevEvent::ERROR | direction);
    }
    // ANCHOR_END: call_back

    // ANCHOR: update
    /// All callbacks of the turn have returned: the base lets go of what was freed, or is told what
    /// to wait for.
    pub(super) fn finish_turn(&mut self, base: &mut EventBase, done: What) {
        while let Err(error) = self.update(base, done) {
            // Where nothing is wanted any more, the second time succeeds.
            self.fail(base, BevEvent::WRITING, error);
        }
    }

    /// The same, but that the kernel may refuse to watch for it.
    pub(super) fn update(&mut self, base: &mut EventBase, done: What) -> io::Result<()> {
        // ANCHOR: task-flushed
        let is_flushed = self.output.is_empty() || matches!(self.state, State::Broken(_));
        if self.life == Life::Flushing && is_flushed {
            self.free();
        }
        // ANCHOR_END: task-flushed
        // Without an event of this base, it is another one: a callback has said `*bev = another`.
        if self.life == Life::Freed || !base.has(self.event) {
            self.close(base);
            return Ok(());
        }
        self.input.shrink();
        self.output.shrink();
        self.watch(base)?;
        self.set_timer(base, done);
        Ok(())
    }
    // ANCHOR_END: update

    // ANCHOR: watch
    /// Has the base wait for what is wanted: nearly always that is what it was before.
    fn watch(&mut self, base: &mut EventBase) -> io::Result<()> {
        let interest = match self.state {
            State::Connecting => What::WRITE,
            _ => self.interest(),
        };
        if interest == self.watched {
            return Ok(());
        }
        if interest.is_empty() {
            base.event_del(self.event);
        } else {
            base.event_change(self.event, interest | What::PERSIST)?;
            base.event_add(self.event, None)?;
        }
        self.watched = interest;
        Ok(())
    }
    // ANCHOR_END: watch

    // ANCHOR: close
    /// The base lets go of it; it is dropped when the callback that is running has returned.
    pub(super) fn close(&mut self, base: &mut EventBase) {
        self.free();
        base.event_free(self.event);
        self.stop_timer(base);
    }
}

/// Did a call fail only because it would have had to sleep, or was interrupted by a signal?
fn is_transient(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
// ANCHOR_END: close
