// ANCHOR: functions
//! Step 05: the lowest layer of Libevent, retold. An [`EventBase`] waits for everything at once, in
//! the best way that the system has (epoll, kqueue: the crate `polling` chooses), and calls back
//! whoever waited for what has happened. On illumos and Solaris it says that it cannot: `polling` has
//! event ports there, which report readiness once and not for as long as it lasts.
//!
//! | Libevent | here |
//! |---|---|
//! | `event_base_new` | [`EventBase::new`] |
//! | `event_new` | [`EventBase::event_new`] |
//! | `evtimer_new` | [`EventBase::evtimer_new`] |
//! | `evsignal_new` | [`EventBase::evsignal_new`] |
//! | `event_add`, with a time-out or without | [`EventBase::event_add`] |
//! | `event_del` | [`EventBase::event_del`] |
//! | `event_remove_timer` | [`EventBase::event_remove_timer`] |
//! | `event_free` | [`EventBase::event_free`] |
//! | `event_pending` | [`EventBase::is_pending`] |
//! | `event_get_base` | [`EventBase::has`] |
//! | `event_base_once`, for a time-out | [`EventBase::once`] |
//! | a second event on the same descriptor, added and deleted | [`EventBase::event_change`] |
//! | `event_base_dispatch` | [`EventBase::dispatch`] |
//! | `event_base_loop`, with `EVLOOP_…` | [`EventBase::run_loop`], with [`Loop`] |
//! | `event_base_loopbreak` | [`EventBase::loopbreak`] |
//! | `EV_READ`, `EV_WRITE`, `EV_TIMEOUT`, `EV_SIGNAL`, `EV_PERSIST` | [`What`] |
// ANCHOR_END: functions
// ANCHOR: differences
//!
//! These things are different on purpose (from Libevent 2.1.12):
//!
//! - Libevent lets two events, one for reading and one for writing, watch the same descriptor, and
//!   joins them before it asks the kernel. Here a descriptor has one event, and what it waits for can
//!   be changed: one callback holds the whole conversation, reading and writing share a time-out, and
//!   a second event on the same descriptor is an error.
//! - An event that is ready and due in the same round is called back once, with [`What::READ`] and
//!   [`What::TIMEOUT`] together. Libevent reports the time-out alone, although the byte is there.
//! - A time-out begins when the event is added. In Libevent, it begins when the loop woke up: added by
//!   a callback that has taken long, it can pass too soon.
//! - A persistent timer of no time at all happens in every round; in Libevent, once.
//! - An event that is deleted forgets its time-out. In Libevent, a persistent one that is added again
//!   without any gets its old one back once it has happened.
//! - An event that waits for nothing is pending all the same, and keeps the loop running. In Libevent,
//!   a timer that is added without a time-out is not pending.
//! - The handle of an event that has been freed, or belongs to another base, finds nothing. In
//!   Libevent, it is a pointer.
//!
//! Three things are left out. *Priorities* (`event_priority_set`): events are called back in the
//! order in which the system reports them, which is fair to everybody; whoever has something urgent
//! keeps the other callbacks short. *Edge triggering* (`EV_ET`): readiness that is reported as
//! long as it lasts forgives a callback that has not read everything. *Threads*: a base and its callbacks
//! belong to one thread; another one ends its sleep by a [`Notifier`], or by a byte through a socket
//! (the example `offload`).

mod base;
mod event;
mod loop_flags;
mod notifier;
mod registration;
mod signal;
mod what;

pub use base::EventBase;
pub use event::Event;
pub use loop_flags::Loop;
pub use notifier::Notifier;
pub use polling::AsSource;
pub use signal::end_by_signal;
pub use what::What;
// ANCHOR_END: differences
