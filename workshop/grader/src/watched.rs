use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use subject::Family;
use subject::processes::{Connection, Stillness};

/// The server of a client, as far as it can be looked at.
#[derive(Clone, Debug)]
pub(crate) struct Watched {
    /// Its processes.
    pub(crate) family: Family,
    /// How many threads of the judge are still saying something to it: more may come of that.
    pub(crate) talking: Arc<AtomicUsize>,
}

impl Watched {
    /// Where its processes sleep, if nothing more comes of them by themselves.
    pub(crate) fn look(&self, connection: Option<Connection>) -> Option<Stillness> {
        self.family.stillness(connection).ok().flatten()
    }
}
