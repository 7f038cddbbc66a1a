// ANCHOR: head
use crate::event::{Event, Place};
use crate::registration::Registration;
use crate::{Loop, Notifier, What};
use polling::{AsSource, Events, Poller};
use slotmap::SlotMap;
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::{Duration, Instant};

// ANCHOR_END: head

// ANCHOR: structs
/// What is to be called when something happens. The base is lent to it, to add and free events.
type Callback = Box<dyn FnMut(&mut EventBase, Event, What)>;

struct Slot {
    /// None: a timer.
    registration: Option<Registration>,
    what: What,
    is_pending: bool,
    /// The round in which it was last added.
    added: u32,
    /// When its time-out will have passed; with the event itself, its place among the timers.
    due: Option<Instant>,
    /// None while it runs: then the loop has it.
    callback: Option<Callback>,
}

/// Everything that is waited for, and who is called when it happens: `struct event_base`.
///
/// An event is *pending* while it waits: it has been added, and has neither happened (unless it is
/// persistent) nor been deleted.
pub struct EventBase {
    /// It stands in the handles of its events.
    number: u32,
    poller: Arc<Poller>,
    events: SlotMap<Place, Slot>,
    /// Who is due next, and the time-out after which it will be due again.
    timers: BTreeMap<(Instant, Event), Duration>,
    /// How many events are pending.
    pending: usize,
    /// How often it has waited.
    round: u32,
    /// When the last wait ended. Until the next one, this is the time by which time-outs are judged.
    woken: Instant,
    /// The last batch that the system reported. None while the loop runs: then the loop has it.
    happened: Option<Events>,
    /// Whose callback runs.
    running: Option<Event>,
    /// [`EventBase::loopbreak`] was called.
    is_broken: bool,
}
// ANCHOR_END: structs

// ANCHOR: new
impl EventBase {
    /// `event_base_new`.
    ///
    /// # Errors
    ///
    /// When the system has no descriptors left (`epoll_create1(2)`), or cannot report readiness for
    /// as long as it lasts (event ports).
    pub fn new() -> io::Result<EventBase> {
        let poller = Poller::new()?;
        if !poller.supports_level() {
            return Err(io::Error::new(ErrorKind::Unsupported, NO_LEVEL));
        }
        Ok(EventBase {
            number: a_new_number()?,
            poller: Arc::new(poller),
            events: SlotMap::with_key(),
            timers: BTreeMap::new(),
            pending: 0,
            round: 0,
            woken: Instant::now(),
            happened: Some(Events::new()),
            running: None,
            is_broken: false,
        })
    }
}
// ANCHOR_END: new

// ANCHOR: events
impl EventBase {
    /// An event that waits for `source` to be ready for what is in `what`, once it has been added:
    /// `event_new`. The base keeps the source open until the event is freed.
    ///
    /// The source is asked for its descriptor when the event is added. Should it ever give another
    /// one, that is watched only after the event has been deleted and added again.
    pub fn event_new(
        &mut self,
        source: Rc<impl AsSource + 'static>,
        what: What,
        callback: impl FnMut(&mut EventBase, Event, What) + 'static,
    ) -> Event {
        self.insert(Some(Registration::new(source)), what, Box::new(callback))
    }

    /// An event that waits for its time-out only: `evtimer_new`. With `What::PERSIST` it happens
    /// again and again.
    pub fn evtimer_new(
        &mut self,
        what: What,
        callback: impl FnMut(&mut EventBase, Event, What) + 'static,
    ) -> Event {
        self.insert(None, what, Box::new(callback))
    }

    fn insert(
        &mut self,
        registration: Option<Registration>,
        what: What,
        callback: Callback,
    ) -> Event {
        let place = self.events.insert(Slot {
            registration,
            what,
            is_pending: false,
            added: 0,
            due: None,
            callback: Some(callback),
        });
        Event::new(place, self.number)
    }

