//! `cargo run -q -p async-server --example future_sizes`: what a conversation keeps in memory while
//! its client is silent.

use async_server::{Runtime, Stream, TcpStream, converse};
use shared::LineCodec;
use std::io::{self, Write};
use std::net;

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
            TcpStream::from_std(&runtime, stream)
        };
        let mut stream = Stream::new(connect()?)?;
        let receive = size_of_val(&stream.receive());
        let send = size_of_val(&stream.send(b""));
        let whole = size_of_val(&converse(stream));
        let own = size_of_val(&with_a_buffer_of_its_own(connect()?));
        let mut screen = io::stdout().lock();
        writeln!(screen, "bytes in the future of")?;
        writeln!(screen, "  stream.receive()          {receive:>7}")?;
        writeln!(screen, "  stream.send(…)            {send:>7}")?;
        writeln!(screen, "  converse(stream)          {whole:>7}")?;
        writeln!(screen, "  with a buffer of its own  {own:>7}")?;
        Ok(())
    })?
}
