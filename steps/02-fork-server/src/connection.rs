// ANCHOR: connection
use conversation::RECEIVE_SIZE;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;

/// A connection with one client: its socket, and the buffer that it receives into.
#[derive(Debug)]
pub struct Connection {
    socket: TcpStream,
    buffer: Box<[u8]>,
}

impl Connection {
    /// Takes over a connected socket.
    pub fn new(socket: TcpStream) -> Connection {
        // A connection of a non-blocking listener is non-blocking itself on the BSDs and macOS. Neither
        // call fails unless the connection is broken already: `receive` will say so.
        let _ = socket.set_nonblocking(false);
        // Otherwise a short answer may wait in the kernel for the acknowledgement of the one
        // before it, which the client's kernel delays by up to 40 ms (Nagle's algorithm, RFC 896).
        let _ = socket.set_nodelay(true);
        let buffer = vec![0; RECEIVE_SIZE].into_boxed_slice();
        Connection { socket, buffer }
    }
    // ANCHOR_END: connection

    // ANCHOR: verbs
    /// Sleeps until bytes have come, and lends them; `None` when the client has said all.
    ///
    /// # Errors
    ///
    /// Those of `recv(2)`, an interruption by a signal excepted.
    pub fn receive(&mut self) -> io::Result<Option<&[u8]>> {
        loop {
            match self.socket.read(&mut self.buffer) {
                Ok(0) => return Ok(None),
                Ok(length) => return Ok(Some(&self.buffer[..length])),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
        }
    }

    /// Sleeps until the kernel has taken all of `bytes`, however little it takes at a time.
    ///
    /// # Errors
    ///
    /// Those of `send(2)`, an interruption by a signal excepted.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.socket.write_all(bytes)
    }
}
// ANCHOR_END: verbs
