use crate::sources::{Sources, Stamp};
use notify::{Config, EventKind, RecommendedWatcher, RecursiveMode};
use notify_debouncer_full::{DebounceEventResult, Debouncer, NoCache, new_debouncer_opt};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// How long the file system must be quiet: an editor empties a file, and then fills it.
const SETTLING: Duration = Duration::from_millis(60);
/// How often it is asked whether it is quiet yet.
const TICK: Duration = Duration::from_millis(30);
/// How often somebody looks where nothing is told: short enough to seem immediate.
const PAUSE: Duration = Duration::from_millis(400);

/// How many times it is looked whether all stand still: something may write into a file for ever.
const PATIENCE: u32 = 30;

/// How one hears of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// From the file system.
    Events,
    /// By looking.
    Looking,
}

/// Watches until it is dropped.
#[derive(Debug)]
pub struct Watcher {
    how: How,
    _stop: Stop,
}

impl Watcher {
    /// Calls `saved` whenever a source has been saved and all stand still again. Where there are no
    /// events to be had, it looks.
    pub fn start(sources: Sources, how: How, saved: impl FnMut() + Send + 'static) -> Watcher {
        let (tell, told) = channel();
        let watched = match how {
            // Of watches, as of instances, a user has only so many (`inotify(7)`).
            How::Events => Watched::begin(&sources, tell.clone()).ok(),
            How::Looking => None,
        };
        let how = match watched {
            Some(_) => How::Events,
            None => How::Looking,
        };
        let seen = sources.stamp();
        thread::spawn(move || follow(&sources, watched, seen, &told, saved));
        Watcher {
            how,
            _stop: Stop(tell),
        }
    }

    /// How it hears of changes.
    pub fn how(&self) -> How {
        self.how
    }
}

/// What the thread that follows is told.
enum Told {
    SomethingHappened,
    Stop,
}

#[derive(Debug)]
struct Stop(Sender<Told>);

impl Drop for Stop {
    fn drop(&mut self) {
        let _ = self.0.send(Told::Stop); // it may have ended already
    }
}

fn follow(
    sources: &Sources,
    mut watched: Option<Watched>,
    mut seen: Stamp,
    told: &Receiver<Told>,
    mut saved: impl FnMut(),
) {
    while something_may_have_happened(told, watched.is_some()) {
        let mut now = sources.stamp();
        let mut patience = PATIENCE;
        while now != seen {
            // A new folder is watched from now on; what came into it before is in the next stamp.
            if let Some(watched) = &mut watched {
                watched.follow(&now.folders);
            }
            thread::sleep(SETTLING);
            let next = sources.stamp();
            patience -= 1;
            if next == now || patience == 0 {
                seen = next;
                saved();
                break;
            }
            now = next;
        }
    }
}

/// Waits for it; false when nobody wants to know any more.
fn something_may_have_happened(told: &Receiver<Told>, by_events: bool) -> bool {
    let told = match by_events {
        true => told.recv().map_err(RecvTimeoutError::from),
        false => told.recv_timeout(PAUSE),
    };
    matches!(
        told,
        Ok(Told::SomethingHappened) | Err(RecvTimeoutError::Timeout)
    )
}

/// The folders that are watched, each by itself: below them may stand others with thousands of files.
struct Watched {
    folders: BTreeMap<PathBuf, u64>,
    debouncer: Debouncer<RecommendedWatcher, NoCache>,
}

impl Watched {
    fn begin(sources: &Sources, tell: Sender<Told>) -> notify::Result<Watched> {
        let on_change = on_change(tell);
        let config = Config::default();
        let debouncer = new_debouncer_opt(SETTLING, Some(TICK), on_change, NoCache, config)?;
        let mut watched = Watched {
            folders: BTreeMap::new(),
            debouncer,
        };
        for root in sources.roots() {
            // Somebody may put a root away, and another in its place.
            if let Some(parent) = root.parent() {
                let _ = watched.add(parent);
            }
        }
        for (folder, identity) in sources.stamp().folders {
            watched.add(&folder)?;
            watched.folders.insert(folder, identity);
        }
        Ok(watched)
    }

    fn follow(&mut self, folders: &BTreeMap<PathBuf, u64>) {
        for (folder, identity) in folders {
            if self.folders.get(folder) != Some(identity) {
                self.remove(folder);
                let _ = self.add(folder); // it may be gone again
            }
        }
        let gone: Vec<PathBuf> = self.folders.keys().cloned().collect();
        for folder in gone.iter().filter(|it| !folders.contains_key(*it)) {
            self.remove(folder);
        }
        self.folders.clone_from(folders);
    }

    fn add(&mut self, folder: &Path) -> notify::Result<()> {
        self.debouncer.watch(folder, RecursiveMode::NonRecursive)
    }

    fn remove(&mut self, folder: &Path) {
        let _ = self.debouncer.unwatch(folder); // it may be gone
    }
}

/// Tells of anything that may be a change. That somebody reads is none.
fn on_change(tell: Sender<Told>) -> impl FnMut(DebounceEventResult) + Send + 'static {
    move |result| {
        let may_be = match result {
            Ok(events) => events
                .iter()
                .any(|event| !matches!(event.kind, EventKind::Access(_)) || event.need_rescan()),
            Err(_) => true,
        };
        if may_be {
            let _ = tell.send(Told::SomethingHappened); // nobody may follow any more
        }
    }
}
