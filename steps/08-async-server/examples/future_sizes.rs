//! `cargo run -q -p async-server --example future_sizes`: what a conversation keeps in memory while
//! its client is silent.

use async_server::{Runtime, Stream, TcpStream, converse};
use shared::LineCodec;
use std::{io, net};

/// The conversation of somebody who does not know that a variable of an `async` function lives in
/// its future.
async fn with_a_buffer_of_its_own(mut stream: TcpStream) -> io::Result<()> {
    let mut codec = LineCodec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        stream.readable().await?;
        let length = stream.try_read(&mut buffer)?;
        if length == 0 {
            return Ok(());
        }
        stream.try_write(&codec.feed(&buffer[..length]))?;
    }
}

fn main() -> io::Result<()> {
    Runtime::run(async |runtime| {
        let listener = net::TcpListener::bind("127.0.0.1:0")?;
        let connect = || {
            let stream = net::TcpStream::connect(listener.local_addr()?)?;
            TcpStream::new(&runtime, stream)
        };
        let mut stream = Stream::new(connect()?)?;
        println!("bytes in the future of");
        println!(
            "  stream.receive()          {:>7}",
            size_of_val(&stream.receive())
        );
        println!(
            "  stream.send(…)            {:>7}",
            size_of_val(&stream.send(b""))
        );
        println!(
            "  converse(stream)          {:>7}",
            size_of_val(&converse(stream))
        );
        let own = with_a_buffer_of_its_own(connect()?);
        println!("  with a buffer of its own  {:>7}", size_of_val(&own));
        Ok(())
    })?
}
