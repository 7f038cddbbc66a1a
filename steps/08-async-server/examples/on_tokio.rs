// ANCHOR: head
//! `cargo run -q -p async-server --example on_tokio [-- --listen ADDR]`: this step's conversation,
//! not one byte of it changed, on the runtime that most people use.
#![expect(unreachable_pub, reason = "the two files are a library's")]

#[path = "../src/connection.rs"]
mod connection;
#[path = "../src/converse.rs"]
mod converse;

use connection::Connection;
use converse::converse;
use shared::server;
use std::process::ExitCode;
use std::{io, net};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::time::sleep;

const NAME: &str = "on_tokio";
// ANCHOR_END: head

// ANCHOR: main
fn main() -> ExitCode {
    let about = "Answers every line with its ROT13: one thread, on tokio";
    server::main(NAME, about, |listener| {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(serve(listener))
    })
}
// ANCHOR_END: main

// ANCHOR: serve
async fn serve(listener: net::TcpListener) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = TcpListener::from_std(listener)?;
    server::announce(listener.local_addr()?)?;
    loop {
        match listener.accept().await {
            Ok((socket, _)) => {
                // Nobody joins this task: what is left of it goes when it ends.
                tokio::spawn(converse(Connection::new(socket)));
            }
            Err(error) if server::must_rest(&error) => sleep(server::REST).await,
            Err(_) => {}
        }
    }
}
// ANCHOR_END: serve
