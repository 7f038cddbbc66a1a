// ANCHOR: prepare
use conversation::{Conversation, RECEIVES_PER_TURN};
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;

/// A connection, and what is being said over it.
pub type Client = (TcpStream, Conversation);

/// Makes a connection non-blocking, and has it send short answers at once.
///
/// # Errors
///
/// When the connection is broken already (`setsockopt(2)`).
pub fn prepare(stream: &TcpStream) -> io::Result<()> {
    // Changes this one mode and no other (`ioctl(2)`, FIONBIO). Who uses `fcntl(2)` reads the
    // flags first, adds O_NONBLOCK and writes all of them: F_SETFL alone clears the others.
    stream.set_nonblocking(true)?;
    // Otherwise a short answer may wait in the kernel for the acknowledgement of the one
    // before it, which the client's kernel delays by up to 40 ms (Nagle's algorithm, RFC 896).
    stream.set_nodelay(true)
}
// ANCHOR_END: prepare

// ANCHOR: on_readable
/// Something may have come: receives into `buffer`, which is only lent, until there is no more, or
/// enough for one turn, or too much is unsent; and tries to send the answers at once.
///
/// # Panics
///
/// When `buffer` is empty: to receive nothing would look like the end of the stream.
pub fn on_readable(mut stream: &TcpStream, conversation: &mut Conversation, buffer: &mut [u8]) {
    assert!(!buffer.is_empty(), "there must be room to receive into");
    // Answers that wait already go first, when the kernel has room for them.
    let nothing_waits = !conversation.wants_write();
    for _ in 0..RECEIVES_PER_TURN {
        // ANCHOR: task-held-back
        if !conversation.wants_read() {
            break;
        }
        // ANCHOR_END: task-held-back
        match stream.read(buffer) {
            Ok(0) => {
                // ANCHOR: task-half-close
                conversation.finish();
                // ANCHOR_END: task-half-close
            }
            Ok(length) => {
                conversation.receive(&buffer[..length]);
                if length < buffer.len() {
                    break; // there was no more: to ask again would only tell so
                }
            }
            Err(error) if is_transient(&error) => break,
            Err(_) => conversation.abort(),
        }
    }
    if nothing_waits {
        on_writable(stream, conversation);
    }
}
// ANCHOR_END: on_readable

// ANCHOR: on_writable
/// The kernel may have room: hands it all that is unsent, in one `send(2)`.
pub fn on_writable(mut stream: &TcpStream, conversation: &mut Conversation) {
    if conversation.wants_write() {
        match stream.write(conversation.unsent()) {
            Ok(taken) => conversation.sent(taken),
            Err(error) if is_transient(&error) => {}
            Err(_) => conversation.abort(),
        }
    }
}

/// Did a call fail only because it would have had to sleep, or was interrupted by a signal? Then
/// nothing has happened, and a later one may succeed.
fn is_transient(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
// ANCHOR_END: on_writable
