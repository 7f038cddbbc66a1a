//! `cargo run -q -p async-server --example future_sizes`: what a conversation keeps in memory while
//! its client is silent.

use async_server::{Connection, Runtime, TcpStream, converse};
use conversation::LineCodec;
use std::io::{self, Write};
use std::net;

// ANCHOR: own
/// The conversation of somebody who does not know that a variable of an `async` function lives in
/// its future. What `try_write` does not take is lost here: only the size is of interest.
async fn with_a_buffer_of_its_own(mut connection: TcpStream) -> io::Result<()> {
    let mut codec = LineCodec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        connection.readable().await?;
        let length = connection.try_read(&mut buffer)?;
        if length == 0 {
            return Ok(());
        }
        connection.try_write(&codec.feed(&buffer[..length]))?;
    }
}
// ANCHOR_END: own

fn main() -> io::Result<()> {
    Runtime::run(async |runtime| {
        let listener = net::TcpListener::bind("127.0.0.1:0")?;
        let connect = || {
            let connection = net::TcpStream::connect(listener.local_addr()?)?;
            TcpStream::from_std(&runtime, connection)
        };
        let mut connection = Connection::new(connect()?);
        let receive = size_of_val(&connection.receive());
        let send = size_of_val(&connection.send(b""));
        let whole = size_of_val(&converse(connection));
        let own = size_of_val(&with_a_buffer_of_its_own(connect()?));
        let mut screen = io::stdout().lock();
        writeln!(screen, "bytes in the future of")?;
        writeln!(screen, "  connection.receive()      {receive:>7}")?;
        writeln!(screen, "  connection.send(…)        {send:>7}")?;
        writeln!(screen, "  converse(connection)      {whole:>7}")?;
        writeln!(screen, "  with a buffer of its own  {own:>7}")?;
        Ok(())
    })?
}
