// ANCHOR: head
//! `async-server [--listen ADDR]`: one thread, and a task for every connection.

use async_server::{Connection, Runtime, TcpListener, converse};
use shared::server;
use std::process::ExitCode;
use std::{io, net};

const NAME: &str = "async-server";

fn main() -> ExitCode {
    let about = "Answers every line with its ROT13: one thread, and a task for every connection";
    server::main(NAME, about, |listener| {
        Runtime::run(|runtime| serve(runtime, listener))?
    })
}
// ANCHOR_END: head

// ANCHOR: serve
async fn serve(runtime: Runtime, listener: net::TcpListener) -> io::Result<()> {
    let address = listener.local_addr()?;
    let mut listener = TcpListener::from_std(&runtime, listener)?;
    server::announce(address)?;
    loop {
        match listener.accept().await {
            Ok((socket, _)) => {
                // Nobody joins this task: what is left of it goes when it ends.
                runtime.spawn_detached(converse(Connection::new(socket)));
            }
            Err(error) if server::must_rest(&error) => runtime.sleep(server::REST).await,
            Err(_) => {}
        }
    }
}
// ANCHOR_END: serve
