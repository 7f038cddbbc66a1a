//! When a server is given up that never sleeps, and gets nothing done.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use subject::processes::{Busy, Processor};

/// For how much processor time each thread that runs may ask the kernel again and again, without
/// sleeping and without a byte moving, before the server is given up. One that polls a clock until it is
/// time to go on does the same: this is far more than such pauses last.
const SPINS_FOR: Duration = Duration::from_millis(1_200);
/// The same of a program that was given up for that before: nearly all of its cases end so.
const SPINS_AGAIN_FOR: Duration = Duration::from_millis(200);
/// Who computes is hardly ever in the kernel; who asks it, for half of the time. One part in so many.
const IN_THE_KERNEL: u32 = 5;

/// Those that were given up.
static HAVE_SPUN: Mutex<BTreeSet<Arc<str>>> = Mutex::new(BTreeSet::new());

/// A server that spins.
#[derive(Debug)]
pub(crate) struct Spinning {
    /// How it was seen last.
    pub(crate) busy: Busy,
    /// For how much processor time.
    pub(crate) time: Duration,
    /// Had it been given up for that before?
    pub(crate) again: bool,
}

/// A server is watched while it is waited for.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    since: Option<(Busy, usize)>,
}

impl Watch {
    /// Is it time to look once more? This costs little, and a look costs milliseconds.
    pub(crate) fn is_due(&self, program: &Arc<str>) -> bool {
        let since = self.since.as_ref();
        let had =
            since.and_then(|(busy, _)| Some(busy.had_since()?.total() >= long(program, busy)));
        had == Some(true)
    }

    /// It was looked at once more, after so much had been said and heard by all of its clients; `Some` if
    /// it is to be given up.
    pub(crate) fn look(
        &mut self,
        program: &Arc<str>,
        now: Option<Busy>,
        said_and_heard: usize,
    ) -> Option<Spinning> {
        let had = now.as_ref().zip(self.since.as_ref());
        let had = had.filter(|(_, (_, before))| *before == said_and_heard);
        match had.and_then(|(now, (since, _))| Some((now, now.since(since)?))) {
            Some((now, had)) if had.total() < long(program, now) => None, // watched further
            Some((now, had)) if asks(had) => Some(Spinning {
                busy: now.clone(),
                time: had.total(),
                again: !known().insert(Arc::clone(program)),
            }),
            _ => {
                self.since = now.map(|now| (now, said_and_heard));
                None
            }
        }
    }

    /// Was it found at work?
    pub(crate) fn is_busy(&self) -> bool {
        self.since.is_some()
    }
}

fn long(program: &Arc<str>, busy: &Busy) -> Duration {
    let each = match known().contains(program) {
        true => SPINS_AGAIN_FOR,
        false => SPINS_FOR,
    };
    each * busy.running() as u32
}

fn known() -> MutexGuard<'static, BTreeSet<Arc<str>>> {
    HAVE_SPUN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn asks(had: Processor) -> bool {
    had.system * IN_THE_KERNEL >= had.total()
}
