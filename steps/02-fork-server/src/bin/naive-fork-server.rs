//! `naive-fork-server [--listen ADDR]`: a process for every connection, as one writes it at first.

use fork_server::{Connection, converse};
use nix::unistd::{ForkResult, fork};
use shared::server;
use std::io;
use std::net::TcpListener;
use std::process::{ExitCode, exit};
use std::thread;

fn main() -> ExitCode {
    let about = "Answers every line with its ROT13: a process for every connection, naively";
    server::main("naive-fork-server", about, serve)
}

#[allow(unsafe_code)]
fn serve(listener: TcpListener) -> io::Result<()> {
    server::announce(listener.local_addr()?)?;
    loop {
        match listener.accept() {
            Ok((socket, _)) => {
                let connection = Connection::new(socket);
                // SAFETY: no other thread runs, whose lock could stay locked in the child for ever.
                match unsafe { fork() } {
                    Ok(ForkResult::Parent { .. }) | Err(_) => {}
                    Ok(ForkResult::Child) => {
                        let _ = converse(connection);
                        exit(0);
                    }
                }
            }
            Err(error) if server::must_rest(&error) => thread::sleep(server::REST),
            Err(_) => {}
        }
    }
}
