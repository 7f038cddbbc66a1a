use crate::command_line::{HostPort, where_to_listen};
use nix::sys::socket::{Backlog, setsockopt, sockopt};
use std::io::{self, ErrorKind};
use std::net::TcpListener;

/// Where to listen: the option that every server has.
#[derive(Debug, clap::Args)]
pub struct Listen {
    /// Listen on this address; port 0 takes any free port
    #[arg(long = "listen", value_name = "HOST:PORT", default_value = super::DEFAULT_ADDRESS, value_parser = where_to_listen)]
    address: HostPort,
}

impl Listen {
    /// `HOST:PORT`, as it was given.
    pub fn address(&self) -> &HostPort {
        &self.address
    }

    /// Opens the listening socket.
    pub(super) fn open(&self) -> Result<TcpListener, String> {
        listen(&self.address).map_err(|error| explain(&self.address, &error))
    }
}

// ANCHOR: listen
fn listen(address: &HostPort) -> io::Result<TcpListener> {
    // `socket(2)`, `bind(2)` and `listen(2)`. Before `bind` the standard library sets SO_REUSEADDR:
    // otherwise a restarted server is refused its address for as long as the kernel remembers the
    // connections that the old one has closed (TIME_WAIT, a minute on Linux).
    let listener = TcpListener::bind(address)?;
    lengthen_backlog(&listener)?;
    set_what_connections_inherit(&listener)?;
    Ok(listener)
}
// ANCHOR_END: listen

// ANCHOR: backlog
/// Makes the queue of connections that wait to be accepted as long as the C library's SOMAXCONN
/// says: 4,096 on Linux, which is as much as its kernel allows unless told otherwise.
///
/// The standard library asks for 128 places. A burst of a thousand clients overflows them; the
/// clients' SYNs are dropped, and sent again only seconds later (`listen(2)`).
fn lengthen_backlog(listener: &TcpListener) -> io::Result<()> {
    nix::sys::socket::listen(listener, Backlog::MAXCONN)?;
    Ok(())
}
// ANCHOR_END: backlog

// ANCHOR: inherit
/// These two options are inherited by every connection that is accepted (`socket(7)`, `tcp(7)`).
fn set_what_connections_inherit(listener: &TcpListener) -> io::Result<()> {
    // A client whose machine has lost its power says no goodbye. The kernel asks after one that has
    // been silent for long, two hours unless told otherwise, and ends the connection if no answer
    // comes.
    setsockopt(listener, sockopt::KeepAlive, &true)?;
    // A byte sent as urgent data stays in its place among the others.
    setsockopt(listener, sockopt::OobInline, &true)?;
    Ok(())
}
// ANCHOR_END: inherit

/// What went wrong, the system's reason, and the way out where there is one.
fn explain(address: &HostPort, error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::AddrInUse => format!(
            "cannot listen on {address}: address in use \
             (another server may be running; try --listen 127.0.0.1:0)"
        ),
        ErrorKind::AddrNotAvailable => format!(
            "cannot listen on {address}: no such address on this machine \
             (try --listen 127.0.0.1:0)"
        ),
        ErrorKind::PermissionDenied => format!(
            "cannot listen on {address}: permission denied \
             (ports below 1024 need privileges; try --listen 127.0.0.1:0)"
        ),
        _ => format!("cannot listen on {address}: {error}"),
    }
}
