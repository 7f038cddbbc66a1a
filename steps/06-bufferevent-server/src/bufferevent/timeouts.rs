// ANCHOR: head
use super::clock::Clock;
use super::{BufferEvent, Life, State};
use crate::BevEvent;
use event_loop_server::{Event, EventBase, What};
use std::io::ErrorKind;
use std::time::{Duration, Instant};

// ANCHOR_END: head

// ANCHOR: timeouts
/// Only those who want time-outs have memory for them.
#[derive(Default)]
pub(super) struct Timeouts {
    read: Clock,
    write: Clock,
    timer: Event,
    /// When the timer wakes it, if it is pending.
    wakes: Option<Instant>,
}

impl BufferEvent {
    /// The longest time in which nothing comes, while it receives, and in which nothing can be sent,
    /// while something is there to be sent: `bufferevent_set_timeouts`. Then the event callback is
    /// called, and that direction is disabled. Both begin anew.
    pub fn set_timeouts(&mut self, read: Option<Duration>, write: Option<Duration>) {
        if self.timeouts.is_some() || read.is_some() || write.is_some() {
            let timeouts = self.timeouts.get_or_insert_default();
            (timeouts.read, timeouts.write) = (Clock::new(read), Clock::new(write));
        }
    }
    // ANCHOR_END: timeouts

    // ANCHOR: timer
    /// Brings its time-outs up to date.
    pub(super) fn set_timer(&mut self, base: &mut EventBase, done: What) {
        let Some(timeouts) = &mut self.timeouts else {
            return;
        };
        let now = Instant::now();
        for (clock, what) in [
            (&mut timeouts.read, What::READ),
            (&mut timeouts.write, What::WRITE),
        ] {
            clock.update(self.watched.contains(what), done.contains(what), now);
        }
        let due = [timeouts.read.due(), timeouts.write.due()];
        let due = due.into_iter().flatten().min();
        // A timer that wakes too early looks again. To move it whenever a byte comes costs more.
        if due.is_some() && timeouts.wakes.is_some() && timeouts.wakes <= due {
            return;
        }
        timeouts.wakes = due;
        match due {
            Some(due) => self.wake_after(base, due.saturating_duration_since(now)),
            None => base.event_del(timeouts.timer),
        }
    }
    // ANCHOR_END: timer

    // ANCHOR: wake
    fn wake_after(&mut self, base: &mut EventBase, wait: Duration) {
        let Some(timeouts) = &mut self.timeouts else {
            return;
        };
        if base.event_add(timeouts.timer, Some(wait)).is_err() {
            // There is none yet.
            let me = self.me.clone();
            timeouts.timer = base.evtimer_new(What::empty(), move |base, timer, _| {
                match me.upgrade() {
                    Some(bev) => bev.borrow_mut().on_timer(base),
                    None => base.event_free(timer), // a callback has panicked, and taken it along
                }
            });
            let _ = base.event_add(timeouts.timer, Some(wait));
        }
    }

    pub(super) fn stop_timer(&mut self, base: &mut EventBase) {
        if let Some(timeouts) = self.timeouts.take() {
            base.event_free(timeouts.timer);
        }
    }
    // ANCHOR_END: wake

    // ANCHOR: time_out
    /// The timer has woken it.
    fn on_timer(&mut self, base: &mut EventBase) {
        let now = Instant::now();
        let Some(timeouts) = &mut self.timeouts else {
            return;
        };
        timeouts.wakes = None;
        let is_due = timeouts.read.is_over(now) || timeouts.write.is_over(now);
        // Bytes that have come in time are no time-out, even if the loop has not got to them: another
        // callback may have taken long. Without a peer, it is still connecting: that its socket holds
        // no error says nothing yet.
        if is_due && (!self.is_connecting() || self.socket.peer_addr().is_ok()) {
            self.on_ready(base, self.watched);
        }
        if self.has_passed(|it| &mut it.read, now) {
            self.disable(What::READ);
            self.run_eventcb(base, BevEvent::TIMEOUT | BevEvent::READING);
        }
        if self.has_passed(|it| &mut it.write, now) {
            self.disable(What::WRITE);
            if self.is_connecting() {
                self.state = State::Broken(ErrorKind::TimedOut.into());
            }
            self.run_eventcb(base, BevEvent::TIMEOUT | BevEvent::WRITING);
        }
        if self.life == Life::Flushing && !self.enabled.contains(What::WRITE) {
            self.free(); // the last bytes cannot be sent
        }
        self.finish_turn(base, What::empty());
    }

    fn has_passed(&mut self, clock: impl Fn(&mut Timeouts) -> &mut Clock, now: Instant) -> bool {
        let timeouts = self.timeouts.as_mut();
        timeouts.is_some_and(|it| clock(it).has_passed(now))
    }
}
// ANCHOR_END: time_out
