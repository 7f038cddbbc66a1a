// ANCHOR: head
use crate::registration::Registration;
use crate::{Event, Loop, Notifier, What};
use polling::{AsSource, Events, Poller};
use slotmap::SlotMap;
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::rc::Rc;
use std::sync::Arc;
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
    /// Its place among the timers.
    due: Option<Instant>,
    /// None while it runs.
    callback: Option<Callback>,
}

/// Everything that is waited for, and who is called when it happens: `struct event_base`.
///
/// An event is *pending* while it waits: it has been added, and has neither happened (unless it is
/// persistent) nor been deleted.
pub struct EventBase {
    poller: Arc<Poller>,
    events: SlotMap<Event, Slot>,
    /// Who is due next, and the time-out after which it will be due again.
    timers: BTreeMap<(Instant, Event), Duration>,
    /// How many events are pending.
    pending: usize,
    /// How often it has waited.
    round: u32,
    /// What the system reports; None while the loop runs.
    happened: Option<Events>,
    is_broken: bool,
}
// ANCHOR_END: structs

// ANCHOR: events
impl EventBase {
    /// `event_base_new`.
    ///
    /// # Errors
    ///
    /// When the system has no descriptors left (`epoll_create1(2)`).
    pub fn new() -> io::Result<EventBase> {
        Ok(EventBase {
            poller: Arc::new(Poller::new()?),
            events: SlotMap::with_key(),
            timers: BTreeMap::new(),
            pending: 0,
            round: 0,
            happened: Some(Events::new()),
            is_broken: false,
        })
    }

