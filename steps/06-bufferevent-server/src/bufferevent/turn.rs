// ANCHOR: head
use super::{BufferEvent, Life, Timeouts, comes_to_nothing};
use crate::clock::Clock;
use crate::{BevEvent, Callbacks, EvBuffer};
use event_loop_server::{EventBase, What};
use std::io;
use std::mem;
use std::time::{Duration, Instant};
// ANCHOR_END: head

// ANCHOR: turn
impl BufferEvent {
    /// Something has happened to its socket.
    pub(super) fn turn(&mut self, base: &mut EventBase, what: What) {
        if self.owes_error {
            self.tell_error(base, BevEvent::WRITING);
        } else if self.is_connecting && !what.is_empty() {
            self.finish_connecting(base);
        }
        // A callback may have changed its mind about what was asked for.
        let wanted = what & self.wanted();
        let received = wanted.contains(What::READ) && self.receive(base);
        let sent = self.send(base);
        self.settle(base, received, sent);
    }

    /// Calls back, unless it has been freed. While that runs, the callbacks own themselves: they may
    /// be replaced.
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

    fn tell(&mut self, base: &mut EventBase, what: BevEvent) {
        self.call_back(base, |it, base, bev| it.event(base, bev, what));
    }

    /// It is broken: tells so, and does nothing any more.
    fn fail(&mut self, base: &mut EventBase, direction: BevEvent, error: io::Error) {
        self.owe(error);
        self.tell_error(base, direction);
    }

    fn tell_error(&mut self, base: &mut EventBase, direction: BevEvent) {
        self.owes_error = false;
        self.disable(What::READ | What::WRITE);
        self.tell(base, BevEvent::ERROR | direction);
    }

    /// It is broken, which is told in a turn of its own.
    pub(super) fn owe(&mut self, error: io::Error) {
        self.error = Some(error);
        self.owes_error = true;
    }

    fn is_broken(&self) -> bool {
        self.error.is_some()
    }

    /// The kernel has come to an end with the connection, one way or the other (`connect(2)`).
    fn finish_connecting(&mut self, base: &mut EventBase) {
        self.is_connecting = false;
        match self.socket.take_error() {
            Ok(None) => self.tell(base, BevEvent::CONNECTED),
            Ok(Some(error)) | Err(error) => self.fail(base, BevEvent::WRITING, error),
        }
    }
    // ANCHOR_END: turn

    // ANCHOR: receive
    /// Receives once, and has it told. Was there anything?
    fn receive(&mut self, base: &mut EventBase) -> bool {
        let room = match self.read_high {
            0 => usize::MAX,
            high => high.saturating_sub(self.input.len()),
        };
        let mut has_come = false;
        match self.input.read(&self.socket, room) {
            Ok(0) => {
                self.has_ended = true;
                self.disable(What::READ);
                self.tell(base, BevEvent::EOF | BevEvent::READING);
            }
            Ok(_) => {
                has_come = true;
                if self.input.len() >= self.read_low {
                    self.call_back(base, |it, base, bev| it.read(base, bev));
                }
            }
            Err(error) if comes_to_nothing(&error) => {}
            Err(error) => self.fail(base, BevEvent::READING, error),
        }
        self.input.shrink();
        has_come
    }

    /// Sends once, and has it told. Was anything taken?
    fn send(&mut self, base: &mut EventBase) -> bool {
        let sent = match self.try_send() {
            Ok(sent) => sent,
            Err(error) => {
                self.fail(base, BevEvent::WRITING, error);
                false
            }
        };
        let owes_write = mem::take(&mut self.owes_write) && !self.is_broken();
        if (sent || owes_write) && self.output.len() <= self.write_low {
            self.call_back(base, |it, base, bev| it.write(base, bev));
        }
        sent
    }

