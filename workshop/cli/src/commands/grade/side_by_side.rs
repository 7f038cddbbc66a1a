//! Several programs of a step, judged at once and told in order.

use anyhow::Result;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread;

/// How many programs are judged at once: one that fails makes the judge wait, and while it waits there is
/// room for another.
const PROGRAMS_AT_ONCE: usize = 3;

/// Does `work` for some at a time, and hands what came of each to `done`, in their order.
pub(super) fn side_by_side<T: Sync, R: Send>(
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
    mut done: impl FnMut(&T, R) -> Result<()>,
) -> Result<()> {
    let next = AtomicUsize::new(0);
    let (tell, told) = channel();
    let mut has_worker = false;
    thread::scope(|scope| {
        let at_once = match grader::is_cramped() {
            true => 1,
            false => PROGRAMS_AT_ONCE,
        };
        for _ in 0..at_once.min(items.len()) {
            let (next, work, its_tell) = (&next, &work, tell.clone());
            let working = move || {
                while let Some((place, item)) = take(items, next) {
                    // Whoever hears it may have given up.
                    let _ = its_tell.send((place, work(item)));
                }
            };
            has_worker |= thread::Builder::new().spawn_scoped(scope, working).is_ok();
        }
        // Where no thread is to be had, one after another.
        while let Some((place, item)) = (!has_worker).then(|| take(items, &next)).flatten() {
            let _ = tell.send((place, work(item)));
        }
        drop(tell);
        let mut early = BTreeMap::new();
        for (place, item) in items.iter().enumerate() {
            let result = loop {
                if let Some(result) = early.remove(&place) {
                    break result;
                }
                let (place, result) = told
                    .recv()
                    .expect("each is told, or its thread has panicked");
                early.insert(place, result);
            };
            if let Err(error) = done(item, result) {
                next.store(items.len(), Ordering::Relaxed);
                subject::end_all();
                return Err(error);
            }
        }
        Ok(())
    })
}

fn take<'a, T>(items: &'a [T], next: &AtomicUsize) -> Option<(usize, &'a T)> {
    let place = next.fetch_add(1, Ordering::Relaxed);
    Some((place, items.get(place)?))
}
