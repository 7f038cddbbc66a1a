//! Shows the book while it is being written: a web server that builds anew when a source changes.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, anyhow};
use axum::Router;
use axum::extract::ws::{Message, WebSocketUpgrade};
use axum::routing::get;
use tokio::sync::broadcast;
use tower_http::services::ServeDir;

use crate::site;
use crate::watch::{Stamp, wait_for_change};

/// Where a page listens for the word to load again.
const RELOAD: &str = "__reload";

/// Builds the book in `root`, serves it on 127.0.0.1 and never returns unless it cannot.
///
/// The pages go to `out-live`, for those in `out` may be handed on and must not look for a server
/// to reload from. A build that fails prints its faults and leaves the last good pages.
///
/// # Errors
///
/// When the port is taken or the server cannot run.
pub fn serve(root: &Path, port: u16) -> Result<()> {
    let out = root.join("out-live");
    // First of all: who asked for a taken port should not wait for a build to be told.
    let listener = listen(port)?;
    let address = listener
        .local_addr()
        .context("cannot tell the own address")?;
    let seen = Stamp::take(root);
    build(root, &out);
    println!("http://{address}/");

    let (reload, _) = broadcast::channel(1);
    let router = router(&out, reload.clone());
    let root = root.to_path_buf();
    std::thread::spawn(move || rebuild_for_ever(&root, &out, seen, &reload));
    run(listener, router).with_context(|| format!("cannot serve on {address}"))
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

/// Whether there are new pages to show.
fn build(root: &Path, out: &Path) -> bool {
    let start = Instant::now();
    match site::build_live(root, out, RELOAD) {
        Ok(()) => {
            println!("built in {:.1} s", start.elapsed().as_secs_f32());
            true
        }
        Err(error) => {
            eprintln!("{error:#}; waiting for a change");
            false
        }
    }
}

fn rebuild_for_ever(root: &Path, out: &Path, mut seen: Stamp, reload: &broadcast::Sender<()>) {
    loop {
        wait_for_change(root, &seen);
        // Taken before the build, so that what changes during it is not missed.
        seen = Stamp::take(root);
        if build(root, out) {
            // Nobody listening is no error: no page may be open.
            let _ = reload.send(());
        }
    }
}

fn router(out: &PathBuf, reload: broadcast::Sender<()>) -> Router {
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
    Router::new()
        .route(&format!("/{RELOAD}"), get(on_reload))
        .fallback_service(ServeDir::new(out))
}

fn run(listener: TcpListener, router: Router) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        axum::serve(listener, router).await
    })
}