    /// Is this the handle of one of its events, which has not been freed? What `event_get_base` is
    /// asked for. Any other handle finds nothing, here and in every other call.
    pub fn has(&self, event: Event) -> bool {
        self.events.contains_key(event.place_in(self.number))
    }
}
// ANCHOR_END: events

// ANCHOR: add
impl EventBase {
    /// Makes an event pending: `event_add`. With a `timeout`, it also happens when that has passed
    /// and nothing else has happened. A pending event that is added again has the new time-out from
    /// now on; without one, it keeps the one that it has.
    ///
    /// # Errors
    ///
    /// When another event watches the same descriptor, when the kernel can watch no more
    /// (`epoll_ctl(2)`), or when the event has been freed or is another base's. It is as pending as
    /// it was before.
    pub fn event_add(&mut self, event: Event, timeout: Option<Duration>) -> io::Result<()> {
        let place = event.place_in(self.number);
        let slot = self.events.get_mut(place).ok_or_else(no_event)?;
        if !slot.is_pending {
            if let Some(registration) = &mut slot.registration {
                registration.watch(&self.poller, event.to_number(), slot.what)?;
            }
            slot.is_pending = true;
            slot.added = self.round;
            self.pending += 1;
        }
        if let Some(timeout) = timeout {
            self.set_timer(event, Instant::now(), timeout);
        }
        Ok(())
    }
}
// ANCHOR_END: add

// ANCHOR: change
impl EventBase {
    /// Changes what an event waits for: what Libevent does with a second event on the same
    /// descriptor. Asking for what it waits for already costs nothing.
    ///
    /// # Errors
    ///
    /// When the kernel can watch no more (`epoll_ctl(2)`), or when the event has been freed or is
    /// another base's. It goes on waiting for what it waited for before.
    pub fn event_change(&mut self, event: Event, what: What) -> io::Result<()> {
        let place = event.place_in(self.number);
        let slot = self.events.get_mut(place).ok_or_else(no_event)?;
        if let Some(registration) = &mut slot.registration
            && slot.is_pending
            && slot.what != what
        {
            registration.watch(&self.poller, event.to_number(), what)?;
        }
        slot.what = what;
        Ok(())
    }

    /// The event waits no longer, and can be added again: `event_del`. Whatever has happened to it
    /// already, and was not reported yet, will not be.
    pub fn event_del(&mut self, event: Event) {
        let slot = self.events.get_mut(event.place_in(self.number));
        let Some(slot) = slot.filter(|slot| slot.is_pending) else {
            return;
        };
        slot.is_pending = false;
        if let Some(registration) = &mut slot.registration {
            // To watch for nothing fails only when nothing was watched.
            let _ = registration.watch(&self.poller, event.to_number(), What::empty());
        }
        self.pending -= 1;
        self.event_remove_timer(event);
    }

    /// The event is no more, nor is its callback with all that it owns: `event_free`. A callback may
    /// free its own event; it is dropped when it returns.
    pub fn event_free(&mut self, event: Event) {
        self.event_del(event);
        self.events.remove(event.place_in(self.number));
    }
}
// ANCHOR_END: change

// ANCHOR: timers
impl EventBase {
    /// Does the event wait for anything? `event_pending`.
    pub fn is_pending(&self, event: Event) -> bool {
        let slot = self.events.get(event.place_in(self.number));
        slot.is_some_and(|slot| slot.is_pending)
    }

    /// Calls back once, when `after` has passed: `event_base_once`.
    pub fn once(&mut self, after: Duration, callback: impl FnOnce(&mut EventBase) + 'static) {
        let mut callback = Some(callback);
        let timer = self.evtimer_new(What::empty(), move |base, timer, _| {
            base.event_free(timer);
            if let Some(callback) = callback.take() {
                callback(base);
            }
        });
        // A timer has nothing that the kernel could refuse.
        let _ = self.event_add(timer, Some(after));
    }

    /// A pending event waits without a time-out from now on: `event_remove_timer`.
    pub fn event_remove_timer(&mut self, event: Event) {
        if let Some(slot) = self.events.get_mut(event.place_in(self.number))
            && let Some(due) = slot.due.take()
        {
            self.timers.remove(&(due, event));
        }
    }