    fn try_send(&mut self) -> io::Result<bool> {
        let may_send = !self.is_connecting && !self.is_broken() && self.life != Life::Freed;
        if self.output.is_empty() || !may_send || !self.enabled.contains(What::WRITE) {
            return Ok(false);
        }
        match self.output.write(&self.socket) {
            Ok(_) => Ok(true),
            Err(error) if comes_to_nothing(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Sends what somebody else has added. What there is to tell of it is told in the next turn: the
    /// one who has added it may be in the middle of something.
    pub(super) fn flush(&mut self, base: &mut EventBase) {
        let sent = match self.try_send() {
            Ok(sent) => sent,
            Err(error) => {
                self.owe(error);
                false
            }
        };
        self.owes_write |= sent && self.output.len() <= self.write_low;
        self.settle(base, false, sent);
    }
    // ANCHOR_END: receive

    // ANCHOR: settle
    /// What it waits for, as it is now.
    fn wanted(&self) -> What {
        let mut wanted = What::empty();
        if self.is_broken() {
            return wanted;
        }
        let is_full = self.read_high > 0 && self.input.len() >= self.read_high;
        let may_come = !self.is_connecting && !self.has_ended && self.life == Life::Lives;
        wanted.set(What::READ, may_come && !is_full);
        wanted.set(What::WRITE, !self.output.is_empty() || self.owes_write);
        wanted &= self.enabled;
        wanted.set(
            What::WRITE,
            wanted.contains(What::WRITE) || self.is_connecting,
        );
        wanted
    }

    /// Whatever was done to it takes effect now.
    fn settle(&mut self, base: &mut EventBase, received: bool, sent: bool) {
        if self.output.is_empty() {
            self.output = EvBuffer::new(); // there may be room in it that was not needed
        }
        let is_over = self.output.is_empty() || self.is_broken();
        if self.life == Life::Closing && is_over && !self.owes_error {
            self.free();
        }
        if self.life == Life::Freed {
            return self.end(base);
        }
        if let Err(error) = self.watch(base) {
            self.owe(error);
        }
        if self.owes_error {
            let me = self.me.clone();
            base.once(Duration::ZERO, move |base| {
                if let Some(bev) = me.upgrade() {
                    bev.borrow_mut().turn(base, What::empty());
                }
            });
        }
        self.set_timer(base, received, sent);
    }

    /// Has the base wait for what is wanted: nearly always that is what it was before.
    pub(super) fn watch(&mut self, base: &mut EventBase) -> io::Result<()> {
        let wanted = self.wanted();
        if wanted == self.watched {
            return Ok(());
        }
        self.watched = wanted;
        if wanted.is_empty() {
            base.event_del(self.event);
            return Ok(());
        }
        base.event_change(self.event, wanted | What::PERSIST)?;
        base.event_add(self.event, None)
    }

    /// The base lets go of it, and whoever has the last hand on it drops it.
    pub(super) fn end(&mut self, base: &mut EventBase) {
        self.free();
        base.event_free(self.event);
        if let Some(timeouts) = self.timeouts.take() {
            base.event_free(timeouts.timer);
        }
    }
    // ANCHOR_END: settle

    // ANCHOR: timer
    /// Brings its time-outs up to date.
    fn set_timer(&mut self, base: &mut EventBase, received: bool, sent: bool) {
        let Some(timeouts) = &mut self.timeouts else {
            return;
        };
        let now = Instant::now();
        let reading = self.watched.contains(What::READ);
        let writing = self.watched.contains(What::WRITE);
        timeouts.read.update(reading, received, now);
        timeouts.write.update(writing, sent, now);
        let due = [timeouts.read.due(), timeouts.write.due()];
        let due = due.into_iter().flatten().min();
        // A timer that wakes too early looks again. To move it whenever a byte comes costs more.
        if due.is_some() && timeouts.wakes.is_some() && timeouts.wakes <= due {
            return;
        }
        timeouts.wakes = due;
        let Some(due) = due else {
            return base.event_del(timeouts.timer);
        };
        let wait = due.saturating_duration_since(now);
        if base.event_add(timeouts.timer, Some(wait)).is_err() {
            // There is none yet.
            let me = self.me.clone();
            timeouts.timer = base.evtimer_new(What::empty(), move |base, timer, _| {
                match me.upgrade() {
                    Some(bev) => bev.borrow_mut().time_out(base),
                    None => base.event_free(timer), // a callback has panicked, and taken it along
                }
            });
            let _ = base.event_add(timeouts.timer, Some(wait));
        }
    }

    /// The timer has woken it.
    fn time_out(&mut self, base: &mut EventBase) {
        let now = Instant::now();
        let Some(timeouts) = &mut self.timeouts else {
            return;
        };
        timeouts.wakes = None;
        let is_due = timeouts.read.is_over(now) || timeouts.write.is_over(now);
        // Bytes that have come in time are no time-out, even if the loop has not got to them: it is
        // told of so many sockets at once, and somebody's callback may have taken long.
        if is_due && (!self.is_connecting || self.socket.peer_addr().is_ok()) {
            self.turn(base, self.watched);
        }
        if self.has_passed(|it| &mut it.read, now) {
            self.disable(What::READ);
            self.tell(base, BevEvent::TIMEOUT | BevEvent::READING);
        }
        if self.has_passed(|it| &mut it.write, now) {
            self.disable(What::WRITE);
            if mem::take(&mut self.is_connecting) {
                self.error = Some(io::ErrorKind::TimedOut.into());
            }
            self.tell(base, BevEvent::TIMEOUT | BevEvent::WRITING);
        }
        if self.life == Life::Closing && !self.enabled.contains(What::WRITE) {
            self.free(); // the last bytes cannot be sent
        }
        self.settle(base, false, false);
    }

    fn has_passed(&mut self, clock: impl Fn(&mut Timeouts) -> &mut Clock, now: Instant) -> bool {
        let timeouts = self.timeouts.as_mut();
        timeouts.is_some_and(|it| clock(it).has_passed(now))
    }
}
// ANCHOR_END: timer
