//! What is waited for, but not for ever.

use crate::bell::Bell;
use crate::running::{run, turns, waits};
use crate::support::LONG;
use async_server::Elapsed;
use std::future::{pending, ready};
use std::pin::pin;
use std::time::Duration;

const SHORT: Duration = Duration::from_millis(20);

#[test]
fn a_value_that_comes_in_time_wins() {
    run(|runtime| async move {
        let bell = Bell::default();
        let wait = bell.wait();
        let ringing = runtime.spawn(async move {
            turns(3).await;
            bell.ring();
        });
        let value = async {
            wait.await;
            Box::new(1)
        };
        assert_eq!(runtime.timeout(LONG, value).await, Ok(Box::new(1)));
        ringing.await;
    });
}

#[test]
fn a_value_that_comes_when_the_time_has_passed_already_still_wins() {
    run(|runtime| async move {
        let bell = Bell::default();
        let wait = bell.wait();
        let mut waiting = pin!(runtime.timeout(SHORT, wait));
        assert!(
            crate::running::poll_once(waiting.as_mut())
                .await
                .is_pending()
        );
        runtime.sleep(SHORT * 2).await;
        bell.ring();
        assert_eq!(waiting.await, Ok(()));
    });
}

#[test]
fn time_outs_within_time_outs() {
    run(|runtime| async move {
        // The inner one passes first, then the outer one, whoever of them it is.
        let inner = runtime.timeout(SHORT, pending::<()>());
        assert_eq!(runtime.timeout(LONG, inner).await, Ok(Err(Elapsed)));
        let inner = runtime.timeout(LONG, pending::<()>());
        assert_eq!(runtime.timeout(SHORT, inner).await, Err(Elapsed));
        let inner = runtime.timeout(SHORT, ready(1));
        assert_eq!(runtime.timeout(SHORT, inner).await, Ok(Ok(1)));
    });
}

#[test]
fn a_time_out_beyond_all_clocks_is_none() {
    run(|runtime| async move {
        let waiting = runtime.timeout(Duration::MAX, pending::<()>());
        assert!(waits(pin!(waiting)).await);
        assert_eq!(runtime.timeout(Duration::MAX, ready(1)).await, Ok(1));
    });
}

#[test]
fn that_the_time_has_passed_is_an_error_like_others() {
    let error: Box<dyn std::error::Error + Send + Sync> = Box::new(Elapsed);
    assert_eq!(error.to_string(), "the time has passed");
    assert!(error.source().is_none());
    assert_eq!(error.downcast_ref(), Some(&Elapsed));
}