    /// Gives a pending event its place among the timers, in exchange for the one that it has.
    fn set_timer(&mut self, event: Event, from: Instant, timeout: Duration) {
        self.event_remove_timer(event);
        // A time-out beyond the end of the clock is none.
        if let Some(slot) = self.events.get_mut(event.place_in(self.number))
            && let Some(due) = from.checked_add(timeout)
        {
            // Whatever is added in a round is due after that round, however short its time-out:
            // otherwise a round in which callbacks go on adding would never end.
            let due = due.max(self.woken + Duration::from_nanos(1));
            slot.due = Some(due);
            self.timers.insert((due, event), timeout);
        }
    }

    /// A persistent event has happened, and gets its time-out again. After a mere time-out, it counts
    /// from the time at which that was due: a timer keeps its schedule. If the next time has been
    /// missed as well, or something else has happened, it counts from when the loop woke up.
    fn rearm(&mut self, event: Event, due: Instant, what: What) {
        let Some(&timeout) = self.timers.get(&(due, event)) else {
            return;
        };
        let is_ahead = due.checked_add(timeout) >= Some(self.woken);
        let is_on_schedule = what == What::TIMEOUT && is_ahead;
        let from = if is_on_schedule { due } else { self.woken };
        self.set_timer(event, from, timeout);
    }
}

fn no_event() -> io::Error {
    let why = "the event has been freed, or is another base's";
    io::Error::new(ErrorKind::NotFound, why)
}

const NO_LEVEL: &str =
    "event ports report readiness once, and an event base needs it for as long as it lasts";

/// A number that no base has had in this process.
fn a_new_number() -> io::Result<u32> {
    static LAST: AtomicU32 = AtomicU32::new(0);
    let last = LAST.fetch_update(Relaxed, Relaxed, |last| last.checked_add(1));
    last.map_err(|_| io::Error::other("there are no more numbers for bases"))
        .map(|last| last + 1)
}
// ANCHOR_END: timers

// ANCHOR: round
impl EventBase {
    /// Sleeps until something happens, unless it must not, and calls back whoever waited for it.
    fn round(&mut self, happened: &mut Events, how: Loop) -> io::Result<()> {
        self.make_room(happened);
        self.round = self.round.wrapping_add(1);
        // ANCHOR: task-timers-sleep
        match self.timers.first_key_value() {
            _ if how.contains(Loop::NONBLOCK) => {
                self.poller.wait(happened, Some(Duration::ZERO))?
            }
            None => self.poller.wait(happened, None)?,
            Some(((due, _), _)) => self.poller.wait_deadline(happened, *due)?,
        };
        // ANCHOR_END: task-timers-sleep
        // Time-outs are judged by this time: how long the callbacks take must not count.
        self.woken = Instant::now();
        let number = self.number;
        for it in happened.iter() {
            let mut ready = What::empty();
            ready.set(What::READ, it.readable);
            ready.set(What::WRITE, it.writable);
            // A callback before this one may have freed the event, added it anew (what is reported
            // here is of the registration before), changed what it waits for, or even put another
            // base in place of this one. A hang-up or an error is reported as both kinds of readiness.
            let event = Event::from_number(it.key, number);
            // ANCHOR: task-stale-entry
            if let Some(slot) = self.events.get(event.place_in(self.number))
                && slot.added != self.round
                && ready.intersects(slot.what)
            {
                self.call_back(event, ready & slot.what);
            }
            // ANCHOR_END: task-stale-entry
        }
        // ANCHOR: task-timers-due
        while let Some((&(due, event), _)) = self.timers.first_key_value()
            && due <= self.woken
            && !self.is_broken
        {
            self.call_back(event, What::TIMEOUT);
        }
        // ANCHOR_END: task-timers-due
        Ok(())
    }
}
// ANCHOR_END: round

