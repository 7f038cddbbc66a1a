/// The longest line that is answered in one piece, in bytes, the `\n` not counted.
///
/// A server must hold a line until its `\n` comes, and a client may never send one: without a
/// limit each connection could take all memory.
pub const MAX_LINE: usize = 16_384;

/// From this many unsent bytes on, nothing more is received from a client: it does not read, or not
/// fast enough, and memory must stay bounded. A whole turn of receiving brings no more than that, and
/// is sent at its end: a client that reads is not stopped by it.
pub const HIGH_WATER: usize = 64 * 1024;

/// Below this many unsent bytes, receiving goes on. Well below the other mark, so that a client that
/// reads a few bytes at a time does not stop and start the server with each of them; and not at
/// zero, so that there is still something to send while more is received.
pub const LOW_WATER: usize = 16 * 1024;

/// How much one `recv(2)` may bring, in bytes: large, so that a client that sends much costs few
/// system calls; yet small enough that a thousand buffers take only 16 MiB.
pub const RECEIVE_SIZE: usize = 16 * 1024;

/// How often one connection may receive before the others get their turn: a client that sends
/// faster than it can be answered would keep the server to itself otherwise.
pub const RECEIVES_PER_TURN: usize = 4;
