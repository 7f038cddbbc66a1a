//! Shows the book while it is being written: a web server that builds anew when a source changes.

mod folder;
mod guard;

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use axum::Router;
use axum::extract::ws::{Message, WebSocketUpgrade};
use axum::middleware;
use axum::routing::get;
use tokio::sync::{broadcast, oneshot};

use crate::site::{self, Built};
use crate::watch::{Sources, Stamp};

/// Where a page listens for the word to load again.
const RELOAD: &str = "__reload";

/// Builds the book in `root` into `out`, serves it on 127.0.0.1 until Ctrl-C, and shows it in the
/// reader's browser when `open` says so.
///
/// # Errors
///
/// When the port is taken or the server cannot run.
pub fn serve(root: &Path, out: &Path, port: u16, open: bool) -> Result<()> {
    // First of all: who asked for a taken port should not wait for a build to be told.
    let server = Server::bind(port)?;
    let address = server.address();
    let mut first = true;
    let told = move |built, took| {
        tell(built, took);
        if std::mem::take(&mut first) {
            println!("http://{address}/");
            if open {
                open_browser(address);
            }
        }
    };
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            // Without a handler of ours, Ctrl-C ends the process by itself.
            std::future::pending().await
        }
    };
    server.run(root, out, told, interrupted)
}

fn tell(built: Result<Built>, took: Duration) {
    match built {
        Ok(built) => {
            for fault in built.unread {
                eprintln!("{fault}");
            }
            println!("built in {:.1} s", took.as_secs_f32());
        }
        Err(error) => eprintln!("{error:#}; waiting for a change"),
    }
}

/// In a thread of its own: the program that opens an address may stay as long as the browser does.
fn open_browser(address: SocketAddr) {
    std::thread::spawn(move || {
        let address = format!("http://{address}/");
        if let Err(error) = open::that(&address) {
            eprintln!("cannot open a browser ({error}); open {address} yourself");
        }
    });
}

/// A listener on 127.0.0.1 that does not answer yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Takes the port; 0 means any free one.
    ///
    /// # Errors
    ///
    /// When the port is taken.
    pub fn bind(port: u16) -> Result<Server> {
        let listener = listen(port)?;
        let address = listener
            .local_addr()
            .context("cannot tell the own address")?;
        Ok(Server { listener, address })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Builds the book in `root` into `out`, answers, and builds again on every change of a source,
    /// until `stop` is over. `told` hears what came of each build and
    /// how long it took. A build that has begun is
    /// finished first, so that nothing half-written stays behind.
    ///
    /// A build that fails leaves the last good pages. `out` is the server's own: its pages look for
    /// a server to reload from, and so are not for handing on.
    ///
    /// # Errors
    ///
    /// When the server cannot run.
    pub fn run(
        self,
        root: &Path,
        out: &Path,
        told: impl FnMut(Result<Built>, Duration) + Send + 'static,
        stop: impl Future<Output = ()>,
    ) -> Result<()> {
        let address = self.address;
        let (reload, _) = broadcast::channel(1);
        let router = router(out, address.port(), reload.clone());
        let (first_build, first_built) = oneshot::channel();
        let (stopping, stopped) = mpsc::channel();
        let (alive, builder_gone) = oneshot::channel::<()>();

        let mut builder = Builder {
            root: root.to_path_buf(),
            out: out.to_path_buf(),
            told,
        };
        let builder = std::thread::spawn(move || {
            // Dropped on whatever way the thread ends.
            let _alive = alive;
            builder.build_for_ever(first_build, &reload, &stopped);
        });
        let served = runtime()?.block_on(async {
            let mut stop = pin!(stop);
            // Who connects before there are pages waits in the listener's queue.
            tokio::select! {
                () = &mut stop => return Ok(()),
                _ = first_built => {}
            }
            tokio::select! {
                () = stop => Ok(()),
                served = answer(self.listener, router) => served,
                _ = builder_gone => Ok(()),
            }
        });
        drop(stopping);
        builder
            .join()
            .map_err(|_| anyhow!("the build panicked; its message stands above"))?;
        served.with_context(|| format!("cannot serve on {address}"))
    }
}

fn listen(port: u16) -> Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| {
        let reason = match error.kind() {
            io::ErrorKind::AddrInUse => {
                "address in use (another server may be running; try --port 0 for any free port)"
                    .to_owned()
            }
            _ => error.to_string(),
        };
        anyhow!("cannot listen on 127.0.0.1:{port}: {reason}")
    })
}

struct Builder<T> {
    root: PathBuf,
    out: PathBuf,
    told: T,
}

impl<T: FnMut(Result<Built>, Duration)> Builder<T> {
    /// Until the other end of `stopped` is gone.
    fn build_for_ever(
        &mut self,
        first: oneshot::Sender<()>,
        reload: &broadcast::Sender<()>,
        stopped: &mpsc::Receiver<()>,
    ) {
        let sources = Sources::new(&self.root, &self.out);
        // Taken before the build, so that what changes during it is not missed.
        let mut seen = Stamp::take(&sources);
        self.build();
        // Nobody waiting means that we are to stop, and `stopped` will say so.
        let _ = first.send(());
        while let Some(stamp) = sources.changed_since(&seen, stopped) {
            seen = stamp;
            if self.build() {
                // Nobody listening is no error: no page may be open.
                let _ = reload.send(());
            }
        }
    }

    /// Whether there are new pages to show.
    fn build(&mut self) -> bool {
        let start = Instant::now();
        let built = site::build_live(&self.root, &self.out, RELOAD);
        let new_pages = built.is_ok();
        (self.told)(built, start.elapsed());
        new_pages
    }
}

fn router(out: &Path, port: u16, reload: broadcast::Sender<()>) -> Router {
    let on_reload = move |upgrade: WebSocketUpgrade| {
        let mut changes = reload.subscribe();
        async move {
            upgrade.on_upgrade(|mut socket| async move {
                if changes.recv().await.is_ok() {
                    // The page may have been closed meanwhile.
                    let _ = socket.send(Message::text("reload")).await;
                }
            })
        }
    };
    let guard = move |request, next| guard::only_from_here(port, request, next);
    Router::new()
        .route(&format!("/{RELOAD}"), get(on_reload))
        .fallback_service(folder::service(PathBuf::from(out)))
        .layer(middleware::from_fn(guard))
}

/// One thread is enough for one reader.
fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .context("cannot start the server's event loop")
}

async fn answer(listener: TcpListener, router: Router) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    axum::serve(listener, router).await
}
