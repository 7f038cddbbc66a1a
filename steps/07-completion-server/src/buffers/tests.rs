//! The kernel's part is played by the test, so that Miri can watch: what it says of pointers and of
//! memory, no kernel can.

use super::{BUFFERS, Buffers, ProvidedBuffer};
use io_uring::types::BufRingEntry;
use std::rc::Rc;
use std::sync::atomic::{AtomicU16, Ordering};

/// Takes the buffer that has been waiting longest, as the kernel does.
#[derive(Default)]
struct Kernel {
    taken: u16,
}

impl Kernel {
    fn receive(&mut self, buffers: &Rc<Buffers>, bytes: &[u8]) -> Option<ProvidedBuffer> {
        // SAFETY: the ring begins there, and its entries were written before its tail.
        let (tail, entry) = unsafe {
            let tail = BufRingEntry::tail(buffers.ring()).cast::<AtomicU16>();
            let entry = buffers.ring().add(usize::from(self.taken % BUFFERS));
            ((*tail).load(Ordering::Acquire), &*entry)
        };
        if tail == self.taken {
            return None;
        }
        assert!(bytes.len() <= entry.len() as usize);
        self.taken = self.taken.wrapping_add(1);
        // SAFETY: the buffer was given, and has room. It has been taken, and is filled once.
        unsafe {
            (entry.addr() as *mut u8).copy_from(bytes.as_ptr(), bytes.len());
            Some(buffers.filled(entry.bid(), bytes.len()))
        }
    }
}

fn buffers() -> (Rc<Buffers>, Kernel) {
    let buffers = Buffers::new().expect("there is memory");
    (Rc::new(buffers), Kernel::default())
}

#[test]
fn every_buffer_can_be_taken_once_and_none_is_another_one() {
    let (buffers, mut kernel) = buffers();
    let all: Vec<ProvidedBuffer> = (0..BUFFERS)
        .map(|number| kernel.receive(&buffers, &number.to_be_bytes()))
        .map(|filled| filled.expect("there is one more"))
        .collect();
    assert!(kernel.receive(&buffers, b"too much").is_none());
    for (number, filled) in (0..BUFFERS).zip(&all) {
        assert_eq!(**filled, number.to_be_bytes());
    }
}

/// More often than the tail can count.
#[test]
fn a_buffer_goes_round_for_ever() {
    let rounds = if cfg!(miri) { 200 } else { 70_000_u32 };
    let (buffers, mut kernel) = buffers();
    let held = kernel.receive(&buffers, b"held").expect("it is the first");
    for round in 0..rounds {
        let filled = kernel.receive(&buffers, &round.to_be_bytes());
        assert_eq!(
            *filled.expect("it has been given back"),
            round.to_be_bytes()
        );
    }
    assert_eq!(*held, *b"held");
}

#[test]
fn what_is_lent_outlives_the_last_who_had_the_buffers() {
    let (buffers, mut kernel) = buffers();
    let filled = kernel.receive(&buffers, b"Hello").expect("it is the first");
    drop(buffers);
    assert_eq!(*filled, *b"Hello");
}

#[test]
#[should_panic(expected = "index < BUFFERS")]
fn a_buffer_that_there_is_not_cannot_be_lent() {
    let (buffers, _) = buffers();
    // SAFETY: it does not come to that.
    let filled = unsafe { buffers.filled(BUFFERS, 1) };
    drop(filled);
}