// ANCHOR: call_back
impl EventBase {
    fn call_back(&mut self, event: Event, mut what: What) {
        let slot = self.events.get_mut(event.place_in(self.number));
        // ANCHOR: task-stale-deleted
        // A callback before this one may have deleted it, or ended the loop.
        let slot = slot.filter(|slot| slot.is_pending && !self.is_broken);
        // ANCHOR_END: task-stale-deleted
        let Some(slot) = slot else {
            return;
        };
        // What is ready in the same round is told together with the time-out.
        let is_due = slot.due.is_some_and(|due| due <= self.woken);
        what.set(What::TIMEOUT, is_due);
        // While it runs, the callback is not in the base, and can be lent all of it. If it frees its
        // own event, it is not put back, and dropped at the end.
        let Some(mut callback) = slot.callback.take() else {
            return;
        };
        if !slot.what.contains(What::PERSIST) {
            self.event_del(event);
        } else if let Some(due) = slot.due {
            self.rearm(event, due, what);
        }
        self.running = Some(event);
        callback(self, event, what);
        self.running = None;
        if let Some(slot) = self.events.get_mut(event.place_in(self.number)) {
            slot.callback = Some(callback);
        }
    }

    /// One batch holds everything that is ready: what had no room in it would look silent, and time
    /// out. kqueue reports reading and writing apart, so each event may need two places.
    fn make_room(&self, happened: &mut Events) {
        let needed = NonZeroUsize::MIN.saturating_add(2 * self.pending);
        if happened.capacity() < needed {
            *happened = Events::with_capacity(needed.saturating_add(needed.get()));
        }
        happened.clear();
    }
}
// ANCHOR_END: call_back

// ANCHOR: dispatch
impl EventBase {
    /// Waits, and calls back, until nothing is pending any more or [`EventBase::loopbreak`] is
    /// called: `event_base_dispatch`.
    ///
    /// # Errors
    ///
    /// When the system cannot wait, or when a callback calls this.
    ///
    /// # Panics
    ///
    /// When a callback does. Then its event is freed, with all that the callback owned; the others
    /// are as they were, and the base can be run again.
    pub fn dispatch(&mut self) -> io::Result<()> {
        self.run_loop(Loop::empty())
    }

    /// The same, for as long as `how` says: `event_base_loop`.
    ///
    /// # Errors
    ///
    /// When the system cannot wait, or when a callback calls this.
    ///
    /// # Panics
    ///
    /// When a callback does, as in [`EventBase::dispatch`].
    pub fn run_loop(&mut self, how: Loop) -> io::Result<()> {
        let Some(mut happened) = self.happened.take() else {
            return Err(io::Error::other(
                "a callback must return to the loop, not run it",
            ));
        };
        self.is_broken = false;
        // What a panic leaves half done is put right before it goes on.
        let ended = catch_unwind(AssertUnwindSafe(|| self.rounds(&mut happened, how)));
        self.happened = Some(happened);
        ended.unwrap_or_else(|panic| {
            if let Some(event) = self.running.take() {
                self.event_free(event);
            }
            resume_unwind(panic)
        })
    }

    fn rounds(&mut self, happened: &mut Events, how: Loop) -> io::Result<()> {
        while !self.is_broken && (self.pending > 0 || how.contains(Loop::NO_EXIT_ON_EMPTY)) {
            self.round(happened, how)?;
            if how.intersects(Loop::ONCE | Loop::NONBLOCK) {
                break;
            }
        }
        Ok(())
    }

    /// The loop ends when the callback that is running has returned: `event_base_loopbreak`. What
    /// has happened and was not reported yet will be when the loop runs again.
    pub fn loopbreak(&mut self) {
        self.is_broken = true;
    }
}
// ANCHOR_END: dispatch

// ANCHOR: notifier
impl EventBase {
    /// What ends the sleep of this base's loop from any thread.
    pub fn notifier(&self) -> Notifier {
        Notifier::new(Arc::clone(&self.poller))
    }
}
// ANCHOR_END: notifier
