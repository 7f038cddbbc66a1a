//! Tasks that are woken by other threads, asleep or awake.

use crate::running::{asleep, run};
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::task::{Poll, Waker};
use std::thread;

/// How often something is tried that might go wrong once in a while.
const TIMES: usize = 3_000;

/// A thread that wakes everybody it is given, after it has set this to the number that came along.
fn waking(told: &Arc<AtomicUsize>) -> mpsc::Sender<(usize, Waker)> {
    let (sender, asked) = mpsc::channel::<(usize, Waker)>();
    let told = Arc::clone(told);
    thread::spawn(move || {
        for (number, waker) in asked {
            told.store(number, Ordering::Relaxed);
            waker.wake();
        }
    });
    sender
}

#[test]
fn every_wake_by_another_thread_counts() {
    run(|_| async move {
        let told = Arc::new(AtomicUsize::new(0));
        let thread = waking(&told);
        for number in 1..=TIMES {
            // It is woken while it runs, while others do, or asleep; but once.
            let mut asked = false;
            poll_fn(|context| {
                if told.load(Ordering::Relaxed) == number {
                    return Poll::Ready(());
                }
                if !asked {
                    asked = true;
                    let asked = thread.send((number, context.waker().clone()));
                    asked.expect("it runs");
                }
                Poll::Pending
            })
            .await;
        }
    });
}

#[test]
fn a_thread_that_wakes_without_end_is_heard_to_its_last_word() {
    run(|_| async move {
        let told = Arc::new(AtomicUsize::new(0));
        let mut is_begun = false;
        poll_fn(|context| {
            if !is_begun {
                is_begun = true;
                let (told, waker) = (Arc::clone(&told), context.waker().clone());
                thread::spawn(move || {
                    for number in 1..=TIMES * 10 {
                        told.store(number, Ordering::Relaxed);
                        waker.wake_by_ref();
                    }
                });
            }
            match told.load(Ordering::Relaxed) {
                number if number == TIMES * 10 => Poll::Ready(()),
                _ => Poll::Pending,
            }
        })
        .await;
    });
}

#[test]
fn several_threads_wake_each_its_own_task() {
    run(|runtime| async move {
        let tasks: Vec<_> = (0..4)
            .map(|_| {
                runtime.spawn(async {
                    for _ in 0..20 {
                        // Whichever of them sees the loop asleep.
                        asleep().await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await;
        }
    });
}

#[test]
fn a_thread_may_wake_while_the_runtime_ends() {
    for _ in 0..TIMES / 10 {
        let waking = run(|_| async move {
            let told = Arc::new(AtomicUsize::new(0));
            let mut waking = None;
            poll_fn(|context| {
                if waking.is_none() {
                    let (told, waker) = (Arc::clone(&told), context.waker().clone());
                    waking = Some(thread::spawn(move || {
                        // Before the end and after it, and whatever comes in between.
                        for number in 1..=100 {
                            told.store(number, Ordering::Relaxed);
                            waker.wake_by_ref();
                        }
                    }));
                }
                match told.load(Ordering::Relaxed) {
                    0 => Poll::Pending,
                    _ => Poll::Ready(()),
                }
            })
            .await;
            waking.expect("it was polled")
        });
        waking.join().expect("it does not panic");
    }
}
