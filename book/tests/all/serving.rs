//! The book's own server at work.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::sync::oneshot;

/// A server in a thread; dropping it ends it.
pub(crate) struct Serving {
    pub(crate) address: SocketAddr,
    /// What came of each build: nothing, or the faults.
    builds: Mutex<Receiver<Result<(), String>>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<Result<()>>>,
}

impl Serving {
    pub(crate) fn start(root: &Path, out: &Path) -> Result<Serving> {
        Serving::allowing(&[], root, out)
    }

    /// One that answers to more names.
    pub(crate) fn allowing(names: &[&str], root: &Path, out: &Path) -> Result<Serving> {
        let allowed = names.iter().map(|name| name.parse());
        let allowed = allowed.collect::<Result<_, String>>();
        let allowed = allowed.map_err(anyhow::Error::msg)?;
        let server = book::serve::Server::bind(0)?.allow(allowed);
        let address = server.address();
        let (stop, stopped) = oneshot::channel::<()>();
        let (tell, builds) = channel();
        let told = move |built: Result<book::site::Built>, _took: Duration| {
            // Not everybody who starts a server listens.
            let _ = tell.send(built.map(drop).map_err(|error| format!("{error:#}")));
        };
        let (root, out) = (root.to_path_buf(), out.to_path_buf());
        let run = move || server.run(&root, &out, told, async { drop(stopped.await) });
        Ok(Serving {
            address,
            builds: Mutex::new(builds),
            stop: Some(stop),
            thread: Some(std::thread::spawn(run)),
        })
    }
}

impl Serving {
    /// What came of the next build.
    pub(crate) fn built(&self) -> Result<Result<(), String>> {
        let builds = self.builds.lock().unwrap_or_else(PoisonError::into_inner);
        let built = builds.recv_timeout(Duration::from_secs(60));
        built.context("no build has come to an end")
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(Err(error)) = self.thread.take().and_then(|thread| thread.join().ok()) {
            eprintln!("the server under test failed: {error:#}");
        }
    }
}
