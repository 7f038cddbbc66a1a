// ANCHOR: head
use memchr::memchr;
use socket2::Socket;
use std::io;
// ANCHOR_END: head

// ANCHOR: evbuffer
/// Bytes that stand in line, `struct evbuffer`: they are added at its end and taken out at its front.
///
/// It is a window that slides along a piece of memory: what it holds is always in one piece.
#[derive(Debug, Default)]
pub struct EvBuffer {
    memory: Vec<u8>,
    /// So many bytes at the front of the memory have been drained.
    start: usize,
    /// So many bytes after those are known to hold no newline.
    searched: usize,
}

impl EvBuffer {
    /// How many bytes it holds: `evbuffer_get_length`.
    #[inline]
    pub fn len(&self) -> usize {
        self.memory.len() - self.start
    }

    /// All that it holds: `evbuffer_peek`.
    #[inline]
    pub fn peek(&self) -> &[u8] {
        &self.memory[self.start..]
    }

    /// Adds bytes at the end: `evbuffer_add`.
    #[inline]
    pub fn add(&mut self, bytes: &[u8]) {
        self.expand(bytes.len());
        self.memory.extend_from_slice(bytes);
    }
    // ANCHOR_END: evbuffer

    // ANCHOR: more
    /// An empty buffer: `evbuffer_new`.
    pub fn new() -> EvBuffer {
        EvBuffer::default()
    }

    /// Does it hold nothing?
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All that it holds, to be changed in place: `evbuffer_pullup`, which may have to move it into
    /// one piece first.
    pub fn pullup(&mut self) -> &mut [u8] {
        self.searched = 0; // a byte may become a newline
        &mut self.memory[self.start..]
    }

    /// Moves bytes at the front into `to`, as many as there are or as it takes, and returns how many:
    /// `evbuffer_remove`.
    pub fn remove(&mut self, to: &mut [u8]) -> usize {
        let count = to.len().min(self.len());
        to[..count].copy_from_slice(&self.peek()[..count]);
        self.drain(count);
        count
    }
    // ANCHOR_END: more

    // ANCHOR: room
    /// Forgets `count` bytes at the front, or all if there are no more: `evbuffer_drain`.
    #[inline]
    pub fn drain(&mut self, count: usize) {
        if count < self.len() {
            self.start += count;
            self.searched = self.searched.saturating_sub(count);
        } else {
            *self = EvBuffer::new(); // gives the memory back
        }
    }

    /// Makes room for `more` bytes: `evbuffer_expand`.
    #[inline]
    pub fn expand(&mut self, more: usize) {
        if self.memory.capacity() - self.memory.len() < more {
            self.make_room(more);
        }
    }

    /// At the end of the memory, the window goes back to its beginning, unless more would have to be
    /// moved than has been drained: then there has to be more memory.
    #[cold]
    fn make_room(&mut self, more: usize) {
        if self.start >= self.len() {
            self.go_back();
        }
        self.memory.reserve(more);
    }

    fn go_back(&mut self) {
        self.memory.drain(..self.start);
        self.start = 0;
    }
}
// ANCHOR_END: room

// ANCHOR: line
/// What stands at the front of a buffer.
#[derive(Debug)]
pub enum Readln<'a> {
    /// A whole line, without its `\n`.
    Line(&'a [u8]),
    /// The beginning of a line, as long as a line may be, and its end has not come.
    TooLong(&'a [u8]),
    /// No line yet.
    NeedMore,
}
// ANCHOR_END: line

// ANCHOR: readln
impl EvBuffer {
    /// Takes the line at the front, of at most `max` bytes, its `\n` not counted: `evbuffer_readln`.
    /// What was searched in vain is not searched again when more has come.
    ///
    /// # Panics
    ///
    /// When `max` is 0: there would be lines that are too long without end.
    #[inline]
    pub fn readln(&mut self, max: usize) -> Readln<'_> {
        assert!(max > 0, "a line must be allowed to have a byte");
        let window = self.len().min(max.saturating_add(1));
        let searched = self.searched.min(window);
        if let Some(newline) = memchr(b'\n', &self.peek()[searched..window]) {
            let length = searched + newline;
            return Readln::Line(self.take(length, length + 1));
        }
        if window > max {
            return Readln::TooLong(self.take(max, max));
        }
        if self.is_empty() {
            *self = EvBuffer::new(); // gives back the memory of the lines that were taken
        }
        self.searched = window;
        Readln::NeedMore
    }

    /// Moves the window on by `count` bytes, and returns the first of them: they stay where they are
    /// until the buffer is used again.
    #[inline]
    fn take(&mut self, length: usize, count: usize) -> &[u8] {
        let front = self.start;
        self.start += count;
        self.searched = self.searched.saturating_sub(count);
        &self.memory[front..front + length]
    }
    // ANCHOR_END: readln

    // ANCHOR: read
    /// Receives at most `most` bytes in one call, straight to where they are going to stay; 0 is the
    /// end of the stream: `evbuffer_read`. After an error (`recv(2)`), nothing was added.
    ///
    /// # Panics
    ///
    /// When `most` is 0: to receive nothing would look like the end of the stream.
    #[expect(unsafe_code, reason = "memory that holds nothing yet is received into")]
    pub fn read(&mut self, from: &Socket, most: usize) -> io::Result<usize> {
        assert!(most > 0, "there must be room to receive into");
        let most = most.min(RECEIVE_SIZE);
        self.expand(most);
        let length = from.recv(&mut self.memory.spare_capacity_mut()[..most])?;
        // SAFETY: `recv` has written so many bytes after those that were there.
        unsafe { self.memory.set_len(self.memory.len() + length) };
        Ok(length)
    }
    // ANCHOR_END: read

    // ANCHOR: write
    /// Sends all that it holds in one call, drains what was taken, and returns how much that was:
    /// `evbuffer_write`. After an error (`send(2)`), nothing was drained.
    pub fn write(&mut self, to: &Socket) -> io::Result<usize> {
        let taken = to.send(self.peek())?;
        self.drain(taken);
        Ok(taken)
    }

    /// Gives back the memory into which nothing was received, if that is most of it: half a line
    /// must not keep room for a long one. For that, a short one that comes in small pieces is copied
    /// at every turn; ten thousand who stop in the middle of a line do not keep 16 KiB each.
    pub(crate) fn shrink(&mut self) {
        if self.is_empty() {
            *self = EvBuffer::new();
        } else if self.len() < self.memory.capacity() / 4 {
            self.go_back();
            self.memory.shrink_to_fit();
        }
    }
}

/// How much is received at once at most, in bytes: a client that sends much does not keep the others
/// waiting. It is the longest line with its newline. Libevent takes 4 KiB at a time.
pub const RECEIVE_SIZE: usize = 16 * 1024 + 1;
// ANCHOR_END: write
