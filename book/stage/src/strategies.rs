//! The servers of the steps, each reduced to its way of waiting. What they say is the steps' own code:
//! the crate `conversation`.

mod asynchronous;
mod blocking;
mod completion;
mod readiness;
mod watching;

use crate::process::Program;

/// A way of waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// One client after the other: `sequential-server`.
    Sequential,
    /// A process for every connection: `fork-server`.
    Fork,
    /// The same, but the parent forgets to close its own copy of the connection.
    ForkForgets,
    /// A thread for every connection: `thread-server`.
    Threads,
    /// Two threads for all connections: `thread-pool-server --threads 2`.
    Pool,
    /// Asking everybody all the time: `busy-poll-server`.
    BusyPoll,
    /// `select-server`.
    Select,
    /// `poll-server`.
    Poll,
    /// `epoll-server`.
    Epoll,
    /// The same under EPOLLET, receiving until nothing more comes.
    Edge,
    /// Under EPOLLET, receiving once only: what does not fit stays where it is.
    EdgeOnce,
    /// Callbacks of an event loop: `event-loop-server`.
    EventLoop,
    /// Buffers with marks: `bufferevent-server`.
    BufferEvent,
    /// Operations that the kernel carries out: `completion-server`.
    Completion,
    /// Tasks: `async-server`.
    Async,
}

impl Strategy {
    /// All of them, by the name that a page uses.
    pub const ALL: [(Strategy, &'static str); 15] = [
        (Strategy::Sequential, "sequential"),
        (Strategy::Fork, "fork"),
        (Strategy::ForkForgets, "fork-forgets"),
        (Strategy::Threads, "threads"),
        (Strategy::Pool, "pool"),
        (Strategy::BusyPoll, "busy-poll"),
        (Strategy::Select, "select"),
        (Strategy::Poll, "poll"),
        (Strategy::Epoll, "epoll"),
        (Strategy::Edge, "edge"),
        (Strategy::EdgeOnce, "edge-once"),
        (Strategy::EventLoop, "event-loop"),
        (Strategy::BufferEvent, "bufferevent"),
        (Strategy::Completion, "completion"),
        (Strategy::Async, "async"),
    ];

    /// The one of this name.
    pub fn named(name: &str) -> Option<Strategy> {
        let found = Strategy::ALL.iter().find(|it| it.1 == name);
        found.map(|it| it.0)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        let found = Strategy::ALL.iter().find(|it| it.0 == self);
        found.map_or("", |it| it.1)
    }

    pub(crate) fn program(self) -> Program {
        Box::new(move |sys| match self {
            Strategy::Sequential => Box::pin(blocking::sequential(sys)),
            Strategy::Fork => Box::pin(blocking::fork(sys)),
            Strategy::ForkForgets => Box::pin(blocking::fork_forgets(sys)),
            Strategy::Threads => Box::pin(blocking::threads(sys)),
            Strategy::Pool => Box::pin(blocking::pool(sys)),
            Strategy::BusyPoll => Box::pin(readiness::busy_poll(sys)),
            Strategy::Select => Box::pin(readiness::select(sys)),
            Strategy::Poll => Box::pin(readiness::poll(sys)),
            Strategy::Epoll => Box::pin(watching::epoll(sys)),
            Strategy::Edge => Box::pin(watching::edge(sys, true)),
            Strategy::EdgeOnce => Box::pin(watching::edge(sys, false)),
            Strategy::EventLoop => Box::pin(watching::event_loop(sys)),
            Strategy::BufferEvent => Box::pin(watching::bufferevent(sys)),
            Strategy::Completion => Box::pin(completion::completion(sys)),
            Strategy::Async => Box::pin(asynchronous::serve(sys)),
        })
    }
}
