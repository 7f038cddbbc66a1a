//! One client and a server made of two queues: what it says, and what it finds wrong.

use super::{Client, Heard, Lines};
use crate::Trouble;
use std::io::{self, ErrorKind, Read, Write};
use std::time::{Duration, Instant};

/// A connection without a kernel: at most `room` bytes are taken, and at its end there is either
/// nothing yet, or nothing any more.
#[derive(Default)]
struct Wire {
    said: Vec<u8>,
    room: usize,
    answers: Vec<u8>,
    closed: bool,
}

impl Write for &mut Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.room);
        if taken == 0 {
            return Err(ErrorKind::WouldBlock.into());
        }
        self.room -= taken;
        self.said.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for &mut Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.answers.is_empty() && !self.closed {
            return Err(ErrorKind::WouldBlock.into());
        }
        let count = buffer.len().min(self.answers.len());
        buffer[..count].copy_from_slice(&self.answers[..count]);
        self.answers.drain(..count);
        Ok(count)
    }
}

const IN_FLIGHT: usize = 4;

fn lines() -> Lines {
    Lines::new(&"1x64x4".parse().expect("a load"), 42)
}

fn wire() -> Wire {
    Wire {
        room: usize::MAX,
        ..Wire::default()
    }
}

/// A client that has said `count` lines over `wire`, and what it is owed for them.
fn spoken<'a>(wire: &'a mut Wire, lines: &Lines, count: usize) -> (Client<&'a mut Wire>, Vec<u8>) {
    let mut client = Client::new(wire, 3, lines);
    client
        .say(lines, count, Instant::now())
        .expect("what does not fit only waits");
    let owed = grader::model::owed(&client.stream.said, false);
    (client, owed)
}

/// A client that has said its lines and gets what `spoil` makes of the right answer, `piece` bytes
/// a receive.
fn after(piece: usize, spoil: impl FnOnce(&mut Vec<u8>)) -> Result<Heard, Trouble> {
    let (lines, mut wire) = (lines(), wire());
    let (mut client, mut answers) = spoken(&mut wire, &lines, IN_FLIGHT);
    spoil(&mut answers);
    client.stream.answers = answers;
    let (mut all, mut buffer) = (Heard::default(), vec![0; piece]);
    loop {
        let heard = client.hear(&lines, &mut buffer, |latency| {
            assert!(latency < Duration::from_secs(60));
        })?;
        if heard == Heard::default() {
            return Ok(all);
        }
        all.bytes += heard.bytes;
        all.lines += heard.lines;
    }
}

#[test]
fn a_right_answer_is_counted_however_it_is_cut() {
    let (bytes, lines) = (IN_FLIGHT * 64, IN_FLIGHT);
    for piece in [1, 63, 64, 65, 200, 1024] {
        let heard = after(piece, |_| {}).expect("it is right");
        assert_eq!(heard, Heard { bytes, lines }, "{piece}");
    }
    let short = after(1024, |answer| answer.truncate(127)).expect("it is right so far");
    let expected = Heard {
        bytes: 127,
        lines: 1,
    };
    assert_eq!(short, expected);
}

#[test]
fn a_wrong_byte_is_found_wherever_it_stands() {
    for at in [0, 1, 63, 64, 200, IN_FLIGHT * 64 - 1] {
        for piece in [1, 100, 1024] {
            let trouble = after(piece, |answer| answer[at] ^= 0x80).expect_err("it is wrong");
            let Trouble::Wrong {
                connection,
                offset,
                expected,
                found,
            } = &trouble
            else {
                panic!("{trouble}")
            };
            assert_eq!((*connection, *offset), (3, at as u64), "{piece}");
            assert_eq!(found[0], expected[0] ^ 0x80);
        }
    }
}

#[test]
fn a_lost_byte_is_found() {
    for at in [0, 63, 100] {
        let trouble = after(1024, |answer| _ = answer.remove(at)).expect_err("one is missing");
        let Trouble::Wrong { offset, .. } = trouble else {
            panic!("{trouble}")
        };
        // Of equal bytes beside each other, only the last can be seen to be missing.
        assert!((at as u64..at as u64 + 4).contains(&offset), "{offset}");
    }
}

#[test]
fn a_byte_that_is_lost_at_the_end_is_waited_for_and_named() {
    let (lines, mut wire) = (lines(), wire());
    let (mut client, mut answers) = spoken(&mut wire, &lines, 1);
    answers.pop();
    client.stream.answers = answers;
    let heard = client.hear(&lines, &mut [0; 1024], |_| {});
    assert_eq!(heard.expect("right so far").lines, 0);
    let told = client.stalled(Duration::from_secs(10)).to_string();
    assert!(
        told.contains("connection 3 stands at offset 63, bytes still owed: 1"),
        "{told}"
    );
}

#[test]
fn an_extra_byte_is_found() {
    let trouble = after(1024, |answer| answer.push(b'\n')).expect_err("it is too much");
    let Trouble::TooMuch { offset, found, .. } = &trouble else {
        panic!("{trouble}")
    };
    let end = IN_FLIGHT as u64 * 64;
    assert_eq!((*offset, found.as_slice()), (end, &b"\n"[..]));
    let trouble = after(1024, |answer| answer.insert(64, b'\n')).expect_err("it is too much");
    assert!(
        matches!(trouble, Trouble::Wrong { offset: 64, .. }),
        "{trouble}"
    );
}

#[test]
fn an_end_before_the_last_answer_is_told_with_what_is_missing() {
    let (lines, mut wire) = (lines(), wire());
    wire.closed = true;
    let (mut client, _) = spoken(&mut wire, &lines, 1);
    let trouble = client.hear(&lines, &mut [0; 1024], |_| {});
    let told = trouble.expect_err("it is closed").to_string();
    assert!(told.contains("offset 0, bytes still owed: 64"), "{told}");
}

#[test]
fn what_the_kernel_does_not_take_is_sent_later() {
    let (lines, mut wire) = (lines(), wire());
    wire.room = 100;
    let (mut client, _) = spoken(&mut wire, &lines, IN_FLIGHT);
    assert_eq!(client.stream.said.len(), 100);
    client.stream.room = 10;
    client.send(&lines).expect("what does not fit only waits");
    assert_eq!(client.stream.said.len(), 110);
    client.stream.room = usize::MAX;
    client.send(&lines).expect("there is room");
    assert!(client.stream.said == lines.said(lines.start_of(3), IN_FLIGHT * 64));
}
