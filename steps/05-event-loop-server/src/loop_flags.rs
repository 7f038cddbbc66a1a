bitflags::bitflags! {
    /// How long the loop runs: Libevent's `EVLOOP_…` flags.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Loop: u8 {
        /// It waits once, calls back whoever waited for what has happened, and returns
        /// (`EVLOOP_ONCE`).
        const ONCE = 1 << 0;
        /// The same without sleeping: only what has happened already counts (`EVLOOP_NONBLOCK`).
        const NONBLOCK = 1 << 1;
        /// It waits although no event is pending: somebody may still end its sleep
        /// (`EVLOOP_NO_EXIT_ON_EMPTY`).
        const NO_EXIT_ON_EMPTY = 1 << 2;
    }
}
