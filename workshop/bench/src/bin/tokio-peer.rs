//! `tokio-peer [--listen ADDR]`: the ROT13 line protocol on tokio, as its guide would write it.
//!
//! One thread, a task for each client. A task that waits keeps its buffer: that is what an idle
//! client costs here. `write_all` holds back a client that does not read.

use conversation::LineCodec;
use shared::server;
use std::io;
use std::process::ExitCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const NAME: &str = "tokio-peer";
const RECEIVE_SIZE: usize = 8 * 1024;

fn main() -> ExitCode {
    let about = "Answers every line with its ROT13: tokio, one thread, a task for each client";
    server::main(NAME, about, serve)
}

fn serve(listener: std::net::TcpListener) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(accept(listener))
}

async fn accept(listener: std::net::TcpListener) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    server::announce(listener.local_addr()?)?;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // A client that resets costs only its own task.
                tokio::spawn(async { converse(stream).await.ok() });
            }
            Err(error) if server::must_rest(&error) => tokio::time::sleep(server::REST).await,
            Err(_) => {}
        }
    }
}

async fn converse(mut stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut codec = LineCodec::new();
    let mut buffer = vec![0; RECEIVE_SIZE];
    loop {
        match stream.read(&mut buffer).await? {
            0 => return stream.write_all(&codec.finish()).await,
            length => stream.write_all(&codec.feed(&buffer[..length])).await?,
        }
    }
}
