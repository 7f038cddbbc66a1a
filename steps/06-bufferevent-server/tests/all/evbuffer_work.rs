//! How much a buffer does for what it is asked, which cannot be seen in its bytes.

use crate::support::base;
use bufferevent_server::{EvBuffer, Readln};

/// How many bytes are moved from where they stand, while so many times so much is taken out and so
/// much is added.
///
/// Draining moves the front of what is held and nothing else, and adding moves nothing; where the
/// front stands otherwise than that, everything was moved.
fn moved(buffer: &mut EvBuffer, times: usize, taken: usize, added: &[u8]) -> usize {
    let mut moved = 0;
    for _ in 0..times {
        buffer.drain(taken);
        let front = buffer.peek().as_ptr().addr();
        let length = buffer.len();
        buffer.add(added);
        if buffer.peek().as_ptr().addr() != front {
            moved += length;
        }
    }
    moved
}

#[test]
fn to_take_a_little_and_add_a_little_does_not_move_the_rest_each_time() {
    for (held, little) in [(100, 1), (10_000, 10), (16_384, 100), (100_000, 1_000)] {
        let mut buffer = EvBuffer::new();
        buffer.add(&vec![0; held]);
        let times = 20 * held / little;
        let moved = moved(&mut buffer, times, little, &vec![0; little]);
        assert_eq!(buffer.len(), held);
        // Whatever is moved was paid for by as much that was drained, but for a few times in which
        // there had to be more memory.
        let drained = times * little;
        assert!(moved <= drained + 10 * held, "{moved} bytes for {drained}");
        assert!(moved > 0, "its memory grows for ever");
    }
}

#[test]
fn what_grows_by_a_little_is_moved_now_and_then() {
    let mut buffer = EvBuffer::new();
    let moved = moved(&mut buffer, 100_000, 0, b"abcdefgh");
    assert!(moved <= 2 * buffer.len(), "{moved} bytes");
}

#[test]
fn what_is_said_beforehand_to_be_added_is_not_moved_meanwhile() {
    let mut buffer = EvBuffer::new();
    buffer.add(b"abc");
    buffer.expand(800_000);
    assert_eq!(moved(&mut buffer, 100_000, 0, b"abcdefgh"), 0);
}

/// Four million times a byte comes. To search all that there is each time would take minutes, and
/// the watchdog ends that; to search the new byte takes no time to speak of.
#[test]
fn what_was_searched_in_vain_is_not_searched_again() {
    const LENGTH: usize = 4 << 20;
    let _watchdog = base();
    for (max, added) in [(usize::MAX, LENGTH), (LENGTH / 2, LENGTH / 2)] {
        let mut buffer = EvBuffer::new();
        buffer.expand(LENGTH);
        for _ in 0..added {
            buffer.add(b"x");
            assert!(matches!(buffer.readln(max), Readln::NeedMore));
        }
        buffer.add(b"\n");
        assert!(matches!(buffer.readln(max), Readln::Line(line) if line.len() == added));
    }
}

/// The same where something is taken from the front each time, as by one who skips a prefix.
#[test]
fn what_is_left_was_searched_already() {
    const LENGTH: usize = 4 << 20;
    let _watchdog = base();
    let mut buffer = EvBuffer::new();
    buffer.add(&vec![b'x'; LENGTH]);
    for _ in 0..LENGTH / 4 {
        assert!(matches!(buffer.readln(usize::MAX), Readln::NeedMore));
        buffer.drain(1);
        buffer.add(b"x");
    }
    assert_eq!(buffer.len(), LENGTH);
}

/// The same where a line is at its end: what stands behind it is not to be searched with it.
#[test]
fn what_stands_behind_a_line_is_not_searched_for_it() {
    const LINES: usize = 1 << 20;
    let _watchdog = base();
    let mut buffer = EvBuffer::new();
    buffer.add(&b"\n".repeat(LINES));
    for _ in 0..LINES {
        assert!(matches!(buffer.readln(usize::MAX), Readln::Line(line) if line.is_empty()));
    }
    assert!(buffer.is_empty());
}