    /// An event that waits for `source` to be ready for what is in `what`, once it has been added:
    /// `event_new`. The base keeps the source open until the event is freed.
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
        self.events.insert(Slot {
            registration,
            what,
            is_pending: false,
            added: 0,
            due: None,
            callback: Some(callback),
        })
    }

    // ANCHOR_END: events

    // ANCHOR: pending
    /// Makes an event pending: `event_add`. With a `timeout`, it also happens when that has passed
    /// and nothing else has happened. Whoever adds a pending event again replaces its time-out.
    ///
    /// # Errors
    ///
    /// When another event watches the same descriptor, when the kernel can watch no more
    /// (`epoll_ctl(2)`), or when the event has been freed. It is as pending as it was before.
    pub fn event_add(&mut self, event: Event, timeout: Option<Duration>) -> io::Result<()> {
        let slot = self.events.get_mut(event).ok_or_else(freed)?;
        if !slot.is_pending {
            if let Some(registration) = &mut slot.registration {
                registration.watch(&self.poller, event.to_number(), slot.what)?;
            }
            slot.is_pending = true;
            slot.added = self.round;
            self.pending += 1;
        }
        self.set_timer(event, timeout);
        Ok(())
    }

    /// Changes what an event waits for: what Libevent does with a second event on the same
    /// descriptor. Asking for what it waits for already costs nothing.
    ///
    /// # Errors
    ///
    /// When the kernel can watch no more (`epoll_ctl(2)`), or when the event has been freed. It goes
    /// on waiting for what it waited for before.
    pub fn event_change(&mut self, event: Event, what: What) -> io::Result<()> {
        let slot = self.events.get_mut(event).ok_or_else(freed)?;
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
    /// already, and was not told yet, will not be told.
    pub fn event_del(&mut self, event: Event) {
        let Some(slot) = self.events.get_mut(event).filter(|slot| slot.is_pending) else {
            return;
        };
        slot.is_pending = false;
        if let Some(registration) = &mut slot.registration {
            // To watch for nothing fails only when nothing was watched.
            let _ = registration.watch(&self.poller, event.to_number(), What::empty());
        }
        self.pending -= 1;
        self.set_timer(event, None);
    }

    /// The event is no more, nor is its callback with all that it owns: `event_free`. A callback may
    /// free its own event; it is dropped when it returns.
    pub fn event_free(&mut self, event: Event) {
        self.event_del(event);
        self.events.remove(event);
    }

    /// Does the event wait for anything? `event_pending`.
    pub fn is_pending(&self, event: Event) -> bool {
        self.events.get(event).is_some_and(|slot| slot.is_pending)
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

    // ANCHOR_END: pending

    // ANCHOR: timers
    /// Gives an event its place among the timers, or none.
    fn set_timer(&mut self, event: Event, timeout: Option<Duration>) {
        let Some(slot) = self.events.get_mut(event) else {
            return;
        };
        if let Some(due) = slot.due.take() {
            self.timers.remove(&(due, event));
        }
        // A time-out beyond the end of the clock is none.
        if let Some(timeout) = timeout
            && let Some(due) = Instant::now().checked_add(timeout)
        {
            slot.due = Some(due);
            self.timers.insert((due, event), timeout);
        }
    }
}

fn freed() -> io::Error {
    io::Error::new(ErrorKind::NotFound, "the event has been freed")
}
// ANCHOR_END: timers

// ANCHOR: dispatch
impl EventBase {
    /// Waits, and calls back, until nothing is pending any more or [`EventBase::loopbreak`] is
    /// called: `event_base_dispatch`.
    ///
    /// # Errors
    ///
    /// When the system cannot wait, or when a callback calls this.
    pub fn dispatch(&mut self) -> io::Result<()> {
        self.run_loop(Loop::empty())
    }

    /// The same, for as long as `how` says: `event_base_loop`.
    ///
    /// # Errors
    ///
    /// When the system cannot wait, or when a callback calls this.
    pub fn run_loop(&mut self, how: Loop) -> io::Result<()> {
        let Some(mut happened) = self.happened.take() else {
            return Err(io::Error::other(
                "a callback must return to the loop, not run it",
            ));
        };
        self.is_broken = false;
        let mut ended = Ok(());
        while ended.is_ok()
            && !self.is_broken
            && (self.pending > 0 || how.contains(Loop::NO_EXIT_ON_EMPTY))
        {
            ended = self.round(&mut happened, how);
            if how.intersects(Loop::ONCE | Loop::NONBLOCK) {
                break;
            }
        }
        self.happened = Some(happened);
        ended
    }

    /// What ends the sleep of this base's loop from any thread.
    pub fn notifier(&self) -> Notifier {
        Notifier::new(Arc::clone(&self.poller))
    }

    /// The loop ends when the callback that is running has returned: `event_base_loopbreak`. What
    /// has happened and was not told yet will be told when the loop runs again.
    pub fn loopbreak(&mut self) {
        self.is_broken = true;
    }

    /// Sleeps until something happens, unless it must not, and calls back whoever waited for it.
    fn round(&mut self, happened: &mut Events, how: Loop) -> io::Result<()> {
        happened.clear();
        self.round = self.round.wrapping_add(1);
        match self.timers.first_key_value() {
            _ if how.contains(Loop::NONBLOCK) => {
                self.poller.wait(happened, Some(Duration::ZERO))?
            }
            None => self.poller.wait(happened, None)?,
            Some(((due, _), _)) => self.poller.wait_deadline(happened, *due)?,
        };
        for it in happened.iter() {
            let mut what = What::empty();
            what.set(What::READ, it.readable);
            what.set(What::WRITE, it.writable);
            // An event that was added by a callback before it has nothing to do with what was
            // reported before that.
            let event = Event::from_number(it.key);
            if let Some(slot) = self.events.get(event)
                && slot.added != self.round
            {
                self.call_back(event, what);
            }
        }
        let now = Instant::now();
        while let Some((&(due, event), _)) = self.timers.first_key_value()
            && due <= now
            && !self.is_broken
        {
            self.call_back(event, What::TIMEOUT);
        }
        Ok(())
    }

    fn call_back(&mut self, event: Event, what: What) {
        // A callback before this one may have freed it, deleted it, changed what it waits for, or
        // ended the loop. And the system tells the end of a connection as both kinds of readiness.
        let Some(slot) = self.events.get_mut(event) else {
            return;
        };
        let what = what & (slot.what | What::TIMEOUT);
        if !slot.is_pending || what.is_empty() || self.is_broken {
            return;
        }
        // While it runs, the callback owns itself: the base is all the caller's, and if it frees its
        // own event, it is dropped at the end.
        let Some(mut callback) = slot.callback.take() else {
            return;
        };
        if !slot.what.contains(What::PERSIST) {
            self.event_del(event);
        } else if let Some(due) = slot.due {
            let timeout = self.timers.get(&(due, event)).copied();
            self.set_timer(event, timeout);
        }
        callback(self, event, what);
        if let Some(slot) = self.events.get_mut(event) {
            slot.callback = Some(callback);
        }
    }
}
// ANCHOR_END: dispatch
