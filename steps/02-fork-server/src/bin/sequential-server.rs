//! `sequential-server [--listen ADDR]`: one client after the other.

use fork_server::{Connection, converse};
use shared::server;
use std::io;
use std::net::TcpListener;
use std::process::ExitCode;
use std::thread;

fn main() -> ExitCode {
    let about = "Answers every line with its ROT13: one client after the other";
    server::main("sequential-server", about, serve)
}

fn serve(listener: TcpListener) -> io::Result<()> {
    server::announce(listener.local_addr()?)?;
    loop {
        match listener.accept() {
            Ok((socket, _)) => {
                let connection = Connection::new(socket);
                // A client that breaks off costs its own connection and nothing else.
                let _ = converse(connection);
            }
            Err(error) if server::must_rest(&error) => thread::sleep(server::REST),
            Err(_) => {}
        }
    }
}
