// ANCHOR: head
use crate::TcpStream;
use conversation::RECEIVE_SIZE;
use std::cell::Cell;
use std::io::{self, ErrorKind};

type Buffer = [u8; RECEIVE_SIZE];

thread_local! {
    /// The buffer that everybody receives into, while nobody has it.
    static BUFFER: Cell<Option<Box<Buffer>>> = const { Cell::new(None) };
}

/// A connection, and for as long as somebody looks at what has come, the buffer it came into.
///
/// Whatever is held while one waits is held once for each client. So the buffer is taken when bytes
/// have come, and given back before the next wait.
pub struct Connection {
    socket: TcpStream,
    buffer: Option<Box<Buffer>>,
}
// ANCHOR_END: head

// ANCHOR: new
impl Connection {
    /// Takes over a connected socket.
    pub fn new(socket: TcpStream) -> Connection {
        // Otherwise a short answer may wait in the kernel for the acknowledgement of the one
        // before it, which the client's kernel delays by up to 40 ms (Nagle's algorithm, RFC 896).
        // It fails only where the connection is broken already: `receive` will say so.
        let _ = socket.set_nodelay(true);
        Connection {
            socket,
            buffer: None,
        }
    }
    // ANCHOR_END: new

    // ANCHOR: receive
    /// Waits until bytes have come, and lends them; `None` when the client has said all.
    /// Cancelled, it loses nothing.
    ///
    /// # Errors
    ///
    /// Those of `recv(2)`, an interruption by a signal excepted; and those of `readable`: the
    /// kernel can watch no more (`epoll_ctl(2)`), or the runtime has ended.
    pub async fn receive(&mut self) -> io::Result<Option<&[u8]>> {
        loop {
            self.give_back();
            self.socket.readable().await?;
            let buffer = self.buffer.insert(borrow());
            match self.socket.try_read(buffer.as_mut_slice()) {
                Ok(0) => return Ok(None),
                // Lent anew: `buffer`, returned here, would count as lent in the other arms, too.
                Ok(length) => return Ok(self.buffer.as_ref().map(|it| &it[..length])),
                Err(error) if is_temporary(&error) => continue,
                Err(error) => return Err(error),
            }
        }
    }
    // ANCHOR_END: receive

    // ANCHOR: send
    /// Waits until the kernel has taken all of `bytes`, however little it takes at a time.
    /// Cancelled, it may have sent any part of them: the connection is good for nothing then but to
    /// be closed.
    ///
    /// # Errors
    ///
    /// Those of `send(2)`, an interruption by a signal excepted; and those of `writable`: the
    /// kernel can watch no more (`epoll_ctl(2)`), or the runtime has ended.
    pub async fn send(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        self.give_back();
        while !bytes.is_empty() {
            let taken = match self.socket.try_write(bytes) {
                Err(error) if is_temporary(&error) => 0,
                taken => taken?,
            };
            bytes = &bytes[taken..];
            if taken == 0 {
                self.socket.writable().await?;
            }
        }
        Ok(())
    }
    // ANCHOR_END: send

    // ANCHOR: buffer
    fn give_back(&mut self) {
        if let Some(buffer) = self.buffer.take() {
            BUFFER.set(Some(buffer));
        }
    }
}

fn borrow() -> Box<Buffer> {
    BUFFER.take().unwrap_or_else(|| Box::new([0; RECEIVE_SIZE]))
}

/// Is it worth another try: would the call have had to sleep, or has a signal interrupted it?
fn is_temporary(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
// ANCHOR_END: buffer
