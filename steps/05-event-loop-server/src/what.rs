bitflags::bitflags! {
    /// What an event waits for, and what has come of it: Libevent's `EV_…` flags.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct What: u8 {
        /// The time-out has passed (`EV_TIMEOUT`). It is asked for by adding the event with one, and
        /// comes together with whatever is ready by then.
        const TIMEOUT = 1 << 0;
        /// A receive or an accept would not have to wait (`EV_READ`).
        const READ = 1 << 1;
        /// A send would not have to wait (`EV_WRITE`).
        const WRITE = 1 << 2;
        /// The signal has come (`EV_SIGNAL`).
        const SIGNAL = 1 << 3;
        /// The event goes on waiting after it has happened (`EV_PERSIST`). Without it, it happens
        /// once, and has to be added again.
        const PERSIST = 1 << 4;
    }
}
