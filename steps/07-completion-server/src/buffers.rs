// ANCHOR: head
#![allow(unsafe_code, reason = "the kernel writes into this memory")]

#[cfg(test)]
mod tests;

use io_uring::types::BufRingEntry;
use nix::sys::mman::{MapFlags, ProtFlags, mmap_anonymous, munmap};
use std::cell::Cell;
use std::io;
use std::num::NonZeroUsize;
use std::ops::Deref;
use std::ptr::NonNull;
use std::rc::Rc;
use std::slice;
use std::sync::atomic::{AtomicU16, Ordering};

/// How many buffers there are for everything that is received, whoever sends it: a power of two.
pub const BUFFERS: u16 = 64;
/// How long each is, in bytes: what one receive can bring.
pub const BUFFER_SIZE: usize = conversation::RECEIVE_SIZE;

const RING_LENGTH: usize = BUFFERS as usize * size_of::<BufRingEntry>();
const LENGTH: usize = RING_LENGTH + BUFFERS as usize * BUFFER_SIZE;
// ANCHOR_END: head

// ANCHOR: buffers
/// Buffers that belong to the kernel until it has put something into one: it takes the one that has
/// been waiting longest, when bytes come. A client that is silent keeps none.
///
/// A ring of entries, each of which names a buffer, and after it the buffers themselves.
pub(crate) struct Buffers {
    memory: NonNull<u8>,
    /// How many have been given to the kernel so far, modulo 2^16.
    given: Cell<u16>,
}

impl Buffers {
    /// All of them can be given to the kernel.
    pub(crate) fn new() -> io::Result<Buffers> {
        const { assert!(BUFFERS.is_power_of_two()) };
        let length = NonZeroUsize::new(LENGTH).expect("there are some");
        let access = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        // SAFETY: a mapping of its own, where the kernel finds room. It begins with a page, as the
        // ring must.
        let memory = unsafe { mmap_anonymous(None, length, access, MapFlags::MAP_PRIVATE)? };
        let memory = memory.cast::<u8>();
        // SAFETY: it is so long. Written to, all of it is really there from the start: what clients
        // cost can then be told from what the server costs.
        unsafe { memory.write_bytes(0, LENGTH) };
        let buffers = Buffers {
            memory,
            given: Cell::new(0),
        };
        for index in 0..BUFFERS {
            buffers.give(index);
        }
        Ok(buffers)
    }
    // ANCHOR_END: buffers

    // ANCHOR: give
    /// Where the ring of entries begins.
    pub(crate) fn ring(&self) -> *mut BufRingEntry {
        self.memory.as_ptr().cast()
    }

    fn buffer(&self, index: u16) -> *mut u8 {
        assert!(index < BUFFERS, "there is no buffer {index}");
        // SAFETY: the mapping has room for the ring, and for every buffer after it.
        unsafe {
            let first = self.memory.as_ptr().add(RING_LENGTH);
            first.add(usize::from(index) * BUFFER_SIZE)
        }
    }

    /// From here on the kernel may write into this buffer.
    fn give(&self, index: u16) {
        let given = self.given.get();
        let address = self.buffer(index);
        // SAFETY: the entry lies within the ring. It is not the kernel's: no more than BUFFERS buffers
        // can be given at a time. The tail tells the kernel of it after it has been written.
        unsafe {
            let entry = &mut *self.ring().add(usize::from(given % BUFFERS));
            entry.set_addr(address as u64);
            entry.set_len(BUFFER_SIZE as u32);
            entry.set_bid(index);
            let tail = BufRingEntry::tail(self.ring()).cast::<AtomicU16>();
            self.given.set(given.wrapping_add(1));
            (*tail).store(self.given.get(), Ordering::Release);
        }
    }
    // ANCHOR_END: give

    // ANCHOR: filled
    /// The first `length` bytes of a buffer, which goes back to the kernel when they are dropped.
    ///
    /// # Safety
    ///
    /// The kernel has said that it has put so many bytes there. It has said so once.
    pub(crate) unsafe fn filled(self: &Rc<Self>, index: u16, length: usize) -> ProvidedBuffer {
        assert!(index < BUFFERS && length <= BUFFER_SIZE);
        ProvidedBuffer {
            buffers: Rc::clone(self),
            index,
            length,
        }
    }
}

impl Drop for Buffers {
    fn drop(&mut self) {
        // SAFETY: there is no `ProvidedBuffer`: it would hold this. The ring holds it until nothing
        // is in flight.
        let unmapped = unsafe { munmap(self.memory.cast(), LENGTH) };
        debug_assert_eq!(unmapped, Ok(()));
    }
}
// ANCHOR_END: filled

// ANCHOR: provided
/// What has been received, in a buffer of the kernel's. It gets it back when this is dropped.
pub struct ProvidedBuffer {
    buffers: Rc<Buffers>,
    index: u16,
    length: usize,
}

impl Deref for ProvidedBuffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: as `filled` was promised: so many bytes are there, and until this is dropped the
        // kernel leaves them alone.
        unsafe { slice::from_raw_parts(self.buffers.buffer(self.index), self.length) }
    }
}

impl Drop for ProvidedBuffer {
    fn drop(&mut self) {
        self.buffers.give(self.index);
    }
}
// ANCHOR_END: provided
