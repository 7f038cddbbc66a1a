// ANCHOR: head
//! `thread-server [--listen ADDR]`: a thread for every connection.

use fork_server::{Connection, converse};
use shared::server;
use std::net::TcpListener;
use std::process::ExitCode;
use std::{io, thread};

const NAME: &str = "thread-server";

fn main() -> ExitCode {
    let about = "Answers every line with its ROT13: a thread for every connection";
    server::main(NAME, about, serve)
}
// ANCHOR_END: head

// ANCHOR: serve
fn serve(listener: TcpListener) -> io::Result<()> {
    let mut turned_away = server::Once::default();
    server::announce(listener.local_addr()?)?;
    loop {
        match listener.accept() {
            Ok((socket, _)) => {
                // Nobody joins this thread: what is left of it goes when it ends.
                let helper = thread::Builder::new().spawn(move || {
                    let _ = converse(Connection::new(socket));
                });
                if let Err(error) = helper {
                    turned_away.warn(
                        NAME,
                        &format!("clients are turned away: no thread: {error}"),
                    );
                }
            }
            Err(error) if server::must_rest(&error) => thread::sleep(server::REST),
            Err(_) => {}
        }
    }
}
// ANCHOR_END: serve
