//! Chapter 2: whoever talks with a client sleeps until that one has said something.

use crate::call::{Errno, Fd, Interest, LISTENER, SIGNALS};
use crate::process::Sys;
use conversation::LineCodec;

/// Step 02's `converse`, line by line.
async fn converse(sys: &Sys, fd: Fd) -> Result<(), Errno> {
    let mut codec = LineCodec::new();
    loop {
        let received = sys.recv("recv", fd, true).await?;
        if received.is_empty() {
            break;
        }
        send(sys, "send", fd, &codec.feed(&received)).await?;
    }
    send(sys, "last", fd, &codec.finish()).await
}

/// `write_all` of nothing makes no call.
async fn send(sys: &Sys, at: &'static str, fd: Fd, bytes: &[u8]) -> Result<(), Errno> {
    if !bytes.is_empty() {
        sys.send(at, fd, bytes, true).await?;
    }
    Ok(())
}

pub(super) async fn sequential(sys: Sys) {
    loop {
        if let Ok(fd) = sys.accept("accept", true).await {
            let _ = converse(&sys, fd).await;
            sys.close("close", fd).await;
        }
    }
}

pub(super) async fn fork(sys: Sys) {
    loop {
        while sys.reap("reap").await.is_some() {}
        let asked = vec![(SIGNALS, Interest::READ), (LISTENER, Interest::READ)];
        sys.poll("wait", asked).await;
        while sys.recv("wait", SIGNALS, false).await.is_ok() {}
        if let Ok(fd) = sys.accept("accept", false).await {
            sys.fork("fork", move |sys| {
                Box::pin(async move {
                    sys.close("child", LISTENER).await;
                    child(sys, fd).await;
                })
            })
            .await;
            sys.close("close", fd).await;
        }
    }
}

/// The parent goes on with its next client, and its copy of the connection stays open.
pub(super) async fn fork_forgets(sys: Sys) {
    loop {
        if let Ok(fd) = sys.accept("accept", true).await {
            sys.fork("fork", move |sys| Box::pin(child(sys, fd))).await;
        }
    }
}

async fn child(sys: Sys, fd: Fd) {
    let _ = converse(&sys, fd).await;
    sys.close("exit", fd).await;
    sys.exit("exit").await;
}

pub(super) async fn threads(sys: Sys) {
    loop {
        if let Ok(fd) = sys.accept("accept", true).await {
            sys.thread("spawn", move |sys| {
                Box::pin(async move {
                    let _ = converse(&sys, fd).await;
                    sys.close("converse", fd).await;
                    sys.exit("converse").await;
                })
            })
            .await;
        }
    }
}

/// How many threads the pool of the stage has.
const THREADS: usize = 2;

pub(super) async fn pool(sys: Sys) {
    for _ in 0..THREADS {
        sys.thread("spawn", |sys| {
            Box::pin(async move {
                loop {
                    let fd = sys.take("take").await;
                    let _ = converse(&sys, fd).await;
                    sys.close("drop", fd).await;
                }
            })
        })
        .await;
    }
    loop {
        if let Ok(fd) = sys.accept("accept", true).await {
            sys.put("put", fd).await;
        }
    }
}
