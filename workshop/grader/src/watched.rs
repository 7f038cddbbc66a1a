use crate::patience::is_endless;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use subject::processes::{Busy, Connection, Stillness};
use subject::{Family, Glance};

/// The server of a client, as far as it can be looked at.
#[derive(Clone, Debug)]
pub(crate) struct Watched {
    /// Its processes.
    pub(crate) family: Family,
    /// How many threads of the judge are still saying something to it: more may come of that.
    pub(crate) talking: Arc<AtomicUsize>,
    /// How often its clients have said or heard something so far.
    pub(crate) traffic: Arc<AtomicUsize>,
    /// What it prints on standard error.
    pub(crate) stderr: Glance,
    /// What it was started as.
    pub(crate) program: Arc<str>,
}

impl Watched {
    /// Where its processes sleep, if nothing more comes of them by themselves.
    pub(crate) fn look(&self, connection: Option<Connection>) -> Option<Stillness> {
        if is_endless() {
            return None;
        }
        self.family.stillness(connection).ok().flatten()
    }

    /// What its processes are busy with, if some run and the others do nothing by themselves.
    pub(crate) fn busy(&self, connection: Connection) -> Option<Busy> {
        if is_endless() {
            return None;
        }
        self.family.busy(Some(connection)).ok().flatten()
    }
}
