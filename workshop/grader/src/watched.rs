use crate::patience::is_endless;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use subject::processes::{Connection, Stillness};
use subject::{Family, Glance};

/// The server of a client, as far as it can be looked at.
#[derive(Clone, Debug)]
pub(crate) struct Watched {
    /// Its processes.
    pub(crate) family: Family,
    /// How many threads of the judge are still saying something to it: more may come of that.
    pub(crate) talking: Arc<AtomicUsize>,
    /// What it prints on standard error.
    pub(crate) stderr: Glance,
}

impl Watched {
    /// Where its processes sleep, if nothing more comes of them by themselves.
    pub(crate) fn look(&self, connection: Option<Connection>) -> Option<Stillness> {
        if is_endless() {
            return None;
        }
        self.family.stillness(connection).ok().flatten()
    }
}
