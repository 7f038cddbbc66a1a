//! Shows the book while it is being written: a web server that builds anew when a source changes.

mod folder;
mod guard;

pub use guard::Allowed;

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use axum::Router;
use axum::extract::ws::{Message, WebSocketUpgrade};
use axum::middleware;
use axum::routing::get;
use tokio::sync::{broadcast, oneshot};

use self::guard::Guard;
use crate::site::{self, Built};
use crate::sources;
use crate::surroundings::{self, complain, print};
use watcher::{How, Watcher};

/// Where a page listens for the word to load again.
const RELOAD: &str = "__reload";

/// Builds the book in `root` into `out`, serves it until it is asked to end, and shows it in the
/// reader's browser when `open` says so.
///
/// # Errors
///
/// When the pages cannot be written, or the server cannot run.
pub fn serve(server: Server, root: &Path, out: &Path, open: bool) -> Result<()> {
    let address = server.address();
    let (lost, loss) = oneshot::channel();
    let (mut first, mut lost) = (true, Some(lost));
    let told = move |built, took| {
        let mut told = tell(built, took);
        if std::mem::take(&mut first) {
            told = told.and_then(|()| print(&format!("http://{address}/")));
            if open {
                open_browser(address);
            }
        }
        if let Err(error) = told
            // Who has read the address needs no more.
            && !surroundings::nobody_reads(&error)
            && let Some(lost) = lost.take()
        {
            let _ = lost.send(error);
        }
    };
    let mut lost = None;
    let ended = async {
        tokio::select! {
            () = surroundings::end() => {}
            Ok(error) = loss => lost = Some(error),
        }
    };
    server.run(root, out, told, ended)?;
    lost.map_or(Ok(()), Err)
}

fn tell(built: Result<Built>, took: Duration) -> Result<()> {
    match built {
        Ok(built) => {
            for fault in built.unread {
                complain(&fault.to_string());
            }
            print(&format!("built in {:.1} s", took.as_secs_f32()))
        }
        // It was cut short, and there will be no change to wait for.
        Err(_) if surroundings::asked_to_end().is_some() => Ok(()),
        Err(error) => {
            complain(&format!("{error:#}; waiting for a change"));
            Ok(())
        }
    }
}

/// In a thread of its own: the program that opens an address may stay as long as the browser does.
fn open_browser(address: SocketAddr) {
    std::thread::spawn(move || {
        let address = format!("http://{address}/");
        if let Err(error) = open::that(&address) {
            complain(&format!(
                "cannot open a browser ({error}); open {address} yourself"
            ));
        }
    });
}

/// A listener on 127.0.0.1 that does not answer yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    allowed: Vec<Allowed>,
    how: How,
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
        Ok(Server {
            listener,
            address,
            allowed: Vec::new(),
            how: How::Events,
        })
    }

    /// Answers to these names as well, beside this machine's own.
    #[must_use]
    pub fn allow(self, allowed: Vec<Allowed>) -> Server {
        Server { allowed, ..self }
    }

    /// Hears of changes in this way.
    #[must_use]
    pub fn watch(self, how: How) -> Server {
        Server { how, ..self }
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
    /// When the server cannot run, or the pages cannot be put into `out`, which no change of a source
    /// would mend.
    pub fn run(
        self,
        root: &Path,
        out: &Path,
        told: impl FnMut(Result<Built>, Duration) + Send + 'static,
        stop: impl Future<Output = ()>,
    ) -> Result<()> {
        let address = self.address;
        site::can_be_built_into(root, out)?;
        let (reload, _) = broadcast::channel(1);
        let guard = Guard::new(address.port(), self.allowed);
        let router = router(out, guard, reload.clone());
        let (first_build, first_built) = oneshot::channel();
        let (tell, told_next) = mpsc::channel();
        let stopping = tell.clone();
        let how = self.how;
        let (alive, builder_gone) = oneshot::channel::<()>();

        let mut builder = Builder {
            root: root.to_path_buf(),
            out: out.to_path_buf(),
            told,
        };
        let builder = std::thread::spawn(move || {
            // Dropped on whatever way the thread ends.
            let _alive = alive;
            let watched = sources::of(&builder.root, &builder.out);
            let _watcher = Watcher::start(watched, how, move || {
                let _ = tell.send(Next::Build); // nobody may build any more
            });
            builder.build_for_ever(first_build, &reload, &told_next);
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
        let _ = stopping.send(Next::Stop); // the builder may have ended by itself
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

/// What the builder is to do.
enum Next {
    Build,
    Stop,
}

struct Builder<T> {
    root: PathBuf,
    out: PathBuf,
    told: T,
}

impl<T: FnMut(Result<Built>, Duration)> Builder<T> {
    /// Until it is told to stop. What changes during a build is told, and built after it.
    fn build_for_ever(
        &mut self,
        first: oneshot::Sender<()>,
        reload: &broadcast::Sender<()>,
        next: &mpsc::Receiver<Next>,
    ) {
        self.build();
        // Nobody waiting means that we are to stop, and `next` will say so.
        let _ = first.send(());
        while let Ok(Next::Build) = next.recv() {
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

fn router(out: &Path, guard: Guard, reload: broadcast::Sender<()>) -> Router {
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
    let guard = Arc::new(guard);
    let guard = move |request, next| guard::only_from_here(Arc::clone(&guard), request, next);
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
