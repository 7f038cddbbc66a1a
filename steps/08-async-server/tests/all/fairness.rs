//! Whose turn it is.

use crate::bell::Bell;
use crate::peer::{connection, connection_and_peer, heard, pair, until_it_has_come};
use crate::running::{asleep, run, turn, turns};
use crate::support::Log;
use async_server::Runtime;
use std::time::Duration;

#[test]
fn who_was_woken_first_runs_first() {
    run(|runtime| async move {
        let (log, bells) = (Log::new(), [(); 4].map(|()| Bell::default()));
        let tasks: Vec<_> = (0..4)
            .map(|number| {
                let (wait, log) = (bells[number].wait(), log.clone());
                runtime.spawn(async move {
                    wait.await;
                    log.note(number);
                })
            })
            .collect();
        turn().await;
        for number in [2, 0, 3, 1] {
            bells[number].ring();
        }
        for task in tasks {
            task.await;
        }
        assert_eq!(log.take(), [2, 0, 3, 1]);
    });
}

#[test]
fn who_always_can_go_on_takes_turns_with_others_like_it() {
    run(|runtime| async move {
        let log = Log::new();
        for number in 0..3 {
            let log = log.clone();
            runtime.spawn_detached(async move {
                loop {
                    log.note(number);
                    turn().await;
                }
            });
        }
        turns(4).await;
        assert_eq!(log.take(), [0, 1, 2].repeat(4));
    });
}

/// What tries to keep everybody else from running, in one way or another.
type Greed = fn(Runtime);

fn wakes_itself(runtime: Runtime) {
    runtime.spawn_detached(async {
        loop {
            turn().await;
        }
    });
}

fn wake_each_other(runtime: Runtime) {
    let bells = [Bell::default(), Bell::default()];
    for number in 0..2 {
        let bells = bells.clone();
        runtime.spawn_detached(async move {
            loop {
                let mut wait = Box::pin(bells[number].wait());
                // Each one's wait is ended by no one, but polled as often as the other one wakes it.
                std::future::poll_fn(|context| {
                    let waited = wait.as_mut().poll(context);
                    if bells[1 - number].polls() > 0 {
                        bells[1 - number].waker().wake();
                    }
                    waited
                })
                .await;
            }
        });
    }
}

fn makes_others_like_it(runtime: Runtime) {
    let inner = runtime.clone();
    runtime.spawn_detached(async move { makes_others_like_it(inner) });
}

const GREEDY: [(&str, Greed); 3] = [
    ("wakes itself", wakes_itself),
    ("wake each other", wake_each_other),
    ("makes others", makes_others_like_it),
];

#[test]
fn whoever_always_can_go_on_starves_nobody() {
    for (name, greed) in GREEDY {
        println!("{name}");
        run(|runtime| async move {
            greed(runtime.clone());
            // Other tasks,
            assert_eq!(runtime.spawn(async { 1 }).await, 1);
            turns(10).await;
            // timers,
            runtime.sleep(Duration::from_millis(20)).await;
            // and sockets.
            let (mut connection, peer) = connection_and_peer(&runtime);
            for _ in 0..3 {
                peer.say("abc");
                assert_eq!(heard(&mut connection).await, "abc");
                connection.send(b"def").await.expect("it is connected");
                assert_eq!(peer.hear(3), b"def");
            }
        });
    }
}

#[test]
fn who_does_not_want_to_run_lets_the_loop_sleep() {
    run(|runtime| async move {
        let bells = [(); 10].map(|()| Bell::default());
        for bell in &bells {
            runtime.spawn_detached(bell.wait());
        }
        asleep().await;
        assert_eq!(bells.map(|bell| bell.polls()), [1; 10]);
    });
}

#[test]
fn all_who_can_go_on_do_so_before_the_loop_looks_for_more() {
    run(|runtime| async move {
        let (socket, peer) = pair();
        let watched = socket.try_clone().expect("there are descriptors");
        let mut connection = connection(&runtime, socket);
        let log = Log::new();
        let noted = log.clone();
        let hearing = runtime.spawn(async move {
            assert_eq!(heard(&mut connection).await, "abc");
            noted.note("heard");
        });
        turn().await;
        let noted = log.clone();
        runtime.spawn_detached(async move {
            peer.say("abc");
            until_it_has_come(&watched);
            noted.note("said");
        });
        for _ in 0..2 {
            let noted = log.clone();
            runtime.spawn_detached(async move {
                noted.note("in the same round");
                turn().await;
                noted.note("woken before the loop has looked");
            });
        }
        hearing.await;
        let same = "in the same round";
        let next = "woken before the loop has looked";
        assert_eq!(log.take(), ["said", same, same, next, next, "heard"]);
    });
}
